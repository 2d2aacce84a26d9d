/** Which chats stand where. */
import type { ChatView, PendingMessage } from '../../client/index.ts';

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

/** Chats as the list shows them. `outbox`: what waits to be sent moves its chat up already. */
export function arrange(known: readonly ChatView[], outbox: readonly PendingMessage[] = []): Arranged {
  const chats = outbox.length === 0 ? known : byActivity(known, outbox);
  const archived = chats.filter(({ own }) => own.archived);
  const others = chats.filter(({ own }) => !own.archived);
  const pinned = others.filter(({ own }) => own.pinned);
  return { shown: [...pinned, ...others.filter(({ own }) => !own.pinned)], archived };
}

function byActivity(chats: readonly ChatView[], outbox: readonly PendingMessage[]): ChatView[] {
  const waiting = new Map(outbox.map((one) => [one.chat_id, Date.parse(one.timestamp)]));
  const toAt = ({ id, active_at: at }: ChatView): number => Math.max(Date.parse(at), waiting.get(id) ?? 0);
  return chats.toSorted((a, b) => toAt(b) - toAt(a));
}

/** Unread messages of all chats that are not muted. */
export const countUnread = (chats: readonly ChatView[]): number =>
  chats.reduce((sum, chat) => sum + (isMuted(chat) ? 0 : chat.own.unread_count), 0);

/** What a chat's row says of messages that are not stored: one that failed needs its author, and goes before newer ones. */
export const findWaiting = (pending: readonly PendingMessage[]): PendingMessage | undefined =>
  pending.findLast(({ status }) => status === 'failed') ?? pending.at(-1);

const fold = (text: string): string => text.toLocaleLowerCase().replaceAll('ё', 'е');

const toWords = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Every word that was typed begins a word of the name. */
export function matches(name: string, typed: string): boolean {
  const [words, wanted] = [toWords(name), toWords(typed)];
  if (wanted.length === 0) return fold(name).includes(fold(typed.trim()));
  return wanted.every((word) => words.some((one) => one.startsWith(word)));
}
