/** What one may do with a chat for oneself. */
import type { ChatHandle, ChatView, Messenger } from '../../client/index.ts';
import { defineTexts } from '../texts/texts.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { isUnread } from './arrange.ts';
import { toErrorText } from '../app/error-text.ts';
import { toMuteItem, type ChatAction } from './mute.tsx';

const texts = defineTexts({
  en: {
    read: 'Mark as read',
    unread: 'Mark as unread',
    pin: 'Pin',
    unpin: 'Unpin',
    archive: 'Archive',
    unarchive: 'Unarchive',
    archived: 'Chat moved to the archive',
    undo: 'Undo',
  },
  ru: {
    read: 'Отметить прочитанным',
    unread: 'Отметить непрочитанным',
    pin: 'Закрепить',
    unpin: 'Открепить',
    archive: 'В архив',
    unarchive: 'Вернуть из архива',
    archived: 'Чат перемещён в архив',
    undo: 'Отменить',
  },
});

const told = (promise: Promise<unknown>): void => void promise.catch((error: unknown) => toast(toErrorText(error)));

function markRead(chat: ChatHandle, { own }: ChatView): void {
  if (own.unread_count > 0) told(chat.markRead());
  else told(chat.markUnread(false));
}

function archive(chat: ChatHandle): void {
  const isDone = chat.updateOwn({ archived: true });
  const undo = { label: texts().undo, onSelect: () => told(chat.updateOwn({ archived: false })) };
  told(isDone.then(() => toast(texts().archived, undo)));
}

/** The menu of a chat's row. */
export function listRowActions(messenger: Messenger, view: ChatView): MenuItem[] {
  const t = texts();
  const chat = messenger.chat(view.id);
  return [
    isUnread(view)
      ? { label: t.read, icon: 'check', onSelect: () => markRead(chat, view) }
      : { label: t.unread, icon: 'unread', onSelect: () => told(chat.markUnread()) },
    ...listChatActions(messenger, view),
  ];
}

/** A place at the top, silence, a place in the archive. */
export function listChatActions(messenger: Messenger, view: ChatView): ChatAction[] {
  const t = texts();
  const chat = messenger.chat(view.id);
  const { own } = view;
  return [
    {
      label: own.pinned ? t.unpin : t.pin,
      icon: 'pin',
      onSelect: () => told(chat.updateOwn({ pinned: !own.pinned })),
    },
    toMuteItem(messenger, view),
    own.archived
      ? { label: t.unarchive, icon: 'archive', onSelect: () => told(chat.updateOwn({ archived: false })) }
      : { label: t.archive, icon: 'archive', onSelect: () => archive(chat) },
  ];
}
