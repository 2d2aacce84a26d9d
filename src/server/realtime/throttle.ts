/**
 * Lets something happen for each key at most every `everyMs`: at once when it is the first for a while, else when its time
 * has come, and then once for however often it was asked for. A key that nothing is asked for costs nothing.
 */
export class Throttle<K> {
  readonly #everyMs: number;
  readonly #act: (key: K) => void;
  /** Keys whose time has not come yet, and whether they were asked for meanwhile. */
  readonly #waiting = new Map<K, { timer: NodeJS.Timeout; asked: boolean }>();

  constructor({ everyMs, act }: { everyMs: number; act(key: K): void }) {
    this.#everyMs = everyMs;
    this.#act = act;
  }

  ask(key: K): void {
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.asked = true;
      return;
    }
    const timer = setTimeout(() => this.#next(key), this.#everyMs).unref();
    this.#waiting.set(key, { timer, asked: false });
    this.#act(key);
  }

  #next(key: K): void {
    const asked = this.#waiting.get(key)?.asked;
    this.#waiting.delete(key);
    if (asked) this.ask(key);
  }

  /** What was asked for is not wanted any more. */
  forget(key: K): void {
    clearTimeout(this.#waiting.get(key)?.timer);
    this.#waiting.delete(key);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
