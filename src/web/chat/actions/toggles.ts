/** Reactions that one has just given or taken back: shown before the server has said so. */
import { signal } from '@preact/signals';
import type { Message, Messenger, Reaction } from '../../../client/index.ts';
import { toErrorText } from '../../app/error-text.ts';
import { toast } from '../../ui/toast.tsx';

const wished = signal<ReadonlyMap<string, boolean>>(new Map());

const toKey = ({ chat_id: chatId, seq }: Message, emoji: string): string => `${chatId}:${seq}:${emoji}`;

function forget(key: string): void {
  const rest = new Map(wished.value);
  rest.delete(key);
  wished.value = rest;
}

const isGiven = (message: Message | undefined, emoji: string, ownId: string | undefined): boolean =>
  message?.reactions?.find((one) => one.emoji === emoji)?.user_ids.includes(ownId ?? '') ?? false;

/** The reactions to a message as they will be. */
export function listReactions(message: Message, ownId: string | undefined): Reaction[] {
  const reactions = (message.reactions ?? []).map((one) => {
    const wish = wished.value.get(toKey(message, one.emoji));
    if (wish === undefined || ownId === undefined) return one;
    const others = one.user_ids.filter((id) => id !== ownId);
    return { emoji: one.emoji, user_ids: wish ? [...others, ownId] : others };
  });
  const prefix = toKey(message, '');
  for (const [key, wish] of wished.value) {
    const emoji = key.slice(prefix.length);
    if (wish && ownId !== undefined && key.startsWith(prefix) && !reactions.some((one) => one.emoji === emoji))
      reactions.push({ emoji, user_ids: [ownId] });
  }
  return reactions.filter(({ user_ids: ids }) => ids.length > 0);
}

/** Forgets wishes that have come true. */
export function settleReactions(message: Message, ownId: string | undefined): void {
  const prefix = toKey(message, '');
  for (const [key, wish] of wished.value)
    if (key.startsWith(prefix) && isGiven(message, key.slice(prefix.length), ownId) === wish) forget(key);
}

/** Gives a reaction or takes it back; by default the other of what is. What goes wrong is told. */
export function toggleReaction(
  messenger: Messenger,
  message: Message,
  emoji: string,
  on = !listReactions(message, messenger.user?.id)
    .find((one) => one.emoji === emoji)
    ?.user_ids.includes(messenger.user?.id ?? ''),
): void {
  const key = toKey(message, emoji);
  if (isGiven(messenger.store.findMessage(message.chat_id, message.seq), emoji, messenger.user?.id) !== on)
    wished.value = new Map(wished.value).set(key, on);
  messenger
    .chat(message.chat_id)
    .react(message.seq, emoji, on)
    .catch((error: unknown) => {
      forget(key);
      toast(toErrorText(error));
    });
}
