/** Messages as the list shows them: by days, and in runs of one sender. */
import type { Message, PendingMessage } from '../../../client/index.ts';

/** A message of the list. */
export interface Row {
  /** The same before and after it was stored, so that it stays the same element. */
  key: string;
  message: Message | PendingMessage;
  isOwn: boolean;
  /** It begins a run: it has the sender's name and picture. */
  starts: boolean;
  /** What is new to the reader begins here. */
  isFirstUnread: boolean;
}

/** What was said on one day. */
export interface Day {
  key: string;
  /** Some instant of it. */
  instant: string;
  rows: Row[];
}

interface RowsOptions {
  ownId: string;
  /** The message before the first one, if it is known. */
  before?: Message | undefined;
  /** From here on it was unread when the reader came. */
  unreadFrom?: number | undefined;
}

const runMs = 5 * 60_000;

type AnyMessage = Message | PendingMessage;

/** Whether the server has stored it. */
export const isStored = (message: AnyMessage): message is Message => 'seq' in message;

const senderOf = (message: AnyMessage, ownId: string): string => (isStored(message) ? message.sender_id : ownId);

const dayOf = (instant: string): string => {
  const date = new Date(instant);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

/** Messages in their order, told apart by days. */
export function toDays(messages: readonly AnyMessage[], { ownId, before, unreadFrom }: RowsOptions): Day[] {
  const days: Day[] = [];
  const seen = new Map<string, number>();
  let last: AnyMessage | undefined = before;
  let lastDay = before && dayOf(before.timestamp);
  let needsUnread = unreadFrom !== undefined;
  for (const message of messages) {
    const day = dayOf(message.timestamp);
    const isOwn = senderOf(message, ownId) === ownId;
    const isFirstUnread = needsUnread && !isOwn && isStored(message) && message.seq >= unreadFrom!;
    if (isFirstUnread) needsUnread = false;
    const starts =
      last === undefined ||
      day !== lastDay ||
      isFirstUnread ||
      senderOf(last, ownId) !== senderOf(message, ownId) ||
      Math.abs(Date.parse(message.timestamp) - Date.parse(last.timestamp)) > runMs;
    if (days.length === 0 || day !== lastDay) {
      // Clocks that are wrong bring a day back.
      const times = seen.get(day) ?? 0;
      seen.set(day, times + 1);
      days.push({ key: times === 0 ? day : `${day}/${times}`, instant: message.timestamp, rows: [] });
    }
    const key = isStored(message) && !isOwn ? `m:${message.id}` : `o:${message.client_id}`;
    days.at(-1)!.rows.push({ key, message, isOwn, starts, isFirstUnread });
    [last, lastDay] = [message, day];
  }
  return days;
}
