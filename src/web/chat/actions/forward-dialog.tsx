import { useState } from 'preact/hooks';
import type { ChatView } from '../../../client/index.ts';
import { toChatFace, useFace } from '../../app/names.ts';
import { go, paths } from '../../app/router.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { countEn, countRu, defineTexts } from '../../texts/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckItem } from '../../ui/check-item.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SearchField } from '../../ui/field.tsx';
import { toast } from '../../ui/toast.tsx';
import { toLine } from '../text/line.ts';
import type { MessageDialogProps } from './dialog-state.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: {
    title: 'Forward',
    search: 'Search chats',
    chats: 'Chats',
    none: 'Nothing found',
    send: 'Forward',
    open: 'Open',
    done: (n: number) => `Forwarded to ${countEn(n, 'chat', 'chats')}`,
  },
  ru: {
    title: 'Переслать',
    search: 'Поиск чатов',
    chats: 'Чаты',
    none: 'Ничего не найдено',
    send: 'Переслать',
    open: 'Открыть',
    done: (n: number) => `Переслано в ${countRu(n, 'чат', 'чата', 'чатов')}`,
  },
});

const maxShown = 50;

function ChatChoice({ chat, checked, onToggle }: { chat: ChatView; checked: boolean; onToggle: () => void }) {
  const face = useFace(chat);
  return (
    <li>
      <CheckItem leading={<Avatar {...face} size={2.5} />} title={face.name} checked={checked} onChange={onToggle} />
    </li>
  );
}

/** Tells a message on in other chats. */
export function ForwardDialog({ message, onClose }: MessageDialogProps) {
  const messenger = useMessenger();
  const chats = useSlice('chats');
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const wanted = query.trim().toLocaleLowerCase();
  const nameOf = (chat: ChatView): string => toChatFace(chat, messenger.user?.id, messenger.store).name;
  const found = chats.filter((chat) => nameOf(chat).toLocaleLowerCase().includes(wanted)).slice(0, maxShown);

  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);

  const forward = (): void => {
    for (const id of chosen) messenger.chat(id).send({ forward: { chatId: message.chat_id, seq: message.seq } });
    onClose();
    const [first] = chosen;
    toast(texts().done(chosen.length), {
      label: texts().open,
      onSelect: () => go(paths.chat(first!)),
    });
  };

  return (
    <Dialog
      title={texts().title}
      onClose={onClose}
      actions={
        <Button kind="primary" icon="forward" disabled={chosen.length === 0} onClick={forward}>
          {texts().send}
        </Button>
      }
    >
      <p class="dialog-quote" dir="auto">
        {toLine(message)}
      </p>
      <SearchField label={texts().search} value={query} onInput={setQuery} autofocus />
      {found.length === 0 ? (
        <p role="status">{texts().none}</p>
      ) : (
        <ul class="forward-list" aria-label={texts().chats}>
          {found.map((chat) => (
            <ChatChoice key={chat.id} chat={chat} checked={chosen.includes(chat.id)} onToggle={() => toggle(chat.id)} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}
