/** What `connect` gives: the parts, as whoever uses the SDK sees them. */
import type { Chat } from '../protocol/chats.ts';
import type { FullServerFrame, Person } from '../protocol/full.ts';
import { OneChat, type ChatParts } from './chat-handle.ts';
import { Core, type Settings } from './core.ts';
import { MessengerError } from './errors.ts';
import type { ChatHandle, HttpRequest, Limits, Messenger, MessengerEvents, OutboxView } from './types.ts';
import type { ConnectionState, StoreView } from './views.ts';

export class OneMessenger implements Messenger {
  readonly #core: Core;
  readonly #parts: ChatParts;
  readonly #chats = new Map<string, ChatHandle>();

  constructor(settings: Settings) {
    this.#core = new Core(settings);
    this.#parts = this.#createParts();
  }

  #createParts(): ChatParts {
    const core = this.#core;
    const { open } = core.catchUp;
    return {
      store: core.store,
      now: () => core.settings.clock.now(),
      request: (type, fields) => core.connector.request(type, fields),
      cast: (type, fields) => void core.now(type, fields).catch(() => undefined),
      send: (frame) => core.outbox.add(frame),
      mark: (type, chatId, seq) => core.marks.mark(type, chatId, seq),
      open: (chatId) => open.open(chatId),
      close: (chatId) => open.close(chatId),
      getChat: (chatId) => core.getChat(chatId),
      history: (chatId, place) => open.history(chatId, place),
      peek: (chatId, place) => open.peek(chatId, place),
    };
  }

  get state(): ConnectionState {
    return this.#core.state;
  }

  get store(): StoreView {
    return this.#core.store;
  }

  get outbox(): OutboxView {
    return this.#core.outbox;
  }

  get user(): Person | undefined {
    return this.#core.loggedIn?.user;
  }

  get sessionId(): string | undefined {
    return this.#core.loggedIn?.session_id;
  }

  get limits(): Limits | undefined {
    return this.#core.loggedIn?.limits;
  }

  ready(): Promise<void> {
    if (this.#core.state === 'online') return Promise.resolve();
    if (this.#core.stopped) return Promise.reject(this.#core.stopped);
    return new Promise((resolve, reject) => {
      const off = this.on('state', ({ state, error }) => {
        if (state !== 'online' && state !== 'stopped') return;
        off();
        if (state === 'online') resolve();
        else reject(error ?? new MessengerError('stopped'));
      });
    });
  }

  on<E extends keyof MessengerEvents>(event: E, listener: (value: MessengerEvents[E]) => void): () => void {
    return this.#core.emitter.on(event, listener);
  }

  chat(chatId: string): ChatHandle {
    const known = this.#chats.get(chatId);
    if (known) return known;
    const chat = new OneChat(chatId, this.#parts);
    this.#chats.set(chatId, chat);
    return chat;
  }

  async listChats(page: { before?: string; limit?: number } = {}): Promise<{ rows: Chat[]; next: string | null }> {
    const { rows, next } = await this.#core.connector.read('list_chats', page);
    return { rows, next };
  }

  async openDirect(userId: string): Promise<ChatHandle> {
    return this.#made(await this.#core.connector.request('open_direct', { user_id: userId }));
  }

  async createGroup(group: {
    name: string;
    userIds: readonly string[];
    history?: 'all' | 'since_joined';
  }): Promise<ChatHandle> {
    const { name, userIds, history } = group;
    return this.#made(
      await this.#core.connector.request('create_group', { name, user_ids: [...userIds], ...(history && { history }) }),
    );
  }

  async #made({ chat_id: chatId }: FullServerFrame<'opened'>): Promise<ChatHandle> {
    if (!this.#core.store.has(chatId)) await this.#core.getChat(chatId);
    return this.chat(chatId);
  }

  getUsers(userIds: readonly string[]): Promise<Person[]> {
    return this.#core.getUsers(userIds);
  }

  async watch(userIds: readonly string[]): Promise<void> {
    this.#core.watched = userIds;
    await this.#core.connector.request('watch', { user_ids: [...userIds] });
  }

  async request(request: HttpRequest): Promise<unknown> {
    const token = await this.#core.session.token();
    try {
      return await this.#core.http.send(request, token);
    } catch (error) {
      if (!(error instanceof MessengerError) || error.code !== 'not_authenticated') throw error;
      await this.#core.session.renew();
      return this.#core.http.send(request, await this.#core.session.token());
    }
  }

  wake(): void {
    this.#core.connector.wake();
  }

  logOut(): Promise<void> {
    return this.#core.logOut();
  }

  close(): Promise<void> {
    return this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
