/**
 * Collects items and takes all that are there in one round, one round at a time: whatever comes while a round is under way
 * waits for the next. A slow database makes rounds larger, not more numerous. Equal keys are one item, the last one.
 */
export class Rounds<T> {
  readonly #take: (items: T[]) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #maxItems: number;
  readonly #items = new Map<unknown, T>();
  #running = false;

  /** `take` is given at most `maxItems`; when it throws, its items are dropped and `failed` is told. */
  constructor({
    maxItems,
    take,
    failed,
  }: {
    maxItems: number;
    take(items: T[]): Promise<void>;
    failed(error: unknown): void;
  }) {
    this.#maxItems = maxItems;
    this.#take = take;
    this.#failed = failed;
  }

  add(key: unknown, item: T): void {
    this.#items.set(key, item);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#items.size > 0) {
      const keys = [...this.#items.keys()].slice(0, this.#maxItems);
      const items = keys.map((key) => this.#items.get(key)!);
      for (const key of keys) this.#items.delete(key);
      try {
        await this.#take(items);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#running = false;
  }

  /** Nothing that waits is taken any more. */
  [Symbol.dispose](): void {
    this.#items.clear();
  }
}
