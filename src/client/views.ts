/** What the store shows, and what is sent. */
import type { Chat, Role } from '../protocol/chats.ts';
import type { FullServerFrame, OwnState, Person, Position, Presence } from '../protocol/full.ts';
import type { Mention, Message } from '../protocol/message.ts';
import type { MessengerError } from './errors.ts';

/**
 * `connecting`: a socket is being opened; `catching_up`: it is open and what was missed is being read; `online`: the store
 * is up to date; `offline`: there is no connection, the next try is planned; `stopped`: there will be none.
 */
export type ConnectionState = 'connecting' | 'catching_up' | 'online' | 'offline' | 'stopped';

/** What `send` takes: a text or another message's. */
export interface Content {
  text?: string;
  /** The seq of the message that it answers. */
  replyTo?: number;
  /** Ascending, in code points of the text. */
  mentions?: readonly Mention[];
  /** A message to be told on, instead of a text. */
  forward?: { chatId: string; seq: number };
  /** What to call it, a UUID; one is made by default. What is sent twice under one is one message. */
  clientId?: string;
}

/** A message that the server has not acknowledged. `sent` is on its way, `queued` waits, `failed` needs a decision. */
export interface PendingMessage {
  readonly client_id: string;
  readonly chat_id: string;
  readonly text: string;
  readonly timestamp: string;
  readonly reply_to?: number;
  readonly mentions?: readonly Mention[];
  readonly forward?: { readonly chat_id: string; readonly seq: number };
  readonly status: 'queued' | 'sent' | 'failed';
  /** Why it failed. */
  readonly error?: { readonly code: MessengerError['code']; readonly message: string };
}

/** The server's word that a message is stored. */
export type Ack = Omit<FullServerFrame<'ack'>, 'type' | 'ref'>;

/** A message that was handed over to be sent. */
export interface Sending {
  readonly clientId: string;
  /** Resolves when it is stored; rejects when the server refused it or it was dropped. Nobody has to await it. */
  readonly stored: Promise<Ack>;
}

/** A membership as the store knows it. */
export interface MemberView {
  readonly user_id: string;
  readonly role: Role;
}

/** The newest message of a chat, as lists show it. */
export type LastMessage = Pick<Message, 'id' | 'seq' | 'sender_id' | 'text' | 'timestamp' | 'deleted_at'>;

/** A chat as it is known here. */
export interface ChatView extends Pick<
  Chat,
  | 'id'
  | 'type'
  | 'name'
  | 'description'
  | 'avatar_url'
  | 'avatar_small_url'
  | 'group_id'
  | 'creator_id'
  | 'history'
  | 'seen_seq'
  | 'active_at'
> {
  /** Up to this version everything is known: the contiguous watermark. */
  readonly version: number;
  /** As the server said it, with what came since counted in. */
  readonly own: OwnState;
  /** In the order in which they were told; perhaps not all. */
  readonly members: readonly MemberView[];
  /** There are members who are not listed: `chat(id).get()` reads them. */
  readonly more_members: boolean;
  readonly last_message: LastMessage | null;
  /** It is kept up to date with its messages. */
  readonly open: boolean;
}

/** The messages of a chat that are held: a run without a hole. */
export interface MessagesView {
  /** Ascending by seq. */
  readonly rows: readonly Message[];
  /** Own messages that are not stored yet, in the order of sending. */
  readonly pending: readonly PendingMessage[];
  /** There is nothing before the first row. */
  readonly atStart: boolean;
  /** There is nothing after the last row. */
  readonly atEnd: boolean;
}

/** What can be looked at and waited for, by key. Ids are of chats, but for `person:` and `presence:`. */
export interface Slices {
  chats: readonly ChatView[];
  outbox: readonly PendingMessage[];
  connection: ConnectionState;
  [chat: `chat:${string}`]: ChatView | undefined;
  [messages: `messages:${string}`]: MessagesView;
  [positions: `positions:${string}`]: readonly Position[];
  [typing: `typing:${string}`]: readonly string[];
  [person: `person:${string}`]: Person | undefined;
  [presence: `presence:${string}`]: Presence | undefined;
}
export type SliceKey = keyof Slices;

/**
 * What is known, to be looked at. What `get` answers never changes, and is the same object until there is something new: fit
 * for `useSyncExternalStore(listener => store.subscribe(key, listener), () => store.get(key))`.
 */
export interface StoreView {
  get<K extends SliceKey>(key: K): Slices[K];
  /** The message if it is held. */
  findMessage(chatId: string, seq: number): Message | undefined;
  /** How far a stored own message has got: `stored`, `delivered` to all others, or `read` by all others. */
  progressOf(message: Pick<Message, 'chat_id' | 'seq'>): 'stored' | 'delivered' | 'read';
  /** Calls after each change of the slice; the returned function ends it. */
  subscribe(key: SliceKey, listener: () => void): () => void;
  /** Calls with what `select` finds whenever that is another value (`Object.is`). */
  subscribe<T>(select: (store: StoreView) => T, listener: (value: T) => void): () => void;
}
