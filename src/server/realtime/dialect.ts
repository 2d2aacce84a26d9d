import type { ProtocolError } from '../../protocol/errors.ts';
import type { ServerEvent } from './events.ts';

/** What a client asks for through a socket, whatever its dialect. */
export type Command =
  | { kind: 'log_in'; identifier: string; password: string }
  | { kind: 'send'; clientId: string; senderId: string; chatId: string; text: string; sentAt: string | null }
  | { kind: 'create_group'; name: string; userIds: string[] }
  | { kind: 'mark_read'; messageId: string };

/** What came of a command. */
export type Outcome =
  { kind: 'logged_in' } | { kind: 'sent'; clientId: string; id: string; seq: number } | { kind: 'done' };

/** What an error frame repeats, so that a client knows which of its frames is meant. */
export type Reference = Record<string, string>;

export type ParsedFrame = { command: Command; reference: Reference } | { error: ProtocolError; reference: Reference };

/** One way to speak on a socket: frames to commands, outcomes and events to frames. It holds no state of a socket. */
export interface Dialect {
  readonly name: string;
  /** A socket that has not logged in by then is closed. */
  readonly loginWithinMs: number;
  /** How a socket is told that the server goes away. */
  readonly drainCloseCode: number;
  parse(frame: string): ParsedFrame;
  /** The text of the reply, or undefined when the dialect has none for it. */
  encodeOutcome(outcome: Outcome): string | undefined;
  encodeError(error: ProtocolError, reference: Reference): string;
  /** The text for an event, or undefined when the dialect does not know such events. */
  encodeEvent(event: ServerEvent): string | undefined;
}
