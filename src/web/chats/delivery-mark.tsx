import type { ChatView } from '../../client/index.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { findWaiting } from './arrange.ts';
import { texts } from './texts.ts';

const Mark = ({ icon, label, kind }: { icon: IconName; label: string; kind?: 'read' | 'failed' }) => (
  <span class={kind ? `chat-row-mark chat-row-mark-${kind}` : 'chat-row-mark'}>
    <Icon name={icon} size={1} />
    <span class="unseen">{label}</span>
  </span>
);

/** A message was refused. */
export const FailedMark = () => <Mark icon="error" label={texts().notSent} kind="failed" />;

/** How far the newest message of a chat has got, if it is one's own; nothing is told of it where a draft stands instead. */
export function DeliveryMark({ chat, isOpen }: { chat: ChatView; isOpen: boolean }) {
  const { store, user } = useMessenger();
  const waiting = findWaiting(useSlice(`messages:${chat.id}`).pending);
  useSlice(`positions:${chat.id}`);
  const t = texts();
  if (waiting) return waiting.status === 'failed' ? <FailedMark /> : <Mark icon="clock" label={t.sending} />;
  const last = chat.last_message;
  if (chat.own.draft && !isOpen) return null;
  if (!last || last.sender_id !== user?.id || last.text === '') return null;
  const progress = store.progressOf({ chat_id: chat.id, seq: last.seq });
  return progress === 'read' ? (
    <Mark icon="checks" label={t.read} kind="read" />
  ) : (
    <Mark icon={progress === 'delivered' ? 'checks' : 'check'} label={t[progress]} />
  );
}
