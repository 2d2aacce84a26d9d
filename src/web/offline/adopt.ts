/** Messages that a tab had not sent when it ended are sent by one that lives. */
import type { Messenger } from '../../client/index.ts';
import { withSlot } from './slots.ts';
import { listSlotsWithOutbox, slotStorage } from './storage.ts';

const everyMs = 5_000;

async function adoptAll(userId: string, own: number, messenger: Messenger): Promise<void> {
  for (const slot of await listSlotsWithOutbox(userId))
    if (slot !== own) await withSlot(userId, slot, () => messenger.outbox.adopt(slotStorage(userId, slot)));
}

/** Looks for such messages now and again until the returned function is called. */
export function adoptOrphans(userId: string, number: Promise<number | undefined>, messenger: Messenger): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const own = await number.catch(() => undefined);
    if (own === undefined || isOver) return;
    // A storage that fails now may not fail the next time.
    await adoptAll(userId, own, messenger).catch(() => undefined);
    if (!isOver) timer = setTimeout(() => void look(), everyMs);
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
