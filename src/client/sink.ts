/** What comes out of the chats' machines goes into the store, and is told to whoever listens. */
import type { OwnState } from '../protocol/full.ts';
import type { Message } from '../protocol/message.ts';
import { applyChange, applyPage } from './changes.ts';
import type { Emitter } from './emitter.ts';
import type { Change, ChangesPage, FeedSink } from './feeds.ts';
import type { Store } from './store.ts';
import type { MessengerEvents } from './types.ts';
import { keyOf } from './window.ts';

interface SinkOptions {
  store: Store;
  emitter: Emitter<MessengerEvents>;
  /** A message of somebody else is here. */
  onArrived(chatId: string, seq: number): void;
  /** An own message was seen in its chat. */
  onOwnMessage(message: Message): void;
  /** People of whom perhaps only the id is known. */
  onPeople(userIds: readonly string[]): void;
  /** What is not versioned has to be read again. */
  onRefresh(chatId: string): void;
  onOwn(own: OwnState): void;
  onGone(chatId: string): void;
  onApplied(chatId: string): void;
}

export class Sink implements FeedSink {
  readonly #options: SinkOptions;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  change(change: Change, told: number): void {
    const { store, onPeople, onRefresh, onApplied } = this.#options;
    const isUncertain = applyChange(store, change);
    if (change.version > told) this.#tellChange(change);
    if ('user_ids' in change) onPeople(change.user_ids);
    if (isUncertain) onRefresh(change.chat_id);
    onApplied(change.chat_id);
  }

  /** A kind that is not known, or may not be seen, only moves the watermark. */
  #tellChange(change: Change): void {
    const { emitter } = this.#options;
    if (change.type === 'message') this.#tellMessage(change.message, true);
    else if (change.type === 'message_changed') this.#tellMessage(change.message, false);
    else if (change.type !== 'unknown_change' && change.type !== 'unseen_changed') emitter.emit('change', { change });
  }

  page(page: ChangesPage, news: { above: number | undefined; afterSeq: number; told: number }): void {
    const { store, onPeople, onOwn, onApplied } = this.#options;
    for (const { message, isNew } of applyPage(store, page, news))
      // Of one that was told before the watermark went back, only what became of it is news.
      if (keyOf(message) > news.told) this.#tellMessage(message, isNew && message.version > news.told);
    onPeople(page.members.map((member) => member.user_id));
    onOwn(page.own);
    onApplied(page.chat_id);
  }

  #tellMessage(message: Message, isNew: boolean): void {
    const { store, emitter, onArrived, onOwnMessage, onPeople } = this.#options;
    if (!isNew) return emitter.emit('message_changed', { message });
    if (message.sender_id === store.userId) onOwnMessage(message);
    else onArrived(message.chat_id, message.seq);
    onPeople([message.sender_id]);
    emitter.emit('message', { message });
  }

  version(chatId: string, version: number): void {
    this.#options.store.setVersion(chatId, version);
  }

  gone(chatId: string): void {
    this.#options.onGone(chatId);
  }
}
