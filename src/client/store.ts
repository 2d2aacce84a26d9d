/** What is known, and who wants to hear of it. Changed by the messenger alone; to everybody else it is a `StoreView`. */
import type { Chat, Role } from '../protocol/chats.ts';
import type { FullServerFrame, OwnState, Person, Position, Presence } from '../protocol/full.ts';
import type { Message } from '../protocol/message.ts';
import { ChatRecord } from './chat-record.ts';
import type { Clock } from './platform.ts';
import { Slices as Snapshots } from './slices.ts';
import type { ChatView, ConnectionState, MessagesView, PendingMessage, SliceKey, Slices, StoreView } from './views.ts';
import { MessageWindow } from './window.ts';

/** Somebody who said that they type does so for so long, unless they say it again. */
const typingMs = 6_000;
/** What is left of a chat's messages when the store has too many. */
const shrunkRows = 50;

interface StoreOptions {
  clock: Clock;
  perChat: number;
  total: number;
  onError: (error: unknown) => void;
}

const nobody: readonly never[] = [];

/** The keys of slices that are more than one, with what makes their snapshot. */
type Makers = Record<string, (id: string) => unknown>;

export class Store implements StoreView {
  readonly #options: StoreOptions;
  readonly #snapshots: Snapshots<StoreView>;
  readonly #chats = new Map<string, ChatRecord>();
  readonly #people = new Map<string, Person>();
  readonly #presence = new Map<string, Presence>();
  readonly #typing = new Map<string, Map<string, () => void>>();
  #connection: ConnectionState = 'connecting';
  #uses = 0;
  /** Whose view it is. */
  userId = '';
  /** What waits to be stored. */
  outbox: () => readonly PendingMessage[] = () => nobody;

