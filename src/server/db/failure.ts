import { ProtocolError } from '../../protocol/errors.ts';

/**
 * What a failed statement means for the call that made it.
 * - `again`: a lost race (unique key, deadlock); the same call may succeed at once.
 * - `wait`: the database or the road to it is gone, restarting or out of resources; whether the call took effect is unknown.
 * - `input`: a value that PostgreSQL refuses; the same call fails for ever.
 * - `bug`: anything else.
 */
export type Failure = 'again' | 'wait' | 'input' | 'bug';

const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'CONNECTION_DEADLINE',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** The SQLSTATE or system code of an error, also below Drizzle's wrapper. */
export function codeOf(error: unknown): string | undefined {
  for (let e = error; typeof e === 'object' && e !== null; e = 'cause' in e ? e.cause : undefined) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return undefined;
}

export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  if (code === undefined) return 'bug';
  if (code === '23505' || code === '40P01' || code === '40001') return 'again';
  if (connectionCodes.has(code)) return 'wait';
  // 08 connection, 53 resources, 57 operator intervention and statement timeout, 55P03 lock timeout, 25006 read-only standby
  if (/^(08|53|57)/.test(code) || code === '55P03' || code === '25006') return 'wait';
  if (/^(22|23)/.test(code)) return 'input';
  return 'bug';
}

/** What a client is told when the database could not be asked; undefined for any other failure. */
export const toUnavailable = (error: unknown): ProtocolError | undefined =>
  failureOf(error) === 'wait' ? new ProtocolError('unavailable', { afterMs: 1_000 }) : undefined;

/**
 * The row that a statement answers whatever happens. The driver was seen to answer none when the connection was terminated
 * at the wrong moment: an answer that got lost, as any other of a connection that broke.
 */
export function requireRow<T>(row: T | undefined): T {
  if (row !== undefined) return row;
  throw Object.assign(new Error('the connection broke before the answer'), { code: 'CONNECTION_CLOSED' });
}
