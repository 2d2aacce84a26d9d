/** Gives the picker its emoji with their names in one language: a module a language, each a chunk of its own. */
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

interface Emoji {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  version: number;
}

/** Newer ones are empty boxes on too many devices. */
const newestVersion = 15.1;

/** Parts of emoji, such as tones of skin. */
const partsGroup = 2;

const wholeEmoji = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');

/** As Unicode recommends it for interchange, which is all that the server takes. */
function toInterchange({ emoji }: Emoji): string | undefined {
  const bare = emoji.replaceAll('\ufe0f', '');
  return [emoji, bare, `${bare}\ufe0f`].find((form) => wholeEmoji.test(form));
}

function toLine(one: Emoji): string | undefined {
  const form = toInterchange(one);
  if (form === undefined || one.version > newestVersion) return undefined;
  const label = one.label.toLowerCase();
  const tags = (one.tags ?? []).filter((tag) => !label.includes(tag.toLowerCase()));
  return [form, one.label, tags.join(' ')].join('\t');
}

function listGroups(language: string): string[][] {
  const all = createRequire(import.meta.url)(`emojibase-data/${language}/data.json`) as Emoji[];
  const groups: string[][] = [];
  for (const one of all.sort((a, b) => (a.order ?? 0) - (b.order ?? 0))) {
    const line = one.group === undefined || one.group === partsGroup ? undefined : toLine(one);
    if (line !== undefined) (groups[one.group!] ??= []).push(line);
  }
  return groups.filter((group) => group !== undefined);
}

const prefix = 'virtual:emoji/';

/** Modules `virtual:emoji/en` and `virtual:emoji/ru`. */
export const emojiPlugin = (): Plugin => ({
  name: 'emoji',
  resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
  load: (id) =>
    id.startsWith(`\0${prefix}`)
      ? `export const groups = ${JSON.stringify(listGroups(id.slice(prefix.length + 1)))};`
      : undefined,
});
