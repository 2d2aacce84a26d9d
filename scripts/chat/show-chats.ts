import type { ChatView } from '../../src/client/index.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { toSafeLine } from './safe-text.ts';
import { toShortTime } from './times.ts';
import { fitColumns } from './width.ts';

type ShownNames = Pick<Names, 'ownId' | 'nameOf' | 'titleOf'>;

const titleColumns = 24;
const maxTextLength = 60;

/** Pinned chats first, then those where something was said last. */
export const toListed = (chats: readonly ChatView[], withArchived = false): ChatView[] =>
  chats
    .filter(({ own }) => withArchived || !own.archived)
    .toSorted(
      (a, b) =>
        Number(b.own.pinned) - Number(a.own.pinned) ||
        Date.parse(b.active_at) - Date.parse(a.active_at) ||
        (a.id < b.id ? -1 : 1),
    );

export const isMuted = ({ own }: Pick<ChatView, 'own'>, now: number): boolean =>
  own.muted_until !== null && (own.muted_until === 'forever' || Date.parse(own.muted_until) > now);

/** `3 @1`: how many are unread and how many of them speak of oneself; `•` where the chat is marked as unread. */
export function toUnread({ own }: Pick<ChatView, 'own'>): string {
  const mentions = own.unread_mentions > 0 ? ` @${own.unread_mentions}` : '';
  if (own.unread_count > 0) return `${own.unread_count}${mentions}`;
  return own.marked_unread ? '*' : '';
}

/** The signs of how one has set a chat for oneself. */
export const toSettings = (chat: Pick<ChatView, 'own'>, { marks, now }: Pick<Look, 'marks' | 'now'>): string =>
  [
    chat.own.pinned ? marks.pinned : '',
    isMuted(chat, now()) ? marks.muted : '',
    chat.own.archived ? marks.archived : '',
  ].join('');

function toLastMessage(chat: ChatView, names: ShownNames, look: Look): string {
  if (chat.own.draft !== null)
    return look.paint.red(`${look.marks.draft} ${toSafeLine(chat.own.draft.text, maxTextLength)}`);
  const last = chat.last_message;
  if (last === null) return '';
  const text = last.deleted_at === undefined ? toSafeLine(last.text, maxTextLength) : look.t.deletedMessage;
  const isTold = chat.type === 'group' || last.sender_id === names.ownId;
  return isTold ? `${names.nameOf(last.sender_id)}: ${text}` : text;
}

/** A line of the list: number, title, unread, settings, when and what was said last. */
export function showChatLine(chat: ChatView, number: number, names: ShownNames, look: Look): string {
  const { paint } = look;
  const unread = toUnread(chat);
  const title = fitColumns(names.titleOf(chat), titleColumns);
  const counts = fitColumns(unread, 8);
  const when = chat.last_message === null ? '' : toShortTime(look, chat.last_message.timestamp);
  return [
    `${String(number).padStart(3)}.`,
    unread === '' ? title : paint.bold(title),
    chat.own.unread_mentions > 0 ? paint.yellow(counts) : paint.green(counts),
    fitColumns(toSettings(chat, look), 5),
    paint.dim(fitColumns(when, 8)),
    toLastMessage(chat, names, look),
  ]
    .join(' ')
    .trimEnd();
}
