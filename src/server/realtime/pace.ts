import { limits } from '../../protocol/limits.ts';

/**
 * How fast a person may send over all sockets: a bucket that fills at a rate. It refuses nothing; it says how long to wait
 * before reading on.
 */
export class SendPace {
  readonly #fullAtMs = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Takes one send out of the person's bucket; the milliseconds until it would not be empty. */
  take(userId: string): number {
    const { perSecond, burst } = limits.rates.sends;
    const nowMs = this.#nowMs();
    const fullAtMs = Math.max(this.#fullAtMs.get(userId) ?? 0, nowMs) + 1_000 / perSecond;
    this.#fullAtMs.set(userId, fullAtMs);
    if (this.#fullAtMs.size > 10_000) this.#forgetFull(nowMs);
    return Math.max(0, Math.ceil(fullAtMs - nowMs - (burst * 1_000) / perSecond));
  }

  #forgetFull(nowMs: number): void {
    for (const [userId, fullAtMs] of this.#fullAtMs) if (fullAtMs <= nowMs) this.#fullAtMs.delete(userId);
  }
}
