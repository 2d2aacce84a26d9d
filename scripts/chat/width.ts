import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter();
const wide =
  /^(?:[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}])/u;
const none = /^[\p{M}\u200b-\u200f]+$/u;

/** How many columns of a terminal a text takes, as most of them count. */
export function countColumns(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\u0020-\u007e]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(plain)) columns += none.test(segment) ? 0 : isWide(segment) ? 2 : 1;
  return columns;
}

const isWide = (segment: string): boolean => wide.test(segment) || segment.includes('\ufe0f');

/** How many rows of `columns` a line takes. */
export const countRows = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(countColumns(line) / Math.max(1, columns)));

/** The text, cut with `…` or filled up with blanks to exactly `columns`. */
export function fitColumns(text: string, columns: number): string {
  const length = countColumns(text);
  if (length <= columns) return text + ' '.repeat(columns - length);
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = countColumns(segment);
    if (used + more > columns - 1) break;
    cut += segment;
    used += more;
  }
  return `${cut}…${' '.repeat(columns - 1 - used)}`;
}
