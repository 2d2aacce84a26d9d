/**
 * The chats that are kept with their messages. A chat that is opened reads its newest page first, and its watermark goes back to
 * where that page was read, so that no change of a message in it is missed.
 */
import type { Chat } from '../protocol/chats.ts';
import type { FullClientType } from '../protocol/full.ts';
import type { Feeds } from './feeds.ts';
import type { Fields } from './socket.ts';
import type { Store } from './store.ts';
import type { HistoryPage, HistoryPlace } from './types.ts';
import type { AnswerTo } from './wire.ts';

/** How often the members of a chat that changes all the time are read. */
const maxReadings = 3;

interface OpenChatsOptions {
  store: Store;
  feeds: Feeds;
  /** Asks what changes nothing, over as many connections as it takes. */
  read<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>>;
  takeRow(row: Chat): void;
  onPeople(userIds: readonly string[]): void;
  /** Another set of chats is open now. */
  onChange(): void;
}

interface Opening {
  /** On its way: whoever opens it meanwhile waits for the same. */
  going?: Promise<void> | undefined;
  /** Whoever opened it asks for its row: nothing was known of it. */
  asksRow: boolean;
}

export class OpenChats {
  readonly #options: OpenChatsOptions;
  /** By id, an object for each opening: one that was closed meanwhile ends no later one. */
  readonly #openings = new Map<string, Opening>();
  /** First pages on their way. */
  readonly #firstPages = new Map<string, Promise<void>>();

  constructor(options: OpenChatsOptions) {
    this.#options = options;
  }

  get ids(): readonly string[] {
    return [...this.#openings.keys()];
  }

  has(chatId: string): boolean {
    return this.#openings.has(chatId);
  }

  /** An earlier run had it open: its page comes with the next `reopenAll`. */
  add(chatId: string): void {
    this.#begin(chatId);
  }

  #begin(chatId: string): Opening {
    const opening = this.#openings.get(chatId) ?? { asksRow: false };
    this.#openings.set(chatId, opening);
    return opening;
  }

  /** One is no member any more, or wants no messages: a page on its way is for nobody. */
  remove(chatId: string): void {
    this.#openings.delete(chatId);
    this.#firstPages.delete(chatId);
  }

  /** Errors: those of reading; the chat is not open then. */
  open(chatId: string): Promise<void> {
    const opening = this.#begin(chatId);
    return (opening.going ??= this.#open(chatId, opening).finally(() => (opening.going = undefined)));
  }

  async #open(chatId: string, opening: Opening): Promise<void> {
    const { store, feeds, read, takeRow } = this.#options;
    try {
      if (!store.has(chatId)) {
        opening.asksRow = true;
        takeRow((await read('get_chat', { chat_id: chatId })).chat);
        opening.asksRow = false;
        if (this.#openings.get(chatId) !== opening) return;
      }
      await this.#reopen(chatId);
      // A list shows the first members only; a row that what came live has overtaken is not taken.
      for (let tries = 0; tries < maxReadings && store.chat(chatId)?.more_members; tries++)
        takeRow((await read('get_chat', { chat_id: chatId })).chat);
      await feeds.restOf(chatId);
    } catch (error) {
      if (this.#openings.get(chatId) === opening) this.close(chatId);
      throw error;
    }
  }

  close(chatId: string): void {
    this.remove(chatId);
    this.#options.store.setOpen(chatId, false);
    this.#options.onChange();
  }

  /** Reads the newest page of all that have none. */
  async reopenAll(): Promise<void> {
    await Promise.all(this.ids.map((chatId) => this.#reopenWhenThere(chatId)));
  }

  /** A chat whose row is still being read may turn out to be none of one's own. */
  async #reopenWhenThere(chatId: string): Promise<void> {
    const { store, feeds } = this.#options;
    if (!store.has(chatId) && this.#openings.get(chatId)?.asksRow) return;
    if (!store.has(chatId)) await feeds.restOf(chatId);
    if (!store.has(chatId)) this.remove(chatId);
    else if (this.has(chatId)) await this.#reopen(chatId);
  }

  #reopen(chatId: string): Promise<void> {
    const known = this.#firstPages.get(chatId);
    if (known) return known;
    if (this.#options.store.isOpen(chatId)) return Promise.resolve();
    const page = this.#readFirstPage(chatId).finally(() => {
      if (this.#firstPages.get(chatId) === page) this.#firstPages.delete(chatId);
    });
    this.#firstPages.set(chatId, page);
    return page;
  }

  async #readFirstPage(chatId: string): Promise<void> {
    const { store, feeds, read, onPeople, onChange } = this.#options;
    const window = store.setOpen(chatId, true);
    window?.beginReading();
    try {
      const page = await read('history', { chat_id: chatId, before: 'end' });
      if (store.windowOf(chatId) !== window) return;
      store.batch(() => {
        store.addPage(page, 'newest');
        onPeople(page.rows.map((row) => row.sender_id));
        feeds.input(chatId, { kind: 'rewound', version: page.version, seq: page.last_seq });
      });
      onChange();
    } catch (error) {
      if (store.windowOf(chatId) === window) store.setOpen(chatId, false);
      throw error;
    } finally {
      window?.endReading();
    }
  }

  /** A page that is only looked at. */
  async peek(chatId: string, place: HistoryPlace): Promise<HistoryPage> {
    const page = await this.#options.read('history', { chat_id: chatId, ...place });
    return { rows: page.rows, firstSeq: page.first_seq, lastSeq: page.last_seq };
  }

  async history(chatId: string, place: HistoryPlace): Promise<HistoryPage> {
    const { store, read, onPeople } = this.#options;
    const window = store.windowOf(chatId);
    window?.beginReading();
    try {
      const page = await read('history', { chat_id: chatId, ...place });
      const keep = 'before' in place && place.before !== 'end' ? 'oldest' : 'newest';
      if (window && store.windowOf(chatId) === window) store.addPage(page, keep);
      onPeople(page.rows.map((row) => row.sender_id));
      return { rows: page.rows, firstSeq: page.first_seq, lastSeq: page.last_seq };
    } finally {
      window?.endReading();
    }
  }
}
