import type { ChatView } from '../../client/index.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { texts } from './texts.ts';

const Mark = ({ icon, label, kind }: { icon: IconName; label: string; kind?: 'read' | 'failed' }) => (
  <span class={kind ? `chat-row-mark chat-row-mark-${kind}` : 'chat-row-mark'}>
    <Icon name={icon} size={1} />
    <span class="unseen">{label}</span>
  </span>
);

/** How far the newest message of a chat has got, if it is one's own. */
export function DeliveryMark({ chat }: { chat: ChatView }) {
  const { store, user } = useMessenger();
  const waiting = useSlice(`messages:${chat.id}`).pending.at(-1);
  useSlice(`positions:${chat.id}`);
  const t = texts();
  if (waiting)
    return waiting.status === 'failed' ? (
      <Mark icon="error" label={t.notSent} kind="failed" />
    ) : (
      <Mark icon="clock" label={t.sending} />
    );
  const last = chat.last_message;
  if (!last || last.sender_id !== user?.id || last.text === '') return null;
  const progress = store.progressOf({ chat_id: chat.id, seq: last.seq });
  return progress === 'read' ? (
    <Mark icon="checks" label={t.read} kind="read" />
  ) : (
    <Mark icon={progress === 'delivered' ? 'checks' : 'check'} label={t[progress]} />
  );
}
