/** What one person has on this device, beside the messenger that speaks for them. */
import type { Messenger, Storage } from '../../client/index.ts';
import { adoptOrphans } from './adopt.ts';
import { claim, forget } from './database.ts';
import { keepMemory } from './keeper.ts';
import { readMemory } from './memory.ts';
import { pictureCache } from './names.ts';
import { RememberingStore } from './remembering-store.ts';
import { takeSlot } from './slots.ts';
import { tabStorage } from './storage.ts';

export interface Local {
  /** For the messenger. */
  storage: Storage;
  /** The same messenger, which also shows what the last visit saw; ends with it. */
  attach(messenger: Messenger): Messenger;
}

/** Opens what is kept of a person; of anybody else nothing is kept any more. */
export function openLocal(userId: string): Local {
  const claimed = claim(userId);
  const slot = takeSlot(userId);
  const number = claimed.then(() => slot.number).catch(() => undefined);
  return {
    storage: tabStorage(userId, number),
    attach(messenger) {
      const store = new RememberingStore(messenger);
      claimed
        .then(() => readMemory(userId))
        .then((memory) => store.remember(memory))
        .catch(() => undefined);
      const ends = [
        keepMemory(userId, messenger, store),
        adoptOrphans(userId, number, messenger),
        wakeWithThePage(messenger),
        slot.release,
      ];
      messenger.on('state', ({ state }) => {
        if (state === 'online') store.becomeCurrent();
        if (state === 'stopped') for (const end of ends) end();
      });
      messenger.on('session_ended', () => void forgetAll(userId));
      return withMemory(messenger, store, userId);
    },
  };
}

/** The network is back or the page is seen again: nobody wants to wait for the end of a pause. */
function wakeWithThePage(messenger: Messenger): () => void {
  const wake = (): void => messenger.wake();
  const onVisible = (): void => (document.visibilityState === 'visible' ? wake() : undefined);
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', onVisible);
  };
}

async function forgetAll(userId: string): Promise<void> {
  await Promise.allSettled([forget(userId), 'caches' in globalThis && caches.delete(pictureCache)]);
}

/** The messenger as it is, but for what there is to be seen. */
const withMemory = (messenger: Messenger, store: RememberingStore, userId: string): Messenger =>
  new Proxy(messenger, {
    get(target, key) {
      if (key === 'store') return store;
      if (key === 'user') return target.user ?? store.get(`person:${userId}`);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
