import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ChatView, LastMessage } from '../../client/index.ts';
import { usePerson } from '../app/names.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { toPlainLine } from '../chat/text/plain-line.ts';
import { findWaiting } from './arrange.ts';
import { toFirstName } from './first-name.ts';
import { texts } from './texts.ts';

/** The second line of a chat: who types, else what is not sent, else what was said last. */
export function ChatPreview({ chat, isOpen }: { chat: ChatView; isOpen: boolean }) {
  const typing = useSlice(`typing:${chat.id}`);
  const waiting = findWaiting(useSlice(`messages:${chat.id}`).pending);
  const t = texts();
  const { draft } = chat.own;
  if (typing.length > 0) return <Typing chat={chat} userIds={typing} />;
  if (draft && !isOpen)
    return (
      <Line>
        <span class="chat-row-draft">{t.draft}</span> {toPlainLine(draft.text)}
      </Line>
    );
  if (waiting)
    return (
      <Line>
        {t.you} {toPlainLine(waiting.text)}
      </Line>
    );
  return chat.last_message ? <Last chat={chat} message={chat.last_message} /> : <Line>{t.noMessages}</Line>;
}

const Line = ({ children }: { children: ComponentChildren }) => <span class="chat-row-preview">{children}</span>;

function Typing({ chat, userIds }: { chat: ChatView; userIds: readonly string[] }) {
  const { name } = usePerson(userIds[0]!);
  const t = texts();
  const text =
    chat.type !== 'group'
      ? t.typing
      : userIds.length === 1
        ? t.isTyping(toFirstName(name))
        : t.areTyping(userIds.length);
  return <span class="chat-row-preview chat-row-typing">{text}</span>;
}

function Last({ chat, message }: { chat: ChatView; message: LastMessage }) {
  const messenger = useMessenger();
  const { sender_id: senderId } = message;
  const isKnown = useSlice(`person:${senderId}`) !== undefined;
  const { name } = usePerson(senderId);
  const t = texts();
  const isOwn = senderId === messenger.user?.id;
  useEffect(() => {
    // Of a large group only the first members are known.
    if (!isKnown) messenger.getUsers([senderId]).catch(() => undefined);
  }, [messenger, senderId, isKnown]);
  const prefix = isOwn ? t.you : chat.type === 'group' ? `${toFirstName(name)}:` : '';
  return (
    <Line>
      {prefix}{' '}
      {message.text === '' || message.deleted_at !== undefined ? <i>{t.deleted}</i> : toPlainLine(message.text)}
    </Line>
  );
}
