/**
 * How a chat stands for oneself between two `own` states of the server: new messages are counted on, deleted and edited ones
 * that were counted are corrected. Where that cannot be told, the state has to be read again.
 */
import type { OwnState } from '../protocol/full.ts';
import type { Message } from '../protocol/message.ts';
import { keyOf } from './window.ts';

interface Counted {
  unread: number;
  mentions: number;
}

/** More messages than this after an `own` state are not kept one by one: the state is read again. */
const maxLater = 1_000;

/** A chat's row counts own messages as read, so its `read_seq` is compared with care. */
type Source = 'row' | 'own';

/** Whether `next` was read before `known`: each of these numbers only grows while one is a member. */
const isOlder = (next: OwnState, known: OwnState, knownBy: Source): boolean =>
  next.version < known.version ||
  next.last_seq < known.last_seq ||
  next.delivered_seq < known.delivered_seq ||
  (knownBy === 'own' && next.read_seq < known.read_seq);

export class OwnCount {
  #base: OwnState;
  #source: Source = 'row';
  readonly #userId: string;
  /** Of messages after the base, by seq. */
  #later = new Map<number, Counted>();
  /** Of messages that the base counts, since then. */
  #correction: Counted = { unread: 0, mentions: 0 };
  #correctedAt = 0;
  #lastSeq: number;

  constructor(base: OwnState, userId: string) {
    this.#base = base;
    this.#userId = userId;
    this.#lastSeq = base.last_seq;
  }

  /** As it is now. */
  get current(): OwnState {
    let { unread_count: unread, unread_mentions: mentions } = this.#base;
    unread += this.#correction.unread;
    mentions += this.#correction.mentions;
    for (const one of this.#later.values()) {
      unread += one.unread;
      mentions += one.mentions;
    }
    return {
      ...this.#base,
      last_seq: this.#lastSeq,
      unread_count: Math.max(0, unread),
      unread_mentions: Math.max(0, mentions),
    };
  }

  /** What the server says. True: it was read before a change that is known here, and has to be read again. */
  set(next: OwnState, source: Source): boolean {
    if (isOlder(next, this.#base, this.#source)) return false;
    this.#base = next;
    this.#source = source;
    this.#lastSeq = Math.max(this.#lastSeq, next.last_seq);
    for (const seq of this.#later.keys()) if (seq <= Math.max(next.last_seq, next.read_seq)) this.#later.delete(seq);
    this.#correction = { unread: 0, mentions: 0 };
    return next.version < this.#correctedAt;
  }

  /** One has read up to here. Short of the end the server has to say what is left. */
  read(seq: number): void {
    if (seq < this.#lastSeq) return;
    const { read_seq: readSeq, delivered_seq: deliveredSeq } = this.#base;
    this.#base = {
      ...this.#base,
      read_seq: Math.max(readSeq, seq),
      delivered_seq: Math.max(deliveredSeq, seq),
      unread_count: 0,
      unread_mentions: 0,
      marked_unread: false,
    };
    this.#later.clear();
    this.#correction = { unread: 0, mentions: 0 };
  }

  #count(message: Message): Counted {
    const counts = message.sender_id !== this.#userId && message.deleted_at === undefined;
    const mentions = counts && (message.mentions ?? []).some((mention) => mention.user_id === this.#userId);
    return { unread: counts ? 1 : 0, mentions: mentions ? 1 : 0 };
  }

  /** A new message. True: the state has to be read again. */
  add(message: Message): boolean {
    if (message.seq <= this.#base.last_seq) return false;
    this.#lastSeq = Math.max(this.#lastSeq, message.seq);
    if (message.seq <= this.#base.read_seq) return false;
    this.#later.set(message.seq, this.#count(message));
    return this.#later.size > maxLater;
  }

  /** A changed message, and how it was before where that is known. True: the state has to be read again. */
  change(message: Message, before: Message | undefined): boolean {
    if (message.sender_id === this.#userId || message.seq <= this.#base.read_seq) return false;
    if (message.seq > this.#base.last_seq) {
      this.#later.set(message.seq, this.#count(message));
      return false;
    }
    const key = keyOf(message);
    if (this.#base.version >= key) return false;
    this.#correctedAt = Math.max(this.#correctedAt, key);
    if (before === undefined || keyOf(before) >= key) return true;
    const [was, is] = [this.#count(before), this.#count(message)];
    this.#correction.unread += is.unread - was.unread;
    this.#correction.mentions += is.mentions - was.mentions;
    return false;
  }
}
