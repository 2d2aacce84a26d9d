/**
 * The messages of an open chat that are held: a run of seqs without a hole. A page of history that touches the run joins it,
 * one that does not takes its place; a live message joins only at the end. Of two states of a message the one with the
 * larger key (`changed_version`, else `version`) is the newer one, however they came.
 */
import type { Message } from '../protocol/message.ts';

/** What a message's state is dated by. */
export const keyOf = (message: Message): number => message.changed_version ?? message.version;

interface Page {
  /** The version of the chat at which it was read. */
  version: number;
  first_seq: number;
  last_seq: number;
  rows: readonly Message[];
}

const newer = (a: Message, b: Message): Message => (keyOf(b) > keyOf(a) ? b : a);

/** Changes at any time; whoever shows it asks for `rows`, which are never changed in place. */
export class MessageWindow {
  rows: readonly Message[] = [];
  atStart = false;
  atEnd = false;
  readonly #maxRows: number;
  /** History requests on their way, and what changed meanwhile of messages that are not held. */
  #reading = 0;
  readonly #late = new Map<number, Message>();

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  find(seq: number): Message | undefined {
    return this.rows[seq - (this.rows[0]?.seq ?? 0)];
  }

  get #lastSeq(): number {
    return this.rows.at(-1)?.seq ?? 0;
  }

  /** A request for history goes out: from here on nothing that the page may not show is let go. */
  beginReading(): void {
    this.#reading++;
  }

  /** The answer has come and was put in, or there is none. */
  endReading(): void {
    this.#reading--;
    if (this.#reading === 0) this.#late.clear();
  }

  /** A message as it is now, new or changed. */
  put(message: Message): void {
    const held = this.find(message.seq);
    if (held) this.#replace(message);
    else if (this.atEnd && (this.rows.length === 0 || message.seq === this.#lastSeq + 1)) this.#append(message);
    else {
      if (this.atEnd && message.seq > this.#lastSeq + 1) this.atEnd = false;
      const known = this.#late.get(message.seq);
      if (this.#reading > 0) this.#late.set(message.seq, known ? newer(known, message) : message);
    }
  }

  #replace(message: Message): void {
    const at = message.seq - this.rows[0]!.seq;
    if (newer(this.rows[at]!, message) === message) this.rows = this.rows.with(at, message);
  }

  #append(message: Message): void {
    const rows = this.rows.length >= this.#maxRows ? this.rows.slice(1 + this.rows.length - this.#maxRows) : this.rows;
    if (rows !== this.rows) this.atStart = false;
    this.rows = [...rows, message];
  }

  /** A page of history; `keep`: which end stays when there is too much. */
  addPage(page: Page, keep: 'newest' | 'oldest'): void {
    const rows = page.rows.map((row) => this.#freshest(row, page.version));
    const first = rows[0]?.seq ?? 0;
    const last = rows.at(-1)?.seq ?? 0;
    const touches = this.rows.length > 0 && first <= this.#lastSeq + 1 && last >= this.rows[0]!.seq - 1;
    if (rows.length === 0 && this.rows.length > 0) return;
    this.rows = touches ? this.#join(rows) : rows;
    this.#followLate();
    this.atStart = rows.length === 0 || this.rows[0]!.seq <= page.first_seq;
    this.atEnd = rows.length === 0 || this.#lastSeq >= page.last_seq;
    if (this.rows.length > this.#maxRows) this.#cut(keep);
  }

  #freshest(row: Message, version: number): Message {
    const late = this.#late.get(row.seq);
    return late !== undefined && keyOf(late) > version ? newer(row, late) : row;
  }

  /** Messages that came while the page was on its way and stand right after it. */
  #followLate(): void {
    for (let next = this.#late.get(this.#lastSeq + 1); next; next = this.#late.get(this.#lastSeq + 1))
      this.rows = [...this.rows, next];
  }

  #join(rows: readonly Message[]): Message[] {
    const bySeq = new Map(this.rows.map((row) => [row.seq, row]));
    for (const row of rows) bySeq.set(row.seq, bySeq.has(row.seq) ? newer(bySeq.get(row.seq)!, row) : row);
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  #cut(keep: 'newest' | 'oldest'): void {
    if (keep === 'newest') {
      this.rows = this.rows.slice(-this.#maxRows);
      this.atStart = false;
    } else {
      this.rows = this.rows.slice(0, this.#maxRows);
      this.atEnd = false;
    }
  }

  /** Lets go of all but the newest `rows`. */
  shrinkTo(rows: number): void {
    if (this.rows.length <= rows) return;
    this.rows = rows === 0 ? [] : this.rows.slice(-rows);
    this.atStart = false;
    if (rows === 0) this.atEnd = false;
  }
}
