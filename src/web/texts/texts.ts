/** Dictionaries. Each part of the client has its own, with both languages side by side. */
import { language, type Language } from './language.ts';

type Word = string | ((...values: never[]) => string);
type Dictionary = Record<string, Word>;

/** The same keys, with words of the same kind. */
type Same<T extends Dictionary> = { [K in keyof T]: T[K] extends string ? string : T[K] };

export interface Texts<T extends Dictionary> {
  /** The words in the language of this moment; read it while rendering. */
  (): Same<T>;
  readonly dictionary: Record<Language, Same<T>>;
}

/** A dictionary; the compiler refuses one in which a language lacks a word. */
export function defineTexts<const T extends Dictionary>(dictionary: { en: T; ru: Same<NoInfer<T>> }): Texts<T> {
  return Object.assign(() => dictionary[language.value], { dictionary }) as unknown as Texts<T>;
}

const english = new Intl.PluralRules('en');
const russian = new Intl.PluralRules('ru');

/** `1 message`, `2 messages`. */
export const countEn = (n: number, one: string, other: string): string =>
  `${n} ${english.select(n) === 'one' ? one : other}`;

/** `1 сообщение`, `2 сообщения`, `5 сообщений`. */
export function countRu(n: number, one: string, few: string, many: string): string {
  const form = russian.select(n);
  return `${n} ${form === 'one' ? one : form === 'few' ? few : many}`;
}
