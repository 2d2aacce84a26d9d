/** The emoji there are, as the picker looks them up. */
import { readSetting, writeSetting } from '../app/settings.ts';
import type { Language } from '../texts/language.ts';

export interface Emoji {
  emoji: string;
  /** What it is called. */
  name: string;
  /** All words it is found by, in small letters. */
  words: string;
}

const loaders = {
  en: () => import('virtual:emoji/en'),
  ru: () => import('virtual:emoji/ru'),
} satisfies Record<Language, () => Promise<{ groups: readonly (readonly string[])[] }>>;

/** All emoji by category, with their names in a language. */
export async function loadGroups(language: Language): Promise<Emoji[][]> {
  const { groups } = await loaders[language]();
  return groups.map((group) =>
    group.map((line) => {
      const [emoji = '', name = '', tags = ''] = line.split('\t');
      return { emoji, name, words: fold(`${name} ${tags}`) };
    }),
  );
}

/** In small letters and without what people leave out when they type. */
const fold = (text: string): string => text.toLocaleLowerCase().replaceAll('ё', 'е');

const maxFound = 96;

/** What has all the words of a query; first what is called so. */
export function findEmoji(groups: readonly (readonly Emoji[])[], query: string): Emoji[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  const rankOf = ({ words }: Emoji): number =>
    words.startsWith(wanted[0]!) ? 0 : words.includes(` ${wanted[0]!}`) ? 1 : 2;
  return groups
    .flat()
    .filter(({ words }) => wanted.every((word) => words.includes(word)))
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, maxFound);
}

const maxRecent = 24;

/** Those picked last on this device, the last one first. */
export const listRecent = (): string[] => (readSetting('emoji') ?? '').split(' ').filter(Boolean);

/** Remembers that one was picked. */
export const noteRecent = (emoji: string): void =>
  writeSetting('emoji', [emoji, ...listRecent().filter((one) => one !== emoji)].slice(0, maxRecent).join(' '));
