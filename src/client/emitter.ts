/** The listeners of this moment, each when it still listens: who begins while others are told is not told of the same. */
export function* toTell<L>(listeners: ReadonlySet<L> | undefined): Iterable<L> {
  const now = [...(listeners ?? [])];
  for (const listener of now) if (listeners!.has(listener)) yield listener;
}

/** Who wants to hear of what happens, by name. A listener that throws is reported and keeps nobody else from hearing. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const own = (value: Events[E]) => listener(value);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(own));
    return () => listeners.delete(own);
  }

  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of toTell(this.#listeners.get(event))) {
      try {
        listener(value as never);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
