import type { Texts } from './texts/en.ts';

/** The signs for what becomes of a message and how a chat stands. */
export interface Marks {
  /** It waits for a connection, or for the server's word. */
  queued: string;
  failed: string;
  stored: string;
  delivered: string;
  seen: string;
  pinned: string;
  muted: string;
  archived: string;
  draft: string;
  reply: string;
  forward: string;
  online: string;
  rule: string;
  in: string;
  out: string;
}

export const pictures: Marks = {
  queued: '⏳',
  failed: '✗',
  stored: '✓',
  delivered: '✓✓',
  seen: '👁',
  pinned: '📌',
  muted: '🔇',
  archived: '🗄',
  draft: '✎',
  reply: '↪',
  forward: '⇒',
  online: '●',
  rule: '──',
  in: '←',
  out: '→',
};

/** For terminals and fonts that know no pictures. */
export const ascii: Marks = {
  queued: '..',
  failed: '!!',
  stored: '+',
  delivered: '++',
  seen: '**',
  pinned: '^',
  muted: 'm',
  archived: 'a',
  draft: 'd',
  reply: '>>',
  forward: '=>',
  online: '*',
  rule: '--',
  in: '<-',
  out: '->',
};

const colours = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Paint = Record<keyof typeof colours, (text: string) => string>;

/** Colours, or none: then everything says itself by its words and signs. */
export const toPaint = (isColoured: boolean): Paint =>
  Object.fromEntries(
    Object.entries(colours).map(([name, code]) => [
      name,
      (text: string) => (isColoured && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text),
    ]),
  ) as Paint;

/** How everything is shown. */
export interface Look {
  language: 'en' | 'ru';
  t: Texts;
  marks: Marks;
  paint: Paint;
  /** In milliseconds since 1970. */
  now: () => number;
  /** By default that of the machine. */
  timeZone?: string;
}

/** For commands whose output is read by programs. */
export const plainLook = (language: Look['language'], t: Texts): Look => ({
  language,
  t,
  marks: ascii,
  paint: toPaint(false),
  now: Date.now,
});
