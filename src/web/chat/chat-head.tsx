import { useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { lazyDialog } from '../app/lazy.tsx';
import { otherOf, useFace } from '../app/names.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Link } from '../ui/link.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { HeadStatus } from './head-status.tsx';
import './chat-head.css';

const texts = defineTexts({
  en: {
    back: 'Back to the chats',
    menu: 'Chat menu',
    info: 'Info',
    day: 'Go to a date…',
    mute: 'Mute…',
    unmute: 'Unmute',
    muted: 'Muted',
  },
  ru: {
    back: 'Назад к чатам',
    menu: 'Меню чата',
    info: 'Информация',
    day: 'Перейти к дате…',
    mute: 'Отключить уведомления…',
    unmute: 'Включить уведомления',
    muted: 'Уведомления отключены',
  },
});

/** Whose chat it is, who types or is there, and what one may do with the chat. */
export function ChatHead({ chatId }: { chatId: string }) {
  const chat = useSlice(`chat:${chatId}`);
  return (
    <header class="chat-head">
      <IconButton class="chat-head-back" icon="back" label={texts().back} onClick={() => go(paths.home)} />
      {chat && <Known chat={chat} />}
    </header>
  );
}

interface HeadDialogProps {
  chatId: string;
  onClose: () => void;
}

const dialogs = {
  day: lazyDialog<HeadDialogProps>(async () => (await import('./day-dialog.tsx')).DayDialog),
  mute: lazyDialog<HeadDialogProps>(async () => (await import('./mute-dialog.tsx')).MuteDialog),
};

function Known({ chat }: { chat: ChatView }) {
  const messenger = useMessenger();
  const face = useFace(chat);
  const online = useSlice(`presence:${otherOf(chat, messenger.user?.id) ?? ''}`)?.online;
  const [dialog, setDialog] = useState<keyof typeof dialogs>();
  const Dialog = dialog && dialogs[dialog];
  const isMuted = chat.own.muted_until !== null;

  const fail = (error: unknown): void => toast(toErrorText(error));
  const items: MenuItem[] = [
    { label: texts().info, icon: 'info', onSelect: () => go(paths.chatInfo(chat.id)) },
    { label: texts().day, icon: 'calendar', onSelect: () => setDialog('day') },
    isMuted
      ? {
          label: texts().unmute,
          icon: 'bell',
          onSelect: () => void messenger.chat(chat.id).updateOwn({ mutedUntil: null }).catch(fail),
        }
      : { label: texts().mute, icon: 'bellOff', onSelect: () => setDialog('mute') },
  ];
  return (
    <>
      <Link class="chat-head-face" href={paths.chatInfo(chat.id)}>
        <Avatar id={face.id} name={face.name} src={face.src} size={2.5} online={online} />
        <span class="chat-head-text">
          <h1 class="chat-head-name">
            <span>{face.name}</span>
            {isMuted && (
              <span class="chat-head-muted" title={texts().muted}>
                <Icon name="bellOff" size={0.9375} />
                <span class="unseen">{texts().muted}</span>
              </span>
            )}
          </h1>
          <HeadStatus chat={chat} />
        </span>
      </Link>
      <MenuButton label={texts().menu} items={items} />
      {Dialog && <Dialog chatId={chat.id} onClose={() => setDialog(undefined)} />}
    </>
  );
}
