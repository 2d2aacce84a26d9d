import { toError } from '../app/api.ts';
import { toErrorText } from '../app/error-text.ts';
import { defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: {
    too_many_pinned: 'That is as many pinned chats as there can be. Unpin one first.',
    too_many_members: 'That is more people than a group can have.',
    too_many_chats: 'Somebody of them has too many chats already.',
    blocked: 'One of you has blocked the other.',
    no_user: 'Somebody of them has no account any more.',
    unknown_user: 'This person has no account any more.',
  },
  ru: {
    too_many_pinned: 'Больше чатов закрепить нельзя. Сначала нужно открепить один из них.',
    too_many_members: 'Столько участников в группе быть не может.',
    too_many_chats: 'У кого-то из участников уже слишком много чатов.',
    blocked: 'Один из собеседников заблокировал другого.',
    no_user: 'У кого-то из участников больше нет аккаунта.',
    unknown_user: 'У этого человека больше нет аккаунта.',
  },
});

/** A sentence about what went wrong with a chat. */
export function toChatErrorText(thrown: unknown): string {
  const words = texts() as Record<string, string>;
  return words[toError(thrown).code] ?? toErrorText(thrown);
}
