/** One message that waits in the outbox. */
import type { FullClientInput } from '../protocol/full.ts';
import type { MessengerError } from './errors.ts';
import type { PendingMessage } from './views.ts';

export type SendFrame = Omit<FullClientInput<'send'>, 'type' | 'ref'>;
/** A message to be sent, as it goes on the wire but for `after`. */
export type Outgoing = Omit<SendFrame, 'after' | 'timestamp'> & { timestamp: string };

export interface Item {
  readonly frame: Outgoing;
  status: PendingMessage['status'];
  error?: PendingMessage['error'];
  /** It is in the storage. */
  saved: boolean;
  /** Refusals in a row that were not for good. */
  tries: number;
}

/** The connection failed or the login did, not the message. */
export const ofTheConnection = new Set<MessengerError['code']>([
  'offline',
  'connection_lost',
  'stopped',
  'not_authenticated',
  'session_revoked',
]);

export const toPending = ({ frame, status, error }: Item): PendingMessage => ({
  client_id: frame.client_id,
  chat_id: frame.chat_id,
  text: frame.text ?? '',
  timestamp: frame.timestamp,
  status,
  ...(frame.reply_to != null && { reply_to: frame.reply_to }),
  ...(frame.mentions != null && { mentions: frame.mentions }),
  ...(frame.forward != null && { forward: frame.forward }),
  ...(error !== undefined && { error }),
});
