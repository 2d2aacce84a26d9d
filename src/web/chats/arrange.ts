/** Which chats stand where. */
import type { ChatView } from '../../client/index.ts';

/** Nobody wants to be disturbed by it now. */
export const isMuted = ({ own: { muted_until: until } }: Pick<ChatView, 'own'>): boolean =>
  until === 'forever' || (until !== null && Date.parse(until) > Date.now());

/** Something in it waits to be looked at. */
export const isUnread = ({ own }: Pick<ChatView, 'own'>): boolean => own.unread_count > 0 || own.marked_unread;

export interface Arranged {
  /** The pinned ones first, each part as it was given: the newest activity first. */
  shown: readonly ChatView[];
  archived: readonly ChatView[];
}

/** Chats as the list shows them. */
export function arrange(chats: readonly ChatView[]): Arranged {
  const archived = chats.filter(({ own }) => own.archived);
  const others = chats.filter(({ own }) => !own.archived);
  const pinned = others.filter(({ own }) => own.pinned);
  return { shown: [...pinned, ...others.filter(({ own }) => !own.pinned)], archived };
}

/** Unread messages of all chats that are not muted. */
export const countUnread = (chats: readonly ChatView[]): number =>
  chats.reduce((sum, chat) => sum + (isMuted(chat) ? 0 : chat.own.unread_count), 0);

const fold = (text: string): string => text.toLocaleLowerCase().replaceAll('ё', 'е');

const toWords = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Every word that was typed begins a word of the name. */
export function matches(name: string, typed: string): boolean {
  const [words, wanted] = [toWords(name), toWords(typed)];
  if (wanted.length === 0) return fold(name).includes(fold(typed.trim()));
  return wanted.every((word) => words.some((one) => one.startsWith(word)));
}
