/** Whom the screen shows: the server tells of the presence of these people and of nobody else. */
import { useEffect } from 'preact/hooks';
import type { Messenger } from '../../client/index.ts';
import { useMessenger } from './slices.ts';

/** Until the server has said how many it allows. */
const defaultMax = 200;
const settleMs = 200;

/** What all components of a page want of one messenger. */
class Watch {
  readonly #messenger: Messenger;
  /** How many components show a person; who came last stands last. */
  readonly #wanted = new Map<string, number>();
  #told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  add(userIds: readonly string[]): void {
    for (const id of userIds) this.#wanted.set(id, (this.#wanted.get(id) ?? 0) + 1);
    this.#plan();
  }

  remove(userIds: readonly string[]): void {
    for (const id of userIds) {
      const left = (this.#wanted.get(id) ?? 0) - 1;
      if (left > 0) this.#wanted.set(id, left);
      else this.#wanted.delete(id);
    }
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), settleMs);
  }

  #tell(): void {
    const userIds = [...this.#wanted.keys()].slice(-(this.#messenger.limits?.max_watched ?? defaultMax));
    const told = userIds.toSorted().join();
    if (told === this.#told) return;
    this.#told = told;
    // The SDK says it again on each connection; a refusal is made up for by the next change of the screen.
    this.#messenger.watch(userIds).catch(() => {
      if (this.#told === told) this.#told = '';
    });
  }
}

const watches = new WeakMap<Messenger, Watch>();

function watchOf(messenger: Messenger): Watch {
  const known = watches.get(messenger) ?? new Watch(messenger);
  watches.set(messenger, known);
  return known;
}

/** As long as the component is there, `presence:<id>` of these people is kept up to date. */
export function useWatch(userIds: readonly string[]): void {
  const messenger = useMessenger();
  const key = userIds.join();
  useEffect(() => {
    const watch = watchOf(messenger);
    const wanted = key === '' ? [] : key.split(',');
    if (wanted.length === 0) return undefined;
    watch.add(wanted);
    return () => watch.remove(wanted);
  }, [messenger, key]);
}
