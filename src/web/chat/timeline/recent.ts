/** Chats that were just looked at stay open, so that going back and forth costs nothing. */
import type { Messenger } from '../../../client/index.ts';

const maxOpen = 8;
const recent = new WeakMap<Messenger, string[]>();

/** Opens a chat, and closes those that nobody has looked at for longest. Errors: those of `open`. */
export async function openRecent(messenger: Messenger, chatId: string): Promise<void> {
  const known = recent.get(messenger) ?? [];
  const ids = [chatId, ...known.filter((id) => id !== chatId)].slice(0, maxOpen);
  recent.set(messenger, ids);
  for (const { id, open } of messenger.store.get('chats')) if (open && !ids.includes(id)) messenger.chat(id).close();
  await messenger.chat(chatId).open();
}
