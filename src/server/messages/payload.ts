import { hash } from 'node:crypto';
import type { Mention } from '../../protocol/message.ts';

/** What a message may carry beside its text. */
export interface Beside {
  /** The seq of the message that it answers. */
  replyTo?: number | null | undefined;
  mentions?: readonly Mention[] | null | undefined;
  /** The message whose text it takes. */
  forward?: { chatId: string; seq: number } | null | undefined;
}

/**
 * What a retry under the same client_id has to repeat, as a signed 64-bit number: the text and what stands beside it, not
 * the time. Of a forward it is the place of its source, whatever that says by now.
 */
export function payloadHash(text: string | undefined, { replyTo, mentions, forward }: Beside = {}): bigint {
  const isPlain = text !== undefined && !replyTo && !mentions?.length && !forward;
  // No text has a NUL, so that none can be taken for this.
  const said = isPlain ? text : `\0${JSON.stringify([text, replyTo ?? null, toSpans(mentions), toPlace(forward)])}`;
  return Buffer.from(hash('sha256', said, 'hex').slice(0, 16), 'hex').readBigInt64BE();
}

const toSpans = (mentions: Beside['mentions']) =>
  (mentions ?? []).map(({ user_id, offset, length }) => [user_id, offset, length]);

const toPlace = (forward: Beside['forward']) => forward && [forward.chatId, forward.seq];
