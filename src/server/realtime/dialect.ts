import type { ProtocolError } from '../../protocol/errors.ts';
import type { Mention } from '../../protocol/message.ts';
import type { ChatContext, ServerEvent, StoredMessage } from './events.ts';

/** What a message is sent with, whatever the way to its chat. */
export interface Draft {
  text: string;
  /** The sender's idempotency key; absent: one is made when the message is accepted. */
  clientId?: string;
  /** The text that `clientId` was made of, where the client's keys are no UUIDs. */
  clientKey?: string | undefined;
  /** The seq of the message it answers. */
  replyTo?: number | undefined;
  mentions?: Mention[] | undefined;
  /** The message whose text it tells on; `text` is empty then. */
  forward?: { chatId: string; seq: number } | undefined;
  /** The client_id of the sender's message without which this one is not stored. */
  after?: string | undefined;
}

/** How the other one of a direct chat is named. */
export type Recipient = { id: string } | { username: string } | { email: string };

/** How a client says who it is; a password begins a session that lives and dies with the socket. */
export type Login = { identifier: string; password: string } | { token: string };

/** Who asks: a person by one of their sessions, through a socket. */
export interface Asker {
  userId: string;
  sessionId: string;
  connection: object;
}

/** What a client asks for through a socket, whatever its dialect. */
export type Command =
  | { kind: 'log_in'; login: Login }
  /**
   * What only one dialect knows: it is carried out by `answer`, which gives the text of the reply. `isTold`: others are told
   * what it changes.
   */
  | { kind: 'ask'; answer(asker: Asker): Promise<string>; isTold?: boolean }
  | { kind: 'ping' }
  /** `senderId`: whom the client takes itself for, where its frames say so. */
  | ({ kind: 'send'; chatId: string; senderId?: string; sentAt: string | null } & Draft)
  /** To one person, in the direct chat, which is opened when there is none. */
  | ({ kind: 'send_to'; to: Recipient } & Draft)
  | { kind: 'create_group'; name: string; userIds: string[] }
  | { kind: 'mark_read'; messageId: string; chatId?: string }
  | { kind: 'join_chat'; chatId: string }
  | { kind: 'leave_chat'; chatId: string }
  | { kind: 'type'; chatId: string }
  | { kind: 'say_in_lobby'; text: string };

/** Commands that others are told of: they count against the person's rate of sends. */
export const isSending = (command: Command): boolean =>
  command.kind === 'send' ||
  command.kind === 'send_to' ||
  command.kind === 'say_in_lobby' ||
  (command.kind === 'ask' && command.isTold === true);

/** What came of a command. */
export type Outcome =
  /** `greeting`: what the dialect read for it. */
  | { kind: 'logged_in'; userId: string; greeting?: string | undefined }
  /** `duplicate`: it had been stored by an earlier frame under the same key. */
  | { kind: 'sent'; clientId: string; message: StoredMessage; version: number; duplicate: boolean }
  | { kind: 'answered'; text: string }
  | { kind: 'pong' }
  /** A login was answered by its greeting. */
  | { kind: 'greeted' }
  | { kind: 'joined'; chatId: string }
  | { kind: 'left'; chatId: string }
  | { kind: 'done' };

/** What a reply repeats, so that a client knows which of its frames is meant. */
export type Reference = Record<string, string | number>;

/** Chats and the versions up to which a socket was left out of what happened in them. */
export type Missed = ReadonlyMap<string, number>;

export type ParsedFrame = { command: Command; reference: Reference } | { error: ProtocolError; reference: Reference };

/** How a socket is turned away: what is said, and the code and reason it is closed with. */
export interface Refusal {
  text?: string | undefined;
  code: number;
  reason: string;
}

/**
 * One way to speak on a socket, shared by all its sockets: what they hear is encoded once for all of them. What one socket
 * says, and what it wants to hear, is its `Talk`.
 */
export interface Dialect {
  readonly name: string;
  /** A socket that has not logged in by then is closed. */
  readonly loginWithinMs: number;
  /** How a socket is told that the server goes away. */
  readonly drainCloseCode: number;
  /** The socket a message came through hears it like all others, instead of an ack. */
  readonly echoes: boolean;
  /** Its events name people, so names must be known before an event is told. */
  readonly needsNames: boolean;
  /** Its sockets are told what their person keeps of each chat, and who of those they watch is there. */
  readonly hearsOwnStates?: boolean;
  /** The text for an event, or undefined when the dialect does not know such events. */
  encodeEvent(event: ServerEvent, chat: ChatContext): string | undefined;
  /**
   * What is said to a socket that read too slowly, when it has read what it was sent: up to where it must catch up by
   * itself. Absent: its sockets are never left out, only cut off.
   */
  encodeLag?(missed: Missed): string;
  /** What is said before the close when the server goes away; absent: nothing. */
  encodeClosing?(afterMs: number): string;
}

/** One socket's side of a dialect. It may remember what the socket asked for, such as the chats it joined. */
export interface Talk {
  parse(frame: string): ParsedFrame;
  /** The text of the reply, or undefined when the dialect has none for it. */
  encodeOutcome(outcome: Outcome, reference: Reference): string | undefined;
  /** Reads what is told of the person at a login: after their chats are heard of, before this socket hears. */
  readGreeting?(who: { userId: string; sessionId: string }): Promise<string>;
  /** The text of the reply to a frame that failed. */
  encodeError(error: ProtocolError, reference: Reference): string | undefined;
  /** What is said before a message to somebody who has no socket open; absent: that is not looked at. */
  encodeAway?(to: Recipient): string;
  /** What is said to a socket whose handshake proves nobody who may be here. */
  encodeRefusal(error: ProtocolError): Refusal;
  /** Which of the dialect's events are for this socket; absent: all. */
  wants?(event: ServerEvent, chat: ChatContext): boolean;
}
