import { ProtocolError } from '../../protocol/errors.ts';

/**
 * Lets a bounded number of tasks run at a time, the others in the order in which they came: so that a thousand of a kind
 * that come at once leave room for what is of another kind. Who has waited too long is refused: `overloaded`.
 */
export class Gate {
  readonly #waitMs: number;
  readonly #nowMs: () => number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor({ places, waitMs, nowMs = Date.now }: { places: number; waitMs: number; nowMs?: () => number }) {
    this.#free = places;
    this.#waitMs = waitMs;
    this.#nowMs = nowMs;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    const sinceMs = this.#nowMs();
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((enter) => this.#waiting.push(enter));
    try {
      if (this.#nowMs() - sinceMs > this.#waitMs) throw new ProtocolError('overloaded', { afterMs: this.#waitMs });
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
