/** What went wrong, in the words of whoever reads it. */
import { defineTexts } from '../texts/texts.ts';
import { toError } from './api.ts';
import type { toWords } from './error-words.ts';

const texts = defineTexts({ en: { other: 'That did not work' }, ru: { other: 'Не получилось' } });

let words: { toWords: typeof toWords } | undefined;

/** Fetches the words, so that they are there when something goes wrong. Without them its code is told. */
export async function loadErrorWords(): Promise<void> {
  words ??= await import('./error-words.ts');
}

/** A sentence about an error, whatever was thrown. */
export function toErrorText(thrown: unknown): string {
  const error = toError(thrown);
  return words?.toWords(error) ?? `${texts().other} (${error.code})`;
}
