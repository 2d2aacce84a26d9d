/** What `connect` takes and gives. What the server says keeps its own keys (`chat_id`, `seq`). */
import type { Chat, Role } from '../protocol/chats.ts';
import type {
  Draft,
  FullChangeFrame,
  FullServerFrame,
  OwnState,
  Person,
  Position,
  Presence,
} from '../protocol/full.ts';
import type { EarlierText, Mention, Message, Reading } from '../protocol/message.ts';
import type { MessengerError } from './errors.ts';
import type { Clock, FetchLike, Storage, WebSocketConstructor } from './platform.ts';
import type {
  Ack,
  ChatView,
  ConnectionState,
  Content,
  MessagesView,
  PendingMessage,
  Sending,
  StoreView,
} from './views.ts';

/** How one proves who one is. Tokens in the storage of an earlier run go before a password and before `refreshToken`. */
export type Auth =
  | { identifier: string; password: string }
  /** Cannot be renewed: when it has expired the session counts as ended. */
  | { accessToken: string }
  | { refreshToken: string }
  /** For pages of the server itself: the browser holds the tokens in HttpOnly cookies. */
  | { cookie: true }
  /** Only what the storage holds. */
  | { stored: true };

/** What `connect` takes. */
export interface ConnectOptions {
  /** Of the server, `http(s)://host[:port]`; a path goes before `/ws` and `/api/v1`. */
  url: string;
  auth: Auth;
  /** By default the one of the platform; Node 20 has none: give that of the package `ws`. */
  WebSocket?: WebSocketConstructor;
  fetch?: FetchLike;
  /** Where things survive a restart; by default they do not. */
  storage?: Storage;
  /**
   * Who one is, where that is known before the first login: what waits in the outbox is shown and kept from the start on.
   * When the server takes one for somebody else, then or at a later login, the session counts as ended.
   */
  userId?: string;
  /** What goes before the keys in the storage; `messenger` by default. */
  storagePrefix?: string;
  /** What nobody awaits: a storage that fails, a listener that throws, a frame that makes no sense. */
  onError?: (error: MessengerError) => void;
  /** For pauses, from 0 to 1; `Math.random` by default. */
  random?: () => number;
  clock?: Clock;
  /** Tell the server which messages have arrived; true by default. */
  markDelivered?: boolean;
  /** How long a request waits for a connection and then for its answer, in milliseconds each; 15,000 by default. */
  requestTimeoutMs?: number;
  /** Bounds of the store, in messages. */
  memory?: { perChat?: number; total?: number };
}

/** What the server said of itself at login. */
export type Limits = FullServerFrame<'ready'>['limits'];

/** A place in a chat's history; exactly one of the three. `end`: the newest. `limit`: 1 to 200, 50 by default. */
export type HistoryPlace = { limit?: number } & ({ before: number | 'end' } | { after: number } | { around: number });

/** A page of history. It has also been put into the store. */
export interface HistoryPage {
  readonly rows: readonly Message[];
  /** The first and the last message that one may see; 0 where there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** One chat, to act in. All that returns a promise rejects with a `MessengerError`. */
export interface ChatHandle {
  readonly id: string;
  /** What is known of it. */
  readonly view: ChatView | undefined;
  readonly messages: MessagesView;

  /**
   * Reads the newest page and keeps the chat with its messages up to date, over breaks and restarts, until `close`. Events
   * tell every message from then on once.
   */
  open(): Promise<void>;
  /** Messages are not kept any more. */
  close(): void;
  /** Reads the chat with all its members. */
  get(): Promise<Chat>;
  history(place: HistoryPlace): Promise<HistoryPage>;
  /** The same, but nothing is put into the store: what is held stays what it is. */
  peek(place: HistoryPlace): Promise<HistoryPage>;
  /** What a message said before, the oldest first. */
  listEdits(seq: number): Promise<EarlierText[]>;
  /**
   * Who has read a message and when, the first reader first: of the members who were there when it was said, but its
   * sender. Who joined later has it behind their read position without having been seen to read it.
   */
  listReads(seq: number): Promise<Reading[]>;
  /** The pinned messages, the newest pin first. */
  listPins(): Promise<Message[]>;

  /**
   * Hands a message over: it waits in the outbox, is sent as soon as there is a connection and again until it is
   * acknowledged, in the order of these calls.
   */
  send(content: string | Content): Sending;
  edit(seq: number, content: string | { text: string; mentions?: readonly Mention[] }): Promise<void>;
  /** For everybody; by its author or an admin. */
  delete(seq: number): Promise<void>;
  react(seq: number, emoji: string, on?: boolean): Promise<void>;
  pin(seq: number, on?: boolean): Promise<void>;

