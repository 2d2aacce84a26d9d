/** A message as one sentence, for who listens. */
import type { Message, PendingMessage } from '../../../client/index.ts';
import { toTime } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { toMarkText, type Mark } from './marks.tsx';
import { isStored } from './rows.ts';

const texts = defineTexts({
  en: {
    you: 'You',
    deleted: 'Message deleted',
    edited: 'edited',
    pinned: 'pinned',
    forwarded: 'forwarded',
    reply: 'a reply',
  },
  ru: {
    you: 'Я',
    deleted: 'Сообщение удалено',
    edited: 'изменено',
    pinned: 'закреплено',
    forwarded: 'переслано',
    reply: 'ответ',
  },
});

interface RowNameOptions {
  message: Message | PendingMessage;
  mark: Mark | undefined;
  /** Undefined: oneself. */
  author: string | undefined;
}

/** `Bob, 14:05, Hello, edited, read`. */
export function toRowName({ message, mark, author }: RowNameOptions): string {
  const t = texts();
  const parts = [author ?? t.you, toTime(message.timestamp)];
  if (isStored(message) && message.deleted_at !== undefined) return [...parts, t.deleted].join(', ');
  if (isStored(message) && message.forwarded) parts.push(t.forwarded);
  if (message.reply_to !== undefined) parts.push(t.reply);
  parts.push(message.text);
  if (isStored(message) && message.edited_at !== undefined) parts.push(t.edited);
  if (isStored(message) && message.pinned_at !== undefined) parts.push(t.pinned);
  if (mark) parts.push(toMarkText(mark));
  return parts.join(', ');
}
