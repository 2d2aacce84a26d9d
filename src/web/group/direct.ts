import type { ChatView, Messenger, StoreView } from '../../client/index.ts';
import { otherOf } from '../app/names.ts';
import { go, paths } from '../app/router.ts';

/** The chat with just this person, if there is one; with oneself the notes. */
export const findDirect = (store: StoreView, userId: string, ownId: string | undefined): ChatView | undefined =>
  store.get('chats').find((chat) => chat.type !== 'group' && otherOf(chat, ownId) === userId);

/** Goes to the chat with a person, and makes it if there is none. Errors: `MessengerError`. */
export async function openDirect(messenger: Messenger, userId: string): Promise<void> {
  const known = findDirect(messenger.store, userId, messenger.user?.id);
  go(paths.chat(known?.id ?? (await messenger.openDirect(userId)).id));
}
