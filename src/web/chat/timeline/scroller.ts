/** The list as it is laid out: what is seen of it, and how to keep that where it is while the rest changes. */
import type { Seen } from './range.ts';

/** What the reader looks at: the end, or a message `top` pixels below the upper edge. */
export type Position = 'end' | { seq: number; top: number };

/** What is on the screen. */
export interface Sight extends Seen {
  /** The last message whose end is seen; 0: none. */
  lastWhole: number;
  position: Position;
}

/** Nearer than this one is at the end. */
const endPx = 8;

const seqOf = (row: Element): number => Number((row as HTMLElement).dataset['seq']);

export class Scroller {
  readonly #list: HTMLElement;
  readonly #rows: HTMLCollectionOf<Element>;

  constructor(list: HTMLElement) {
    this.#list = list;
    this.#rows = list.getElementsByClassName('row-stored');
  }

  /** The first row that reaches below `y`. */
  #indexAt(y: number): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle]!.getBoundingClientRect().bottom > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  get distanceToEnd(): number {
    const { scrollHeight, clientHeight, scrollTop } = this.#list;
    return scrollHeight - clientHeight - scrollTop;
  }

  /** `hasEnd`: the end of the list is that of the chat. Undefined: there is no stored message. */
  look(hasEnd: boolean): Sight | undefined {
    const { top, bottom } = this.#list.getBoundingClientRect();
    const begin = this.#indexAt(top + 1);
    const first = this.#rows[begin] ?? this.#rows[this.#rows.length - 1];
    if (!first) return undefined;
    let end = begin;
    let lastWhole = 0;
    for (; end < this.#rows.length; end++) {
      const row = this.#rows[end]!.getBoundingClientRect();
      if (row.top >= bottom) break;
      if (row.bottom <= bottom + 1) lastWhole = seqOf(this.#rows[end]!);
    }
    const isAtEnd = hasEnd && this.distanceToEnd <= endPx;
    const last = this.#rows[Math.max(begin, end - 1)] ?? first;
    return {
      first: seqOf(first),
      last: seqOf(last),
      lastWhole,
      position: isAtEnd ? 'end' : this.#anchor(begin, end, top),
    };
  }

  /** A row that is wholly seen; not the very first, whose look depends on what comes before it. */
  #anchor(begin: number, end: number, top: number): Position {
    const isWhole = (at: number): boolean => this.#rows[at]!.getBoundingClientRect().top >= top;
    let at = Math.max(begin, 1);
    if (at + 1 < end && !isWhole(at)) at++;
    const row = this.#rows[Math.min(at, this.#rows.length - 1)]!;
    return { seq: seqOf(row), top: row.getBoundingClientRect().top - top };
  }

  find(seq: number): HTMLElement | undefined {
    const first = this.#rows[0];
    const row = first && this.#rows[seq - seqOf(first)];
    return row && seqOf(row) === seq ? (row as HTMLElement) : undefined;
  }

  /** Brings what the reader looks at back to its place. */
  settle(position: Position): void {
    const list = this.#list;
    if (position === 'end') {
      if (this.distanceToEnd > 0.5) list.scrollTop = list.scrollHeight;
      return;
    }
    const row = this.find(position.seq);
    if (!row) return;
    const off = row.getBoundingClientRect().top - list.getBoundingClientRect().top - position.top;
    if (Math.abs(off) > 0.5) list.scrollTop += off;
  }

  /** Where a row has to be so that it is in the middle. */
  centerOf(seq: number): Position {
    const height = this.find(seq)?.offsetHeight ?? 0;
    return { seq, top: Math.max(this.#list.clientHeight * 0.1, (this.#list.clientHeight - height) / 2) };
  }
}
