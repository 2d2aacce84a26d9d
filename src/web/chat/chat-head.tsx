import { useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { lazyDialog } from '../app/lazy.tsx';
import { minute } from '../app/minute.ts';
import { otherOf, useFace } from '../app/names.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { isMuted } from '../chats/arrange.ts';
import { MutedSign, toMuteItem } from '../chats/mute.tsx';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { HeadStatus } from './head-status.tsx';
import './chat-head.css';

const texts = defineTexts({
  en: {
    back: 'Back to chats',
    menu: 'Chat menu',
    info: 'Info',
    day: 'Go to date…',
  },
  ru: {
    back: 'Назад к чатам',
    menu: 'Меню чата',
    info: 'Информация',
    day: 'Перейти к дате…',
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

const DayDialog = lazyDialog<{ chatId: string; onClose: () => void }>(
  async () => (await import('./day-dialog.tsx')).DayDialog,
);

function Known({ chat }: { chat: ChatView }) {
  const messenger = useMessenger();
  const face = useFace(chat);
  const online = useSlice(`presence:${otherOf(chat, messenger.user?.id) ?? ''}`)?.online;
  const [isAsking, setAsking] = useState(false);
  // Silence passes with nothing being said.
  void minute.value;
  const items: MenuItem[] = [
    { label: texts().info, icon: 'info', onSelect: () => go(paths.chatInfo(chat.id)) },
    { label: texts().day, icon: 'calendar', onSelect: () => setAsking(true) },
    toMuteItem(messenger, chat),
  ];
  return (
    <>
      <Link class="chat-head-face" href={paths.chatInfo(chat.id)}>
        <Avatar id={face.id} name={face.name} src={face.src} size={2.5} online={online} />
        <span class="chat-head-text">
          <h1 class="chat-head-name">
            <span>{face.name}</span>
            {isMuted(chat) && <MutedSign class="chat-head-muted" />}
          </h1>
          <HeadStatus chat={chat} />
        </span>
      </Link>
      <MenuButton label={texts().menu} items={items} />
      {isAsking && <DayDialog chatId={chat.id} onClose={() => setAsking(false)} />}
    </>
  );
}
