/** Longer ones are cut by the screen anyway. */
const maxLength = 200;

const fences = /```\w*/g;
/** What divides an item of a list from the one before it. */
const nextItems = /(?<=^[ \t]*[-+*][ \t].*)(?<![.,;:!?…\s])\s*\n[ \t]*[-+*][ \t]+/gm;
const beginnings = /^\s*(?:(?:>|#{1,6}|[-+*])\s+)+/gm;
const link = /!?\[([^\]\n]+)\]\([^)\s]*\)/g;
const pairs = /(\*\*|__|~~|`|\*)(?=\S)(.*?\S)\1/gs;

/** The beginning of a text without the marks of its markdown; its lines stay. */
export const toPlainText = (text: string): string =>
  text
    .slice(0, maxLength * 2)
    .replaceAll(fences, '')
    .replaceAll(beginnings, '')
    .replaceAll(link, '$1')
    .replaceAll(pairs, '$2')
    .trim()
    .slice(0, maxLength)
    .toWellFormed();

/** The same in one line, in which the items of a list are told apart by commas. */
export const toPlainLine = (text: string): string =>
  toPlainText(text.slice(0, maxLength * 2).replaceAll(nextItems, ', ')).replaceAll(/\s+/g, ' ');
