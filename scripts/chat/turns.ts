/** Runs tasks in the order in which they came: at once where nothing has to be waited for. */
export class Turns {
  #last: Promise<void> | undefined;

  /** `wait` never rejects. */
  take(task: () => void, wait?: Promise<void>): void {
    if (this.#last === undefined && wait === undefined) return task();
    const turn = this.#runAfter(task, this.#last, wait).finally(() => {
      if (this.#last === turn) this.#last = undefined;
    });
    this.#last = turn;
  }

  async #runAfter(task: () => void, ...before: (Promise<void> | undefined)[]): Promise<void> {
    for (const earlier of before) await earlier;
    task();
  }
}