  /** Everything up to `seq`, by default the newest message that is known, has been read; kept while offline. */
  markRead(seq?: number): Promise<void>;
  /** The same for delivered; the SDK does it by itself. */
  markDelivered(seq?: number): Promise<void>;
  markUnread(on?: boolean): Promise<void>;
  /** Says that one types; at most once in three seconds goes out, nothing while offline. */
  typing(): void;
  /** Null: there is none any more. */
  setDraft(draft: string | Pick<Draft, 'text' | 'reply_to'> | null): Promise<void>;
  updateOwn(settings: Partial<OwnSettingsInput>): Promise<void>;

  updateGroup(fields: { name?: string; description?: string | null }): Promise<void>;
  deleteGroup(): Promise<void>;
  addMembers(userIds: readonly string[]): Promise<void>;
  removeMember(userId: string): Promise<void>;
  leave(): Promise<void>;
  setRole(userId: string, role: Role): Promise<void>;
}

/** What one may set for oneself in a chat. `mutedUntil`: an instant, `forever`, or null. */
export interface OwnSettingsInput {
  mutedUntil: OwnState['muted_until'];
  archived: boolean;
  pinned: boolean;
}

/** The messages that wait to be acknowledged. */
export interface OutboxView {
  /** Sends one that failed again, as the newest of its chat. */
  retry(clientId: string): void;
  /** Forgets one that is not acknowledged. If it is on its way it may be stored nevertheless. */
  drop(clientId: string): void;
  /**
   * Takes over what waits in the storage of another messenger of the same person, with the same prefix, that runs no more.
   * Does nothing as long as it is not known who one is. Rejects when that storage fails.
   */
  adopt(storage: Storage): Promise<void>;
}

/** What happens, by name. */
export interface MessengerEvents {
  state: { state: ConnectionState; /** When the next try is, from now. */ afterMs?: number; error?: MessengerError };
  /** A new message of an open chat, or a live one of any: each once, in the order of its chat. */
  message: { message: Message };
  message_changed: { message: Message };
  /** Every other change of a chat that came live: members, roles, the group. */
  change: { change: Exclude<FullChangeFrame, { type: 'message' | 'message_changed' | 'unseen_changed' }> };
  chat_added: { chatId: string };
  /** One is no member any more, or the chat is gone. */
  chat_removed: { chatId: string };
  positions: { chatId: string; rows: readonly Position[] };
  own: { own: OwnState };
  typing: { chatId: string; userId: string };
  presence: { rows: readonly Presence[] };
  /** An own message was stored. */
  sent: { ack: Ack };
  /** An own message was refused; it stays in the outbox until it is retried or dropped. */
  failed: { pending: PendingMessage; error: MessengerError };
  /** The messenger has stopped: one has to log in anew. */
  session_ended: { error: MessengerError };
  /** What is said on the wire, as text; tokens and passwords are left out. */
  frame: { direction: 'in' | 'out'; text: string };
}

/** A request over HTTP to the same server, as the same session. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/`: `/api/v1/users?q=alice`. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
}

/** One person's connection to a server, over any number of sockets. */
export interface Messenger extends AsyncDisposable {
  readonly state: ConnectionState;
  readonly store: StoreView;
  readonly outbox: OutboxView;
  /** Who one is; undefined before the first login. */
  readonly user: Person | undefined;
  readonly sessionId: string | undefined;
  readonly limits: Limits | undefined;

  /** Resolves when the store is up to date; rejects when the messenger stops before that. */
  ready(): Promise<void>;
  /** Calls at each event; the returned function ends it. */
  on<E extends keyof MessengerEvents>(event: E, listener: (value: MessengerEvents[E]) => void): () => void;

  chat(chatId: string): ChatHandle;
  /** A page of chats from the server, the newest activity first. The SDK reads all of them at the start. */
  listChats(page?: { before?: string; limit?: number }): Promise<{ rows: Chat[]; next: string | null }>;
  openDirect(userId: string): Promise<ChatHandle>;
  createGroup(group: {
    name: string;
    userIds: readonly string[];
    history?: 'all' | 'since_joined';
  }): Promise<ChatHandle>;
  /** Reads people into the store; those who are known are read again. */
  getUsers(userIds: readonly string[]): Promise<Person[]>;
  /** Whose presence one wants to hear of, instead of those before; kept over breaks. */
  watch(userIds: readonly string[]): Promise<void>;
  /**
   * Any endpoint of the REST interface; the answer's JSON, undefined where it has none. It may take as long as `fetch` lets it,
   * for some endpoints wait.
   */
  request(request: HttpRequest): Promise<unknown>;

  /** Try to connect now instead of at the end of the pause: the network is back, the page is visible again. */
  wake(): void;
  /** Ends the session on the server and forgets everything that was stored. */
  logOut(): Promise<void>;
  /** Closes the socket and lets go of everything; what waits in the outbox stays in the storage. */
  close(): Promise<void>;
}
