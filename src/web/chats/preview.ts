/** Longer previews are cut by the line anyway. */
const maxLength = 200;

const pairs = /(\*\*|__|~~|`)(?=\S)(.*?\S)\1/gs;
const link = /!?\[([^\]]+)\]\([^)\s]+\)/g;
const beginnings = /^\s*(?:>|#{1,6}|[-*]|```\w*)\s+/gm;

/** The beginning of a message in one line, without the marks of its markdown. */
export const toPreview = (text: string): string =>
  text
    .slice(0, maxLength * 2)
    .replaceAll('```', '')
    .replaceAll(beginnings, '')
    .replaceAll(link, '$1')
    .replaceAll(pairs, '$2')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, maxLength);

/** The word by which a line calls somebody. */
export const toFirstName = (name: string): string => name.trim().split(/\s+/)[0] ?? name;
