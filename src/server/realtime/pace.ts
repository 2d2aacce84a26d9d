/** Keys whose bucket is full are forgotten when there are more than these, and twice as many as were left the last time. */
const minKeysToForget = 20_000;

/**
 * How fast somebody may go: a bucket for each key that fills at a rate. It refuses nothing; it says how long to wait before
 * reading on.
 */
export class Pace<K> {
  readonly #fullAtMs = new Map<K, number>();
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #nowMs: () => number;
  #forgetAbove = minKeysToForget;

  constructor({ perSecond, burst }: { perSecond: number; burst: number }, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#nowMs = nowMs;
  }

  /** Takes one out of the key's bucket; the milliseconds until it would not be empty. */
  take(key: K): number {
    const nowMs = this.#nowMs();
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? 0, nowMs) + 1_000 / this.#perSecond;
    this.#fullAtMs.set(key, fullAtMs);
    if (this.#fullAtMs.size > this.#forgetAbove) this.#forgetFull(nowMs);
    return Math.max(0, Math.ceil(fullAtMs - nowMs - (this.#burst * 1_000) / this.#perSecond));
  }

  /** Takes one out when there is one; answers whether there was. */
  tryTake(key: K): boolean {
    const isThere =
      (this.#fullAtMs.get(key) ?? 0) + 1_000 / this.#perSecond <=
      this.#nowMs() + (this.#burst * 1_000) / this.#perSecond;
    if (isThere) this.take(key);
    return isThere;
  }

  forget(key: K): void {
    this.#fullAtMs.delete(key);
  }

  #forgetFull(nowMs: number): void {
    for (const [key, fullAtMs] of this.#fullAtMs) if (fullAtMs <= nowMs) this.#fullAtMs.delete(key);
    this.#forgetAbove = Math.max(minKeysToForget, 2 * this.#fullAtMs.size);
  }
}