  constructor(options: StoreOptions) {
    this.#options = options;
    const makers: Makers = {
      chats: () => this.#sortChats(),
      outbox: () => this.outbox(),
      connection: () => this.#connection,
      chat: (id) => this.#chats.get(id)?.view,
      messages: (id) => this.#messagesOf(id),
      positions: (id) => this.#chats.get(id)?.listPositions() ?? nobody,
      typing: (id) => [...(this.#typing.get(id)?.keys() ?? nobody)],
      person: (id) => this.#people.get(id),
      presence: (id) => this.#presence.get(id),
    };
    const make = (key: string): unknown => {
      const at = key.indexOf(':');
      return makers[at < 0 ? key : key.slice(0, at)]?.(key.slice(at + 1));
    };
    this.#snapshots = new Snapshots<StoreView>({ view: this, make, onError: options.onError });
  }

  // What everybody may.

  get<K extends SliceKey>(key: K): Slices[K] {
    return this.#snapshots.get(key) as Slices[K];
  }

  findMessage(chatId: string, seq: number): Message | undefined {
    return this.#chats.get(chatId)?.window?.find(seq);
  }

  progressOf({ chat_id: chatId, seq }: Pick<Message, 'chat_id' | 'seq'>): 'stored' | 'delivered' | 'read' {
    return this.#chats.get(chatId)?.progressOf(seq) ?? 'stored';
  }

  subscribe(key: SliceKey, listener: () => void): () => void;
  subscribe<T>(select: (store: StoreView) => T, listener: (value: T) => void): () => void;
  subscribe(what: string | ((store: StoreView) => unknown), listener: (value: unknown) => void): () => void {
    return typeof what === 'string'
      ? this.#snapshots.subscribe(what, () => listener(undefined))
      : this.#snapshots.select(what, listener);
  }

  // What the messenger does.

  /** Listeners hear of all that `change` does when it is done. */
  batch<T>(change: () => T): T {
    return this.#snapshots.batch(change);
  }

  has(chatId: string): boolean {
    return this.#chats.has(chatId);
  }

  get chatIds(): string[] {
    return [...this.#chats.keys()];
  }

  isOpen(chatId: string): boolean {
    return this.#chats.get(chatId)?.window !== undefined;
  }

  chat(chatId: string): ChatView | undefined {
    return this.get(`chat:${chatId}`);
  }

  /** A chat as it was read at its watermark or later. True: its own state has to be read again. */
  putChat(row: Chat): boolean {
    const known = this.#chats.get(row.id);
    if (!known) this.#chats.set(row.id, new ChatRecord(row, this.userId));
    const isUncertain = known?.replace(row) ?? false;
    for (const { id, name, username, avatar_small_url } of row.members)
      if (!this.#people.has(id))
        this.putPeople([{ id, name, username, avatar_url: null, avatar_small_url, deleted: false }]);
    this.#touchChat(row.id);
    return isUncertain;
  }

  removeChat(chatId: string): void {
    this.#chats.delete(chatId);
    for (const stop of this.#typing.get(chatId)?.values() ?? []) stop();
    this.#typing.delete(chatId);
    this.#touchChat(chatId, `messages:${chatId}`, `positions:${chatId}`, `typing:${chatId}`);
  }

  setVersion(chatId: string, version: number): void {
    const chat = this.#chats.get(chatId);
    if (!chat || chat.version === version) return;
    chat.version = version;
    this.#touchChat(chatId);
  }

  /** True: the chat's own state has to be read again. */
  putMessage(message: Message, isNew: boolean): boolean {
    const chat = this.#chats.get(message.chat_id);
    if (!chat) return false;
    const isUncertain = chat.putMessage(message, isNew);
    this.#touchChat(message.chat_id, `messages:${message.chat_id}`);
    if (isNew) this.#stopTyping(message.chat_id, message.sender_id);
    if (isNew && chat.window) this.#used(chat);
    return isUncertain;
  }

  /** True: the chat's own state has to be read again. */
  setOwn(own: OwnState): boolean {
    const isUncertain = this.#chats.get(own.chat_id)?.setOwn(own) ?? false;
    this.#touchChat(own.chat_id);
    return isUncertain;
  }

  /** One has read up to here, as far as that tells how much is unread. */
  setRead(chatId: string, seq: number): void {
    this.#chats.get(chatId)?.setRead(seq);
    this.#touchChat(chatId);
  }

  setRoles(chatId: string, members: readonly { user_id: string; role: Role | null }[]): void {
    for (const { user_id: userId, role } of members) this.#chats.get(chatId)?.setRole(userId, role);
    if (members.length === 0) return;
    this.#touchChat(chatId);
    this.#snapshots.touch(`positions:${chatId}`);
  }

  setGroup(chatId: string, group: NonNullable<FullServerFrame<'changes'>['group']>): void {
    this.#chats.get(chatId)?.setGroup(group);
    this.#touchChat(chatId);
  }

  putPositions(chatId: string, rows: readonly Position[]): void {
    if (rows.length === 0) return;
    this.#chats.get(chatId)?.putPositions(rows);
    this.#snapshots.touch(`positions:${chatId}`);
  }

  setSeen(chatId: string, seq: number): void {
    this.#chats.get(chatId)?.setSeen(seq);
    this.#touchChat(chatId);
  }

  setTyping(chatId: string, userId: string): void {
    this.#stopTyping(chatId, userId);
    const typing = this.#typing.get(chatId) ?? new Map<string, () => void>();
    typing.set(
      userId,
      this.#options.clock.after(typingMs, () => this.#stopTyping(chatId, userId)),
    );
    this.#typing.set(chatId, typing);
    this.#snapshots.touch(`typing:${chatId}`);
  }

  #stopTyping(chatId: string, userId: string): void {
    const typing = this.#typing.get(chatId);
    const stop = typing?.get(userId);
    if (!stop) return;
    stop();
    typing!.delete(userId);
    this.#snapshots.touch(`typing:${chatId}`);
  }

  putPeople(people: readonly Person[]): void {
    for (const person of people) {
      this.#people.set(person.id, person);
      this.#snapshots.touch(`person:${person.id}`);
    }
  }

  knowsPerson(userId: string): boolean {
    return this.#people.has(userId);
  }

  putPresence(rows: readonly Presence[]): void {
    for (const row of rows) {
      this.#presence.set(row.user_id, row);
      this.#snapshots.touch(`presence:${row.user_id}`);
    }
  }

  /** Something of this chat that waits to be stored has changed. */
  touchOutbox(chatId: string): void {
    this.#snapshots.touch('outbox', `messages:${chatId}`);
  }

  setConnection(state: ConnectionState): void {
    this.#connection = state;
    this.#snapshots.touch('connection');
  }

  /** From now on the chat's messages are kept, or not any more; a window that is opened again begins empty. */
  setOpen(chatId: string, open: boolean): MessageWindow | undefined {
    const chat = this.#chats.get(chatId);
    if (!chat) return undefined;
    chat.window = open ? new MessageWindow(this.#options.perChat) : undefined;
    this.#touchChat(chatId, `messages:${chatId}`);
    return chat.window;
  }

  windowOf(chatId: string): MessageWindow | undefined {
    return this.#chats.get(chatId)?.window;
  }

  /** Puts a page of history where it belongs; `keep`: what stays when there is too much. */
  addPage(page: FullServerFrame<'history'>, keep: 'newest' | 'oldest'): void {
    const chat = this.#chats.get(page.chat_id);
    if (!chat?.window) return;
    chat.window.addPage(page, keep);
    chat.takeLast();
    this.#touchChat(page.chat_id);
    this.#snapshots.touch(`messages:${page.chat_id}`);
    this.#used(chat);
  }

  /** Forgets everything but the outbox and the people. */
  clear(): void {
    for (const chatId of this.chatIds) this.removeChat(chatId);
    this.#presence.clear();
    this.#snapshots.touchAll();
  }

  /** Stops all timers. */
  close(): void {
    for (const typing of this.#typing.values()) for (const stop of typing.values()) stop();
    this.#typing.clear();
  }

  #touchChat(chatId: string, ...keys: string[]): void {
    this.#snapshots.touch('chats', `chat:${chatId}`, ...keys);
  }

  #sortChats(): ChatView[] {
    const views = this.chatIds.map((id) => this.chat(id)!);
    return views.sort((a, b) => (a.active_at < b.active_at ? 1 : a.active_at > b.active_at ? -1 : 0));
  }

  #messagesOf(chatId: string): MessagesView {
    const window = this.windowOf(chatId);
    const rows = window?.rows ?? [];
    const own = new Set(rows.filter((row) => row.sender_id === this.userId).map((row) => row.client_id));
    const pending = this.get('outbox').filter((one) => one.chat_id === chatId && !own.has(one.client_id));
    return { rows, pending, atStart: window?.atStart ?? false, atEnd: window?.atEnd ?? false };
  }

  /** Over all chats too many messages: those that were used longest ago shrink. */
  #used(chat: ChatRecord): void {
    chat.usedAt = ++this.#uses;
    const open = [...this.#chats.values()].filter((one) => one.window !== undefined);
    let total = open.reduce((sum, one) => sum + one.window!.rows.length, 0);
    if (total <= this.#options.total) return;
    for (const one of open.sort((a, b) => a.usedAt - b.usedAt)) {
      if (one === chat || total <= this.#options.total) break;
      const before = one.window!.rows.length;
      one.window!.shrinkTo(shrunkRows);
      total -= before - one.window!.rows.length;
      this.#snapshots.touch(`messages:${one.view.id}`);
    }
  }
}
