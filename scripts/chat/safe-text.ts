/**
 * What others wrote, made harmless for a terminal. A name or a text may hold escape sequences that repaint the screen, set the
 * clipboard or answer as if typed, marks that turn the direction of writing round, and newlines that look like a line of ours.
 * Everything of others goes through here before it is put into a line; `guardLine` is the second lock, before the terminal.
 */
const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const lineBreaks = new RegExp(lineBreak, 'g');
const control = /[\u0000-\u001f\u007f-\u009f]/g;
/** Format characters but the joiners, which emoji and some alphabets need: directions, tags, invisible marks. */
const format = /(?![\u200c\u200d])\p{Cf}/gu;
const stackedMarks = /(\p{M}{8})\p{M}+/gu;

/** A control character as a picture of itself. */
function toPicture(char: string): string {
  const code = char.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}

const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('\t', '  ')
    .replaceAll(control, toPicture)
    .replaceAll(format, '')
    .replaceAll(stackedMarks, '$1');

/** A text as the lines that it has, each harmless. */
export const toSafeLines = (text: string): string[] => text.split(lineBreak).map(clean);

/** A name or a text on one line, at most `maxLength` code points with `…` at its end where it was longer. */
export function toSafeLine(text: string, maxLength = Infinity): string {
  const line = clean(text.replaceAll(lineBreaks, ' ')).replaceAll(/\s+/g, ' ').trim();
  const points = Array.from(line.length > maxLength ? line.slice(0, (maxLength + 1) * 2) : line);
  return points.length > maxLength ? `${points.slice(0, maxLength - 1).join('')}…` : line;
}

const colour = /\u001b\[[\d;]*m/g;

/** A line of ours without any control character but those of its colours. */
export function guardLine(line: string): string {
  const colours = line.match(colour) ?? [];
  return line
    .split(colour)
    .map((part, i) => part.replaceAll(control, toPicture) + (colours[i] ?? ''))
    .join('');
}

const secretField = /"((?:access_|refresh_)?token|password|authorization)"\s*:\s*"(?:[^"\\]|\\.)*"/g;
const tokenForm = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** A frame as it may be shown: on one line, and without what lets its reader in. */
export const toShownFrame = (text: string): string =>
  toSafeLine(text.replaceAll(secretField, '"$1":"…"').replaceAll(tokenForm, '…'));
