import { describe, expect, it } from 'vitest';
import { commandNames } from '../../scripts/chat/command-names.ts';
import { commands, typedNames } from '../../scripts/chat/commands.ts';
import { findLanguage, languages } from '../../scripts/chat/texts/texts.ts';
import { errorCatalogue } from '../../src/protocol/errors.ts';

/** Every text of a dictionary by its path; functions are called with what stands for anything. */
function listTexts(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => unknown)(3, 4))]];
  return Object.entries(value as object).flatMap(([key, inner]) => listTexts(inner, `${path}.${key}`));
}

/** Texts that are the same in any language. */
const international = new Set(['.account.id', '.somebody', '.roleChanged']);

describe('the texts of the terminal', () => {
  it('are there in both languages, none of them empty', () => {
    const english = listTexts(languages.en);
    expect(english.length).toBeGreaterThan(200);
    const paths = (texts: [path: string, text: string][]): string[] => texts.map(([path]) => path).toSorted();
    expect(paths(listTexts(languages.ru))).toEqual(paths(english));
    const mayBeEmpty = /^\.commands\.\w+\.0$/;
    for (const [path, text] of [...english, ...listTexts(languages.ru)])
      if (!mayBeEmpty.test(path)) expect(text, path).not.toBe('');
  });

  it('in Russian are Russian', () => {
    for (const [path, text] of listTexts(languages.ru)) {
      if (international.has(path) || /^\.commands\.\w+\.0$/.test(path)) continue;
      expect(text, path).toMatch(/[а-яё]/i);
    }
  });

  it.each(['en', 'ru'] as const)('have every error and every command: %s', (language) => {
    for (const code of Object.keys(errorCatalogue)) expect(languages[language].errors).toHaveProperty(code);
    expect(Object.keys(languages[language].commands)).toEqual([...commandNames]);
  });

  it('count as Russian counts', () => {
    const { yourChats } = languages.ru;
    expect([1, 2, 5, 11, 21].map((n) => yourChats(n, 0))).toEqual(['1 чат', '2 чата', '5 чатов', '11 чатов', '21 чат']);
  });

  it.each([
    [{ LANG: 'ru_RU.UTF-8' }, 'ru'],
    [{ LC_ALL: 'ru', LANG: 'en_US' }, 'ru'],
    [{ LC_ALL: '', LANG: 'C.UTF-8' }, 'en'],
    [{}, 'en'],
  ] as const)('are of the language of the machine: %o', (env, language) => {
    expect(findLanguage(env)).toBe(language);
  });
});

describe('the commands', () => {
  it('are all there, and no name stands for two', () => {
    expect(Object.keys(commands).toSorted()).toEqual([...commandNames].toSorted());
    expect(new Set(typedNames).size).toBe(typedNames.length);
  });
});
