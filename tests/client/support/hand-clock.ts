import type { Clock } from '../../../src/client/platform.ts';

/** A clock on which time passes when a test lets it. */
export class HandClock implements Clock {
  #nowMs = Date.UTC(2025, 4, 4);
  readonly #timers = new Map<symbol, { atMs: number; callback: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  after(waitMs: number, callback: () => void): () => void {
    const timer = Symbol();
    this.#timers.set(timer, { atMs: this.#nowMs + waitMs, callback });
    return () => this.#timers.delete(timer);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [timer, { atMs, callback }] of this.#timers) {
      if (atMs > this.#nowMs || !this.#timers.delete(timer)) continue;
      callback();
    }
  }
}
