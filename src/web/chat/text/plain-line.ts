/** Longer lines are cut by the screen anyway. */
const maxLength = 200;

const fences = /```\w*/g;
const beginnings = /^\s*(?:(?:>|#{1,6}|[-+*])\s+)+/gm;
const link = /!?\[([^\]\n]+)\]\([^)\s]*\)/g;
const pairs = /(\*\*|__|~~|`)(?=\S)(.*?\S)\1/gs;

/** The beginning of a text in one line, without the marks of its markdown. */
export const toPlainLine = (text: string): string =>
  text
    .slice(0, maxLength * 2)
    .replaceAll(fences, '')
    .replaceAll(beginnings, '')
    .replaceAll(link, '$1')
    .replaceAll(pairs, '$2')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, maxLength)
    .toWellFormed();
