/** Asks from time to time what changed, over a connection that stands, so that the token to resume with stays young. */
import { toMessengerError, type MessengerError } from './errors.ts';
import type { Clock } from './platform.ts';

/** With an old token the server has to look at more and more after a break. */
const everyMs = 5 * 60_000;

interface RenewalOptions {
  clock: Clock;
  /** `missed`: positions and the like may have been lost as well. */
  resume(missed: boolean): Promise<void>;
  onError(error: MessengerError): void;
}

export class Renewal {
  readonly #options: RenewalOptions;
  #stopTimer: () => void = () => undefined;
  /** The one that is on its way or waits for its turn. */
  #last: Promise<void> | undefined;
  /** Counts connections: what was to be asked over an older one is not asked. */
  #connection = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  later(): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(everyMs, () => this.soon(false));
  }

  /** At once, or after the one that is on its way. */
  soon(missed: boolean): void {
    const mine = this.#after(this.#last, missed).finally(() => {
      if (this.#last === mine) this.#last = undefined;
    });
    this.#last = mine;
  }

  async #after(last: Promise<void> | undefined, missed: boolean): Promise<void> {
    const connection = this.#connection;
    const isOver = () => this.#connection !== connection;
    await last;
    if (isOver()) return;
    try {
      await this.#options.resume(missed);
    } catch (error) {
      if (!isOver()) this.#options.onError(toMessengerError(error, 'bad_answer'));
    }
    if (!isOver()) this.later();
  }

  /** The connection is gone. */
  stop(): void {
    this.#connection++;
    this.#last = undefined;
    this.#stopTimer();
  }
}
