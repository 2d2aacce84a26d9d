/** The SDK's store, with what the last visit saw behind it until the SDK knows better. */
import type { ChatView, Message, MessagesView, Messenger, SliceKey, Slices, StoreView } from '../../client/index.ts';
import { emptyMemory, maxOpened, type Memory } from './memory.ts';

/** Nothing was read of this chat yet. */
const isUnread = ({ rows, atEnd }: MessagesView): boolean => rows.length === 0 && !atEnd;

/** Looks like the store of the messenger to whoever reads it. */
export class RememberingStore implements StoreView {
  readonly #messenger: Messenger;
  #memory: Memory = emptyMemory;
  /** The messages that the last visit saw, of chats that were not read since. */
  #seen = new Map<string, MessagesView>();
  /** Chats whose messages are wanted. */
  readonly #wanted = new Set<string>();
  /** The messenger has been up to date: all chats are known. */
  #isCurrent = false;
  readonly #listeners = new Set<() => void>();
  /** The messages of chats as they were last looked at, those that were looked at last at the end. */
  readonly shown = new Map<string, MessagesView>();
  /** Called when other messages are shown. */
  onShown: () => void = () => undefined;
  /** What was put together of both, by what the SDK had: the same object until that changes. */
  readonly #joined = new Map<SliceKey, { live: unknown; value: unknown }>();

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /** What the last visit saw. */
  remember(memory: Memory): void {
    this.#memory = memory;
    this.#seen = new Map(memory.messages);
    this.#changed();
  }

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** All chats are known: what the SDK does not have is not there, but for the messages that are being read just now. */
  becomeCurrent(): void {
    if (this.#isCurrent) return;
    this.#isCurrent = true;
    this.#changed();
  }

  #changed(): void {
    this.#joined.clear();
    if (this.#isCurrent) for (const id of this.#seen.keys()) if (!this.#wanted.has(id)) this.#seen.delete(id);
    for (const listener of this.#listeners) listener();
  }

  get<K extends SliceKey>(key: K): Slices[K] {
    const live = this.#messenger.store.get(key);
    const known = this.#joined.get(key);
    if (known && Object.is(known.live, live)) return known.value as Slices[K];
    const value = this.#join(key, live);
    if (Object.is(value, live)) this.#joined.delete(key);
    else this.#joined.set(key, { live, value });
    return value as Slices[K];
  }

  #join(key: SliceKey, live: unknown): unknown {
    if (key === 'chats') return this.#isCurrent ? live : this.#joinChats(live as readonly ChatView[]);
    const id = key.slice(key.indexOf(':') + 1);
    if (key.startsWith('chat:')) return live ?? this.#findChat(id);
    if (key.startsWith('person:')) return live ?? this.#memory.people.get(id);
    return key.startsWith('messages:') ? this.#joinMessages(id, live as MessagesView) : live;
  }

  #findChat(chatId: string): ChatView | undefined {
    return this.#isCurrent ? undefined : this.#memory.chats.find(({ id }) => id === chatId);
  }

  #joinChats(live: readonly ChatView[]): readonly ChatView[] {
    const ids = new Set(live.map(({ id }) => id));
    const others = this.#memory.chats.filter(({ id }) => !ids.has(id));
    if (others.length === 0) return live;
    return [...live, ...others].sort((a, b) => (a.active_at < b.active_at ? 1 : a.active_at > b.active_at ? -1 : 0));
  }

  #joinMessages(chatId: string, live: MessagesView): MessagesView {
    this.#wanted.add(chatId);
    if (!isUnread(live)) {
      this.#seen.delete(chatId);
      this.#show(chatId, live);
      return live;
    }
    const seen = this.get(`chat:${chatId}`) && this.#seen.get(chatId);
    return seen ? { ...seen, pending: live.pending } : live;
  }

  #show(chatId: string, view: MessagesView): void {
    const isNew = this.shown.get(chatId) !== view;
    this.shown.delete(chatId);
    this.shown.set(chatId, view);
    if (isNew) this.onShown();
    const [oldest] = this.shown.keys();
    if (this.shown.size > maxOpened) this.shown.delete(oldest!);
  }

  findMessage(chatId: string, seq: number): Message | undefined {
    const live = this.#messenger.store.findMessage(chatId, seq);
    return live ?? this.get(`messages:${chatId}`).rows.find((row) => row.seq === seq);
  }

  progressOf(message: Pick<Message, 'chat_id' | 'seq'>): 'stored' | 'delivered' | 'read' {
    const live = this.#messenger.store.progressOf(message);
    return live === 'stored' && message.seq <= (this.#findChat(message.chat_id)?.seen_seq ?? 0) ? 'read' : live;
  }

  subscribe(key: SliceKey, listener: () => void): () => void;
  subscribe<T>(select: (store: StoreView) => T, listener: (value: T) => void): () => void;
  subscribe(what: SliceKey | ((store: StoreView) => unknown), listener: (value: unknown) => void): () => void {
    const { store } = this.#messenger;
    if (typeof what !== 'string') {
      let known = what(this);
      const look = (): void => {
        const value = what(this);
        if (Object.is(value, known)) return;
        known = value;
        listener(value);
      };
      return this.#listen(
        look,
        store.subscribe(() => what(this), look),
      );
    }
    const call = (): void => listener(undefined);
    return this.#listen(call, store.subscribe(what, call));
  }

  #listen(listener: () => void, off: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      off();
    };
  }
}
