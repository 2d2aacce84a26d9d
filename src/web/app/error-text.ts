/** What went wrong, in the words of whoever reads it. */
import type { MessengerError } from '../../client/index.ts';
import { defineTexts } from '../texts/texts.ts';
import { toError } from './api.ts';

type Code = MessengerError['code'];

const texts = defineTexts({
  en: {
    offline: 'The server cannot be reached. Try again in a moment.',
    rate_limited: 'That was too often. Wait a little and try again.',
    access_denied: 'You may not do that.',
    other: 'That did not work',
  },
  ru: {
    offline: 'Сервер недоступен. Попробуйте ещё раз чуть позже.',
    rate_limited: 'Слишком часто. Подождите немного и попробуйте ещё раз.',
    access_denied: 'На это нет прав.',
    other: 'Не получилось',
  },
});

/** Codes that say the same to a person. */
const same: Partial<Record<Code, keyof typeof texts.dictionary.en>> = {
  connection_lost: 'offline',
  timeout: 'offline',
  unavailable: 'offline',
  overloaded: 'offline',
  draining: 'offline',
};

/** A sentence about an error, whatever was thrown. What has no words of its own is told with the server's. */
export function toErrorText(thrown: unknown): string {
  const { code, message } = toError(thrown);
  const words = texts() as Record<string, string>;
  const key = same[code] ?? code;
  return Object.hasOwn(words, key) ? words[key]! : `${words['other']}: ${message}`;
}
