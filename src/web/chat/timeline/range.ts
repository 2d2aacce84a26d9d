/**
 * Which of the messages that are held are on the page: those that are seen and some around them. They stand in the page's own
 * flow with the heights that they really have, so nothing is guessed and nothing jumps; a long chat costs what a short one does.
 */
import type { Message, MessagesView } from '../../../client/index.ts';

/** By seq, both with; `to` is infinite where the end of the chat belongs to it. */
export interface Range {
  from: number;
  to: number;
}

/** The first and the last message that are seen. */
export interface Seen {
  first: number;
  last: number;
}

const leastAhead = 20;

/** How many messages there should be at least on either side of what is seen. */
export const aheadOf = ({ first, last }: Seen): number => Math.max(leastAhead, last - first + 1);

/** Where one begins to look at a message. */
export const rangeAt = (seq: number, view: MessagesView): Range =>
  withEnd({ from: seq - 2 * leastAhead, to: seq + 2 * leastAhead }, view);

/** The newest messages. */
export const rangeAtEnd = (view: MessagesView): Range => ({
  from: (view.rows.at(-1)?.seq ?? 0) - 2 * leastAhead,
  to: Infinity,
});

const withEnd = ({ from, to }: Range, { rows, atEnd }: MessagesView): Range => ({
  from,
  to: atEnd && to >= (rows.at(-1)?.seq ?? 0) ? Infinity : to,
});

/** The range for what is seen now: the same object as long as there is enough around it and not far too much. */
export function follow(range: Range, seen: Seen, view: MessagesView): Range {
  const ahead = aheadOf(seen);
  const isFit = (distance: number): boolean => distance >= ahead && distance <= 4 * ahead;
  const lastHeld = view.rows.at(-1)?.seq ?? 0;
  const below = (Number.isFinite(range.to) ? range.to : Math.max(lastHeld, seen.last + ahead)) - seen.last;
  const next = withEnd(
    {
      from: isFit(seen.first - range.from) ? range.from : seen.first - 2 * ahead,
      to: isFit(below) ? range.to : seen.last + 2 * ahead,
    },
    view,
  );
  return next.from === range.from && next.to === range.to ? range : next;
}

const between = (rows: readonly Message[], from: number, to: number): readonly Message[] => {
  const first = rows[0]?.seq ?? 0;
  return rows.slice(Math.max(0, from - first), Math.max(0, to - first + 1));
};

/**
 * The stored messages of a range. What was shown and is not held any more stays as it was: the reader's messages are not taken
 * away because others come.
 */
export function rowsOf(range: Range, held: readonly Message[], shown: readonly Message[]): readonly Message[] {
  const rows = between(held, range.from, range.to);
  if (rows.length === 0) return between(shown, range.from, range.to);
  const [first, last] = [rows[0]!.seq, rows.at(-1)!.seq];
  if (shown.length === 0 || shown[0]!.seq > last + 1 || shown.at(-1)!.seq < first - 1) return rows;
  const before = between(shown, range.from, first - 1);
  const after = between(shown, last + 1, range.to);
  return before.length === 0 && after.length === 0 ? rows : [...before, ...rows, ...after];
}
