/**
 * Requests that wait for the next change of a chat.
 *
 * Promise: who waits misses nothing that this process publishes or is hinted at, for what happens while one looks makes one
 * look again; a hint that gets lost delays by `lookEveryMs` at most.
 */
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

const lookEveryMs = 2_000;

export interface ChangeWait {
  chatId: string;
  userId: string;
  maxMs: number;
  /** Ends it early: nobody is there any more to be answered. */
  signal: AbortSignal;
}

export class ChangeWaits {
  readonly #sleepers = new Map<string, Set<Sleeper>>();
  readonly #perPerson = new Map<string, number>();
  #closed = false;

  /** How many requests wait. */
  get size(): number {
    return [...this.#perPerson.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Something happened in a chat, or may have. */
  wake(chatId: string): void {
    for (const sleeper of this.#sleepers.get(chatId) ?? []) sleeper.wake();
  }

  /**
   * Resolves when `hasCome` says so, which is asked at once, when the chat was woken and every now and then; at the latest
   * after `maxMs`, or when the signal or the end of the node says so. Errors: `rate_limited` when too many requests of the
   * person wait; whatever `hasCome` throws.
   */
  async wait(wait: ChangeWait, hasCome: () => Promise<boolean>): Promise<void> {
    const { maxMs, signal } = wait;
    using sleeper = this.#enter(wait);
    const untilMs = performance.now() + maxMs;
    while (!this.#closed && !signal.aborted && !(await hasCome())) {
      const leftMs = untilMs - performance.now();
      if (leftMs < 1) return;
      // A timer drops what is less than a millisecond, and would look once more for that.
      await sleeper.sleep(Math.min(Math.ceil(leftMs), lookEveryMs));
    }
  }

  #enter({ chatId, userId, signal }: ChangeWait): Sleeper & Disposable {
    const count = this.#perPerson.get(userId) ?? 0;
    if (count >= limits.sync.maxWaitsPerPerson) throw new ProtocolError('rate_limited', { afterMs: lookEveryMs });
    this.#perPerson.set(userId, count + 1);
    const sleepers = this.#sleepers.get(chatId) ?? new Set();
    const sleeper = new Sleeper();
    this.#sleepers.set(chatId, sleepers.add(sleeper));
    const wake = (): void => sleeper.wake();
    signal.addEventListener('abort', wake);
    const leave = (): void => {
      signal.removeEventListener('abort', wake);
      sleepers.delete(sleeper);
      if (sleepers.size === 0) this.#sleepers.delete(chatId);
      const others = this.#perPerson.get(userId)! - 1;
      if (others === 0) this.#perPerson.delete(userId);
      else this.#perPerson.set(userId, others);
    };
    return Object.assign(sleeper, { [Symbol.dispose]: leave });
  }

  /** Nobody waits any more. */
  [Symbol.dispose](): void {
    this.#closed = true;
    for (const chatId of this.#sleepers.keys()) this.wake(chatId);
  }
}

/** Sleeps until it is woken; not at all if that was since it last slept. */
class Sleeper {
  #isWoken = false;
  #rise: (() => void) | undefined;

  wake(): void {
    this.#isWoken = true;
    this.#rise?.();
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#isWoken) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#rise = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
    }
    this.#isWoken = false;
  }
}
