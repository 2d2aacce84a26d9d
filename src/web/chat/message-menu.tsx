import type { Message, Messenger, PendingMessage } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Menu, type MenuItem, type MenuPlace } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { copyText } from './actions/copy.ts';
import { messageDialog } from './actions/dialog-state.ts';
import { QuickReactions } from './actions/quick.tsx';
import { mayDelete, mayEdit, mayPin } from './actions/rights.ts';
import { targetOf } from './target.ts';
import { toPlainLine } from './text/plain-line.ts';
import './message-menu.css';

const texts = defineTexts({
  en: {
    menu: 'Message',
    reply: 'Reply',
    jump: 'Go to original message',
    edit: 'Edit',
    copy: 'Copy text',
    link: 'Copy link',
    forward: 'Forward',
    pin: 'Pin',
    unpin: 'Unpin',
    edits: 'Edit history',
    seen: 'Read by',
    delete: 'Delete',
    retry: 'Send again',
    copied: 'Copied',
    notCopied: "The browser didn't allow copying",
  },
  ru: {
    menu: 'Сообщение',
    reply: 'Ответить',
    jump: 'Перейти к исходному',
    edit: 'Изменить',
    copy: 'Копировать текст',
    link: 'Копировать ссылку',
    forward: 'Переслать',
    pin: 'Закрепить',
    unpin: 'Открепить',
    edits: 'История изменений',
    seen: 'Кто прочитал',
    delete: 'Удалить',
    retry: 'Отправить ещё раз',
    copied: 'Скопировано',
    notCopied: 'Браузер не разрешил копировать',
  },
});

export interface MessageMenuProps {
  message: Message | PendingMessage;
  place: MenuPlace;
  onClose: () => void;
  /** Shows another message of the chat. */
  onJump: (seq: number) => void;
}

/** What one may do with a message: react, reply, edit, forward, copy, pin, see its history and who has read it, delete. */
export function MessageMenu({ message, place, onClose, onJump }: MessageMenuProps) {
  const messenger = useMessenger();
  const isStored = 'seq' in message;
  const canReact = isStored && message.deleted_at === undefined;
  return (
    <Menu
      label={texts().menu}
      place={place}
      onClose={onClose}
      items={isStored ? listItems(messenger, message, onJump) : listPendingItems(messenger, message)}
      sheet
      head={
        <>
          <p class="menu-about" aria-hidden="true" dir="auto">
            {toPlainLine(message.text)}
          </p>
          {canReact && (
            <QuickReactions
              message={message}
              onClose={onClose}
              onMore={() => (messageDialog.value = { kind: 'react', message, place })}
            />
          )}
        </>
      }
    />
  );
}

const copy = (text: string): void =>
  void copyText(text).then(
    () => toast(texts().copied),
    () => toast(texts().notCopied),
  );

const tell = (error: unknown): void => toast(toErrorText(error));

function listPendingItems({ outbox }: Messenger, message: PendingMessage): MenuItem[] {
  const { client_id: clientId, text } = message;
  const words = texts();
  const items: (MenuItem | false)[] = [
    message.status === 'failed' && { label: words.retry, icon: 'retry', onSelect: () => outbox.retry(clientId) },
    text !== '' && { label: words.copy, icon: 'copy', onSelect: () => copy(text) },
    { label: words.delete, icon: 'trash', danger: true, onSelect: () => outbox.drop(clientId) },
  ];
  return items.filter((item) => item !== false);
}

function listItems(messenger: Messenger, message: Message, onJump: (seq: number) => void): MenuItem[] {
  const words = texts();
  const { chat_id: chatId, seq, text, reply_to: replyTo, deleted_at: deletedAt } = message;
  const chat = messenger.chat(chatId);
  const target = targetOf(chatId);
  const isThere = deletedAt === undefined;
  const isPinned = message.pinned_at !== undefined;
  const isOwn = message.sender_id === messenger.user?.id;
  const open = (kind: 'forward' | 'seen' | 'edits' | 'delete') => () => void (messageDialog.value = { kind, message });
  const items: (MenuItem | false)[] = [
    isThere && { label: words.reply, icon: 'reply', onSelect: () => (target.value = { kind: 'reply', message }) },
    replyTo !== undefined && { label: words.jump, icon: 'message', onSelect: () => onJump(replyTo) },
    mayEdit(message, messenger.user?.id) && {
      label: words.edit,
      icon: 'edit',
      onSelect: () => (target.value = { kind: 'edit', message }),
    },
    isThere && { label: words.copy, icon: 'copy', onSelect: () => copy(text) },
    { label: words.link, icon: 'link', onSelect: () => copy(new URL(paths.chat(chatId, seq), location.origin).href) },
    isThere && { label: words.forward, icon: 'forward', onSelect: open('forward') },
    isThere &&
      mayPin(chat.view) && {
        label: isPinned ? words.unpin : words.pin,
        icon: 'pin',
        onSelect: () => void chat.pin(seq, !isPinned).catch(tell),
      },
    isThere && message.edited_at !== undefined && { label: words.edits, icon: 'clock', onSelect: open('edits') },
    isThere && isOwn && { label: words.seen, icon: 'checks', onSelect: open('seen') },
    mayDelete(message, chat.view, messenger.user?.id) && {
      label: words.delete,
      icon: 'trash',
      danger: true,
      onSelect: open('delete'),
    },
  ];
  return items.filter((item) => item !== false);
}
