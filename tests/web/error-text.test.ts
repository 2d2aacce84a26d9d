import { expect, test } from 'vitest';
import { MessengerError, type ClientErrorCode } from '../../src/client/errors.ts';
import { errorCatalogue, type ErrorCode } from '../../src/protocol/errors.ts';

type Code = ErrorCode | ClientErrorCode;

const ofClient: Record<ClientErrorCode, true> = {
  offline: true,
  connection_lost: true,
  timeout: true,
  stopped: true,
  bad_answer: true,
  storage: true,
};
const codes = [...Object.keys(errorCatalogue), ...Object.keys(ofClient)] as Code[];

/** Met only where the client itself is wrong: then the code is shown, to be reported. */
const neverShown: readonly Code[] = [
  'bad_answer',
  'conflict',
  'csrf',
  'depends_missing',
  'internal',
  'malformed_json',
  'method_not_allowed',
  'not_a_pair',
  'resume_not_possible',
  'sender_mismatch',
  'too_deep',
  'unsupported_media_type',
];

// What a page has and a process has not: nobody calls these here.
Object.assign(globalThis, { addEventListener: () => undefined });

// The web client is compiled for browsers and these tests for Node: they meet at run time only.
const paths = { words: '../../src/web/app/error-text.ts', language: '../../src/web/texts/language.ts' };
const { toErrorText, loadErrorWords } = (await import(paths.words)) as {
  toErrorText: (thrown: unknown) => string;
  loadErrorWords: () => Promise<void>;
};
await loadErrorWords();
const { chooseLanguage } = (await import(paths.language)) as { chooseLanguage: (language: 'en' | 'ru') => void };

test.each(['en', 'ru'] as const)('every error that a person may meet has words (%s)', (language) => {
  chooseLanguage(language);
  const texts = new Map(codes.map((code) => [code, toErrorText(new MessengerError(code))]));
  const wordless = codes.filter((code) => texts.get(code)!.includes(`(${code})`));
  expect(wordless.sort()).toEqual(neverShown);
  for (const text of texts.values()) expect(/[а-яё]/i.test(text)).toBe(language === 'ru');
});

test('it is told when to try again, and what a bug throws is no code of anybody', () => {
  chooseLanguage('ru');
  expect(toErrorText(new MessengerError('rate_limited', { afterMs: 61_000 }))).toContain('через 2 минуты');
  expect(toErrorText(new MessengerError('rate_limited', { afterMs: 1_000 }))).not.toContain('через');
  expect(toErrorText(new Error('thrown by a bug'))).toContain('(internal)');
});
