import { useEffect, useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import { toError } from '../app/api.ts';
import { paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Link } from '../ui/link.tsx';
import { EmptyState } from '../ui/note.tsx';
import { ChatHead } from './chat-head.tsx';
import { Composer } from './composer.tsx';
import { PinnedBar } from './pinned-bar.tsx';
import { openRecent } from './timeline/recent.ts';
import { Timeline } from './timeline/timeline.tsx';
import './chat-screen.css';

const texts = defineTexts({
  en: {
    none: 'Chat not found',
    noneText: "It was deleted, or you aren't a member.",
    gone: "You're no longer in this chat",
    goneText: 'It was deleted, or you were removed.',
    back: 'Back to chats',
  },
  ru: {
    none: 'Чат не найден',
    noneText: 'Он удалён, или к нему нет доступа.',
    gone: 'Этот чат больше недоступен',
    goneText: 'Он удалён, или доступ к нему закрыт.',
    back: 'К списку чатов',
  },
});

type Missing = 'none' | 'gone';

/** A chat with its messages. `seq`: the message to jump to. */
export function ChatScreen({ chatId, seq }: { chatId: string; seq: number | undefined }) {
  const missing = useOpen(chatId);
  if (missing) return <MissingChat why={missing} />;
  return (
    <section class="chat-screen">
      <ChatHead chatId={chatId} />
      <PinnedBar chatId={chatId} />
      <Timeline chatId={chatId} seq={seq} />
      <Composer chatId={chatId} />
    </section>
  );
}

/** Keeps the chat open; tells when there is none. What fails for want of a connection is done when there is one. */
function useOpen(chatId: string): Missing | undefined {
  const messenger = useMessenger();
  const connection = useSlice('connection');
  const isKnown = useSlice(`chat:${chatId}`) !== undefined;
  const [missing, setMissing] = useState<Missing>();
  useEffect(() => {
    let isCurrent = true;
    const onError = (error: MessengerError): void => {
      if (isCurrent && error.retry !== 'same') setMissing((known) => known ?? 'none');
    };
    openRecent(messenger, chatId).catch((error: unknown) => onError(toError(error)));
    return () => {
      isCurrent = false;
    };
  }, [messenger, chatId, connection === 'online']);
  useEffect(() => {
    const offs = [
      messenger.on('chat_removed', (event) => {
        if (event.chatId === chatId) setMissing('gone');
      }),
      messenger.on('chat_added', (event) => {
        if (event.chatId === chatId) setMissing(undefined);
      }),
    ];
    return () => {
      for (const off of offs) off();
    };
  }, [messenger, chatId]);
  return isKnown && missing === 'none' ? undefined : missing;
}

const MissingChat = ({ why }: { why: Missing }) => (
  <section class="chat-screen">
    <EmptyState
      icon="message"
      title={why === 'none' ? texts().none : texts().gone}
      text={why === 'none' ? texts().noneText : texts().goneText}
    >
      <Link href={paths.home}>{texts().back}</Link>
    </EmptyState>
  </section>
);
