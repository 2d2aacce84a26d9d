import type { Person } from '../protocol/full.ts';
import type { Clock } from './platform.ts';

/** Ids are gathered for so long, and asked for so many at a time. */
const gatherMs = 50;
const maxAtOnce = 200;

interface PeopleOptions {
  clock: Clock;
  isKnown(userId: string): boolean;
  read(userIds: string[]): Promise<readonly Person[]>;
}

/** Finds out who the people are of whom only the id was told. */
export class People {
  readonly #options: PeopleOptions;
  readonly #wanted = new Set<string>();
  #stopTimer: (() => void) | undefined;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  want(userIds: readonly string[]): void {
    for (const userId of userIds) if (!this.#options.isKnown(userId)) this.#wanted.add(userId);
    if (this.#wanted.size > 0) this.#stopTimer ??= this.#options.clock.after(gatherMs, () => this.#read());
  }

  /** Who is not found out now is asked for when they are met again. */
  #read(): void {
    this.#stopTimer = undefined;
    const userIds = [...this.#wanted].slice(0, maxAtOnce);
    for (const userId of userIds) this.#wanted.delete(userId);
    this.#options.read(userIds).then(
      () => this.want([]),
      () => undefined,
    );
  }

  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#wanted.clear();
  }
}
