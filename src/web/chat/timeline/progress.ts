/** How far own messages have got: what holds for one holds for all before it, so that only the two bounds are looked for. */
import type { Message, StoreView } from '../../../client/index.ts';

export type Progress = 'stored' | 'delivered' | 'read';

/** The progress of the messages of a run, by seq. */
export function toProgressIn(
  store: Pick<StoreView, 'progressOf'>,
  chatId: string,
  rows: readonly Message[],
): (seq: number) => Progress {
  const first = rows[0]?.seq ?? 1;
  const last = rows.at(-1)?.seq ?? 0;
  const progressOf = (seq: number): Progress => store.progressOf({ chat_id: chatId, seq });
  /** The last seq for which it holds. */
  const lastWith = (holds: (progress: Progress) => boolean): number => {
    let [low, high] = [first, last + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(progressOf(middle))) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const read = lastWith((progress) => progress === 'read');
  const delivered = lastWith((progress) => progress !== 'stored');
  return (seq) => (seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'stored');
}
