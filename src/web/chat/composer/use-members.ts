import { useEffect, useState } from 'preact/hooks';
import type { Person } from '../../../client/index.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';

/** The server tells of no more people in one answer. */
const maxAtOnce = 200;

/** The people of a group whom one can mention; nobody in other chats. `wanted`: all are needed now. */
export function useMembers(chatId: string, wanted: boolean): readonly Person[] {
  const messenger = useMessenger();
  const chat = useSlice(`chat:${chatId}`);
  const isPartial = chat?.more_members ?? false;
  /** All of them, where the chat tells only of some. */
  const [all, setAll] = useState<readonly string[]>();
  const ids = all ?? chat?.members.map(({ user_id: id }) => id) ?? [];

  useEffect(() => {
    if (!wanted || chat?.type !== 'group') return;
    const readAll = async (): Promise<void> => {
      const complete = isPartial ? (await messenger.chat(chatId).get()).members.map(({ id }) => id) : ids;
      const unknown = complete.filter((id) => !messenger.store.get(`person:${id}`));
      for (let at = 0; at < unknown.length; at += maxAtOnce)
        await messenger.getUsers(unknown.slice(at, at + maxAtOnce));
      if (isPartial || unknown.length > 0) setAll(complete);
    };
    // Those who are known are offered all the same.
    readAll().catch(() => undefined);
  }, [messenger, chatId, wanted, chat?.type, isPartial]);

  if (chat?.type !== 'group' || !wanted) return [];
  return ids
    .filter((id) => id !== messenger.user?.id)
    .map((id) => messenger.store.get(`person:${id}`))
    .filter((person) => person !== undefined);
}
