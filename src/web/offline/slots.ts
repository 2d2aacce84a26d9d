/**
 * Each tab has a messenger of its own, and a messenger wants a storage of its own: tabs take the first slot that is free. A
 * tab that ends, however it ends, gives its slot back; what it had not sent is taken over by another tab or by the next one.
 */

const maxSlots = 32;

const lockOf = (userId: string, slot: number): string => `messenger-slot-${slot}:${userId}`;

/** Does something while it holds a slot, if nobody else does; answers whether it did. */
export const withSlot = (userId: string, slot: number, work: () => Promise<unknown>): Promise<boolean> =>
  navigator.locks.request(lockOf(userId, slot), { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });

export interface Slot {
  /** Which one it is, as soon as it is taken; undefined where there is none. */
  readonly number: Promise<number | undefined>;
  release(): void;
}

/** Takes the first free slot. Without locks, which browsers keep from pages that came over plain http, there is none. */
export function takeSlot(userId: string): Slot {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const number = new Promise<number | undefined>((resolve, reject) => {
    const take = async (): Promise<void> => {
      for (let slot = 0; slot < maxSlots && 'locks' in navigator; slot++) {
        const isDone = await withSlot(userId, slot, () => {
          resolve(slot);
          return released;
        });
        if (isDone) return;
      }
      resolve(undefined);
    };
    take().catch(reject);
  });
  return { number, release };
}
