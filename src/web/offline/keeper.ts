/** Writes down what is seen, for the next visit. */
import type { Messenger, MessagesView } from '../../client/index.ts';
import { saveMemory } from './memory.ts';
import type { RememberingStore } from './remembering-store.ts';

const everyMs = 2_000;

/** Keeps the memory of a person up to date until the returned function is called. */
export function keepMemory(userId: string, messenger: Messenger, store: RememberingStore): () => void {
  const kept = new Map<string, MessagesView>();
  let isDirty = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!isDirty || !store.isCurrent) return;
    isDirty = false;
    const shown = new Map([...store.shown].filter(([chatId, view]) => kept.get(chatId) !== view));
    for (const [chatId, view] of shown) kept.set(chatId, view);
    const findPerson = (id: string) => store.get(`person:${id}`);
    // A browser that keeps nothing shows nothing before it is connected.
    saveMemory(userId, { chats: messenger.store.get('chats'), findPerson, shown }).catch(() => undefined);
  };
  const later = (): void => {
    isDirty = true;
    timer ??= setTimeout(save, everyMs);
  };
  const onHidden = (): void => {
    if (document.visibilityState === 'hidden') save();
  };

  const off = messenger.store.subscribe('chats', later);
  store.onShown = later;
  addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', onHidden);
  return () => {
    off();
    store.onShown = () => undefined;
    clearTimeout(timer);
    removeEventListener('pagehide', save);
    document.removeEventListener('visibilitychange', onHidden);
  };
}
