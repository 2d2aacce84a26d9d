import { Gate } from './gate.ts';

/** A gate for each key: what is done for one of them at a time is bounded, and takes no place from the others. */
export class Gates<K> {
  readonly #options: ConstructorParameters<typeof Gate>[0];
  readonly #gates = new Map<K, { gate: Gate; tasks: number }>();

  constructor(options: ConstructorParameters<typeof Gate>[0]) {
    this.#options = options;
  }

  /** As `Gate.run`. */
  async run<T>(key: K, task: () => Promise<T>): Promise<T> {
    const own = this.#gates.get(key) ?? { gate: new Gate(this.#options), tasks: 0 };
    this.#gates.set(key, own);
    own.tasks++;
    try {
      return await own.gate.run(task);
    } finally {
      if (--own.tasks === 0) this.#gates.delete(key);
    }
  }
}
