import { useEffect } from 'preact/hooks';
import { useMessenger } from '../app/slices.ts';
import { keepOpen } from '../offline/keep-open.ts';
import { ChatHead } from './chat-head.tsx';
import { Composer } from './composer.tsx';
import { PinnedBar } from './pinned-bar.tsx';
import { Timeline } from './timeline.tsx';
import './chat-screen.css';

/** A chat with its messages. `seq`: the message to jump to. */
export function ChatScreen({ chatId, seq }: { chatId: string; seq: number | undefined }) {
  const messenger = useMessenger();
  useEffect(() => keepOpen(messenger, chatId, () => undefined), [messenger, chatId]);
  return (
    <section class="chat-screen">
      <ChatHead chatId={chatId} />
      <PinnedBar chatId={chatId} />
      <Timeline chatId={chatId} seq={seq} />
      <Composer chatId={chatId} />
    </section>
  );
}
