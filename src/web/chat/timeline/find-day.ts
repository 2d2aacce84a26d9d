/** Finds a day in a chat of any length by halving: seqs have no holes, and later messages are of later days. */
import type { ChatHandle, Message } from '../../../client/index.ts';

/** The seq of the first message at or after an instant, the last one where all are before it; undefined: there is none. */
export async function findDay(chat: Pick<ChatHandle, 'peek'>, from: number): Promise<number | undefined> {
  const { rows, firstSeq, lastSeq } = await chat.peek({ before: 'end', limit: 1 });
  const isLater = (message: Message | undefined): boolean =>
    message !== undefined && Date.parse(message.timestamp) >= from;
  if (rows.length === 0) return undefined;
  let [low, high] = [firstSeq, lastSeq];
  while (low < high) {
    const middle = (low + high) >> 1;
    const page = await chat.peek({ around: middle, limit: 1 });
    if (isLater(page.rows[0])) high = middle;
    else low = middle + 1;
  }
  return low;
}
