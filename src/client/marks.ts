/** Positions on their way to the server: only the newest of a chat counts, and it is kept while there is no connection. */
import { MessengerError, toMessengerError } from './errors.ts';
import type { Clock } from './platform.ts';

/** Arrivals within this time are told together. */
const gatherMs = 1_000;
/** After a refusal that is not for good and does not say when. */
const againMs = 1_000;

type MarkType = 'mark_read' | 'mark_delivered';

interface Mark {
  type: MarkType;
  chatId: string;
  wanted: number;
  done: number;
  isOnItsWay: boolean;
  stopTimer: (() => void) | undefined;
  waiters: { seq: number; resolve(): void; reject(error: MessengerError): void }[];
}

interface MarksOptions {
  clock: Clock;
  /** Sends now; rejects when there is no connection. */
  send(type: MarkType, chatId: string, seq: number): Promise<unknown>;
  /** The server has it. */
  onDone(type: MarkType, chatId: string, seq: number): void;
}

/** What one has read and received, as far as the server does not know it. */
export class Marks {
  readonly #options: MarksOptions;
  readonly #marks = new Map<string, Mark>();
  #online = false;
  #stopped: MessengerError | undefined;

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  /**
   * Tells a position at once, or as soon as there is a connection; resolves when the server has it. Errors: those of the
   * server; why there will be no connection any more.
   */
  mark(type: MarkType, chatId: string, seq: number): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const mark = this.#markOf(type, chatId);
    mark.wanted = Math.max(mark.wanted, seq);
    if (seq <= mark.done) return Promise.resolve();
    return new Promise((resolve, reject) => {
      mark.waiters.push({ seq, resolve, reject });
      this.#flush(mark);
    });
  }

  /** A message has arrived: told after a while, together with those that arrive meanwhile. */
  arrived(chatId: string, seq: number): void {
    if (this.#stopped) return;
    const mark = this.#markOf('mark_delivered', chatId);
    if (seq <= mark.wanted) return;
    mark.wanted = seq;
    mark.stopTimer ??= this.#options.clock.after(gatherMs, () => {
      mark.stopTimer = undefined;
      this.#flush(mark);
    });
  }

  connected(): void {
    this.#online = true;
    for (const mark of this.#marks.values()) this.#flush(mark);
  }

  disconnected(): void {
    this.#online = false;
  }

  /** The chat is gone. */
  forget(chatId: string): void {
    for (const [key, mark] of this.#marks) {
      if (mark.chatId !== chatId) continue;
      mark.stopTimer?.();
      this.#marks.delete(key);
      for (const { reject } of mark.waiters) reject(new MessengerError('no_chat', { retry: 'never' }));
    }
  }

  /** There will be no connection any more; who waits for one is told. */
  stop(error: MessengerError): void {
    this.#stopped = error;
    this.#online = false;
    for (const { stopTimer, waiters } of this.#marks.values()) {
      stopTimer?.();
      for (const { reject } of waiters) reject(error);
    }
    this.#marks.clear();
  }

  #markOf(type: MarkType, chatId: string): Mark {
    const key = `${type}:${chatId}`;
    const known = this.#marks.get(key);
    if (known) return known;
    const mark: Mark = { type, chatId, wanted: 0, done: 0, isOnItsWay: false, stopTimer: undefined, waiters: [] };
    this.#marks.set(key, mark);
    return mark;
  }

  #flush(mark: Mark): void {
    if (!this.#online || mark.isOnItsWay || mark.wanted <= mark.done) return;
    const seq = mark.wanted;
    mark.isOnItsWay = true;
    void this.#send(mark, seq);
  }

  async #send(mark: Mark, seq: number): Promise<void> {
    try {
      await this.#options.send(mark.type, mark.chatId, seq);
    } catch (error) {
      mark.isOnItsWay = false;
      return this.#refused(mark, seq, toMessengerError(error, 'bad_answer'));
    }
    mark.isOnItsWay = false;
    mark.done = Math.max(mark.done, seq);
    this.#options.onDone(mark.type, mark.chatId, seq);
    for (const { resolve } of this.#takeWaiters(mark, seq)) resolve();
    this.#flush(mark);
  }

  #takeWaiters(mark: Mark, seq: number): Mark['waiters'] {
    const taken = mark.waiters.filter((waiter) => waiter.seq <= seq);
    mark.waiters = mark.waiters.filter((waiter) => waiter.seq > seq);
    return taken;
  }

  #refused(mark: Mark, seq: number, error: MessengerError): void {
    if (!this.#online || error.code === 'connection_lost' || error.code === 'offline') return;
    if (error.retry === 'same') {
      mark.stopTimer ??= this.#options.clock.after(error.afterMs ?? againMs, () => {
        mark.stopTimer = undefined;
        this.#flush(mark);
      });
      return;
    }
    if (mark.wanted === seq) mark.wanted = mark.done;
    for (const { reject } of this.#takeWaiters(mark, seq)) reject(error);
    this.#flush(mark);
  }
}
