/** What one may do with a chat for oneself. */
import type { ChatHandle, ChatView, Messenger } from '../../client/index.ts';
import { defineTexts } from '../texts/texts.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { isMuted, isUnread } from './arrange.ts';
import { toErrorText } from '../app/error-text.ts';

const texts = defineTexts({
  en: {
    read: 'Mark as read',
    unread: 'Mark as unread',
    pin: 'Pin',
    unpin: 'Unpin',
    mute1: 'Mute for 1 hour',
    mute8: 'Mute for 8 hours',
    mute: 'Mute forever',
    unmute: 'Unmute',
    archive: 'Archive',
    unarchive: 'Back from the archive',
    archived: 'Chat moved to the archive',
    undo: 'Undo',
  },
  ru: {
    read: 'Отметить прочитанным',
    unread: 'Отметить непрочитанным',
    pin: 'Закрепить',
    unpin: 'Открепить',
    mute1: 'Без звука на 1 час',
    mute8: 'Без звука на 8 часов',
    mute: 'Без звука навсегда',
    unmute: 'Включить уведомления',
    archive: 'В архив',
    unarchive: 'Вернуть из архива',
    archived: 'Чат перемещён в архив',
    undo: 'Отменить',
  },
});

const hourMs = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString();

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
export function listChatActions(messenger: Messenger, view: ChatView): MenuItem[] {
  const t = texts();
  const chat = messenger.chat(view.id);
  const { own } = view;
  const mute = (label: string, until: () => string): MenuItem => ({
    label,
    icon: 'bellOff',
    onSelect: () => told(chat.updateOwn({ mutedUntil: until() })),
  });
  return [
    isUnread(view)
      ? { label: t.read, icon: 'check', onSelect: () => markRead(chat, view) }
      : { label: t.unread, icon: 'unread', onSelect: () => told(chat.markUnread()) },
    {
      label: own.pinned ? t.unpin : t.pin,
      icon: 'pin',
      onSelect: () => told(chat.updateOwn({ pinned: !own.pinned })),
    },
    ...(isMuted(view)
      ? [{ label: t.unmute, icon: 'bell', onSelect: () => told(chat.updateOwn({ mutedUntil: null })) } as const]
      : [mute(t.mute1, () => inHours(1)), mute(t.mute8, () => inHours(8)), mute(t.mute, () => 'forever')]),
    own.archived
      ? { label: t.unarchive, icon: 'archive', onSelect: () => told(chat.updateOwn({ archived: false })) }
      : { label: t.archive, icon: 'archive', onSelect: () => archive(chat) },
  ];
}
