/** What people and chats are called and look like. */
import type { ChatView, Person, StoreView } from '../../client/index.ts';
import { defineTexts } from '../texts/texts.ts';
import { useMessenger, useSlice } from './slices.ts';

const texts = defineTexts({
  en: { deleted: 'Deleted account', unknown: '…', notes: 'Notes to myself' },
  ru: { deleted: 'Удалённый аккаунт', unknown: '…', notes: 'Заметки для себя' },
});

/** What stands for a chat or a person in lists and heads. */
export interface Face {
  /** What the colour of the letters comes from: a person's id, a group's name. */
  id: string;
  name: string;
  /** The small picture. */
  src: string | null;
}

export const toName = (person: Person | undefined): string =>
  person === undefined ? texts().unknown : person.deleted ? texts().deleted : person.name;

const toFace = (id: string, person: Person | undefined): Face => ({
  id,
  name: toName(person),
  src: person?.avatar_small_url ?? null,
});

/** The other one of a direct chat; oneself in the chat with oneself; undefined in groups. */
export function otherOf(chat: ChatView, ownId: string | undefined): string | undefined {
  if (chat.type === 'group') return undefined;
  return (chat.members.find(({ user_id: id }) => id !== ownId) ?? chat.members[0])?.user_id;
}

/** How a person looks, now and after every change. */
export function usePerson(userId: string): Face {
  return toFace(userId, useSlice(`person:${userId}`));
}

/** How a chat looks: a group by itself, a direct chat like the other person. */
export function useFace(chat: ChatView): Face {
  const { store, user } = useMessenger();
  const otherId = otherOf(chat, user?.id);
  const other = useSlice(`person:${otherId ?? ''}`);
  return toChatFace(chat, user?.id, store, other);
}

/** The same at one moment: for searching and for titles. */
export function toChatFace(
  chat: ChatView,
  ownId: string | undefined,
  store: StoreView,
  other: Person | undefined = store.get(`person:${otherOf(chat, ownId) ?? ''}`),
): Face {
  if (chat.type === 'group') return { id: chat.name ?? '', name: chat.name ?? '', src: chat.avatar_small_url };
  const otherId = otherOf(chat, ownId);
  if (otherId !== undefined && otherId === ownId) return { ...toFace(otherId, other), name: texts().notes };
  return toFace(otherId ?? chat.id, other);
}
