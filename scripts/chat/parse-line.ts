/** What a typed line is: a text to be sent, or a command with all that follows its name. */
export type Line = { text: string } | { command: string; rest: string };

/** `/name rest` is a command; `//text` sends `/text`. */
export function parseLine(line: string): Line {
  if (line.startsWith('//')) return { text: line.slice(1) };
  const [, command, rest = ''] = /^\/(\S+)\s*([^]*)$/.exec(line) ?? [];
  return command === undefined ? { text: line } : { command: command.toLowerCase(), rest: rest.trim() };
}

/** Words, of which those in quotes hold blanks: `"Group 1" bob` is two. A backslash takes the next character as it is. */
export function toWords(text: string): string[] {
  const words: string[] = [];
  for (const [, quoted, bare] of text.matchAll(/"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)/gs))
    words.push((quoted ?? bare ?? '').replaceAll(/\\(.)/gs, '$1'));
  return words;
}

/** The first word and what follows it, untouched. */
export function splitFirst(text: string): [first: string, rest: string] {
  const [, first = '', rest = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
  return [first, rest];
}

/** A message's place as people type it, `12` or `#12`; undefined when it is none. */
export function toSeq(word: string): number | undefined {
  const [, digits] = /^#?(\d{1,15})$/.exec(word) ?? [];
  return digits === undefined || Number(digits) < 1 ? undefined : Number(digits);
}

/**
 * Lines that end with a backslash go on in the next one; two of them are one that is meant. `take` answers the whole once it
 * is complete.
 */
export class LineJoiner {
  #held: string[] = [];

  get isOpen(): boolean {
    return this.#held.length > 0;
  }

  take(line: string): string | undefined {
    const slashes = /\\*$/.exec(line)?.[0].length ?? 0;
    if (slashes % 2 === 1) return void this.#held.push(line.slice(0, -(slashes + 1) / 2));
    const whole = [...this.#held, slashes === 0 ? line : line.slice(0, -slashes / 2)].join('\n');
    this.#held = [];
    return whole;
  }

  /** Whatever is held goes. */
  clear(): void {
    this.#held = [];
  }
}
