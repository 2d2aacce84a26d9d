import type { Messenger } from '../../client/index.ts';
import { go, paths } from '../app/router.ts';
import { toast } from '../ui/toast.tsx';
import { toErrorText } from '../app/error-text.ts';

/** Goes to the chat with a person, which is made if there is none. */
export async function openDirect(messenger: Messenger, userId: string): Promise<void> {
  try {
    const chat = await messenger.openDirect(userId);
    go(paths.chat(chat.id));
  } catch (error) {
    toast(toErrorText(error));
  }
}
