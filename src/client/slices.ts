import { toTell } from './emitter.ts';

/**
 * What is shown of something that changes: a snapshot per key, made when it is asked for and the same object until its key is
 * touched. Listeners are called when a batch ends, once per batch and key.
 */
export class Slices<View> {
  readonly #make: (key: string) => unknown;
  readonly #view: View;
  readonly #onError: (error: unknown) => void;
  readonly #snapshots = new Map<string, unknown>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #selections = new Set<() => void>();
  readonly #touched = new Set<string>();
  #depth = 0;

  constructor(options: { view: View; make: (key: string) => unknown; onError: (error: unknown) => void }) {
    this.#view = options.view;
    this.#make = options.make;
    this.#onError = options.onError;
  }

  get(key: string): unknown {
    if (!this.#snapshots.has(key)) this.#snapshots.set(key, this.#make(key));
    return this.#snapshots.get(key);
  }

  /** What is behind the keys has changed; nobody is told before all of them are made anew. */
  touch(...keys: string[]): void {
    for (const key of keys) {
      this.#snapshots.delete(key);
      this.#touched.add(key);
    }
    if (this.#depth === 0) this.#tell();
  }

  /** Everything has changed. */
  touchAll(): void {
    this.touch(...this.#snapshots.keys(), ...this.#listeners.keys());
  }

  /** Listeners hear of all that `change` does when it is done. */
  batch<T>(change: () => T): T {
    this.#depth++;
    try {
      return change();
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#tell();
    }
  }

  #tell(): void {
    if (this.#touched.size === 0) return;
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const key of touched) for (const listener of toTell(this.#listeners.get(key))) this.#call(listener);
    for (const look of toTell(this.#selections)) this.#call(look);
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#onError(error);
    }
  }

  subscribe(key: string, listener: () => void): () => void {
    const own = () => listener();
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  select<T>(select: (view: View) => T, listener: (value: T) => void): () => void {
    let known = select(this.#view);
    const look = () => {
      const value = select(this.#view);
      if (Object.is(value, known)) return;
      known = value;
      listener(value);
    };
    this.#selections.add(look);
    return () => this.#selections.delete(look);
  }
}
