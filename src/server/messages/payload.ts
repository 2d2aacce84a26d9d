import { hash } from 'node:crypto';

/** What a retry under the same client_id has to repeat, as a signed 64-bit number: the text, not the time. */
export const payloadHash = (text: string): bigint =>
  Buffer.from(hash('sha256', text, 'hex').slice(0, 16), 'hex').readBigInt64BE();
