import type { Message, PendingMessage, Reaction } from '../../src/client/index.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { toSafeLine, toSafeLines } from './safe-text.ts';
import { toDay, toTime, toWhen } from './times.ts';

/** How far an own message has got. */
export type Progress = 'queued' | 'failed' | 'stored' | 'delivered' | 'seen';

/** What showing messages needs to know besides them. */
export interface Shown {
  look: Look;
  names: Pick<Names, 'ownId' | 'nameOf'>;
  /** How far a stored own message has got. */
  progressOf: (message: Message) => Progress;
  /** A message of the same chat, where it is held. */
  find: (seq: number) => Message | undefined;
}

const maxQuoteLength = 60;

export const toMark = (progress: Progress, { marks, paint }: Pick<Look, 'marks' | 'paint'>): string => {
  const mark = marks[progress];
  if (progress === 'failed') return paint.red(mark);
  return progress === 'seen' ? paint.cyan(mark) : paint.dim(mark);
};

export const toReactions = (reactions: readonly Reaction[], ownId: string | undefined, look: Look): string =>
  reactions
    .map(({ emoji, user_ids }) => {
      const shown = `${toSafeLine(emoji)}${user_ids.length}`;
      return ownId !== undefined && user_ids.includes(ownId) ? look.paint.bold(`${shown}*`) : shown;
    })
    .join(' ');

/** A message in a few words: `#12 Bob: The numbers…` */
export function toQuote(message: Message | undefined, seq: number, { look, names }: Pick<Shown, 'look' | 'names'>) {
  if (message === undefined) return `#${seq}`;
  const text = message.deleted_at === undefined ? toSafeLine(message.text, maxQuoteLength) : look.t.deletedMessage;
  return `#${seq} ${names.nameOf(message.sender_id)}: ${text}`;
}

/** Lines after the first stand behind a bar, so that nobody can write a line that looks like one of the terminal's. */
const withBars = ([first = '', ...more]: string[]): string[] => [first, ...more.map((line) => `      | ${line}`)];

const isMentioned = ({ mentions }: Pick<Message, 'mentions'>, ownId: string | undefined): boolean =>
  mentions?.some(({ user_id }) => user_id === ownId) ?? false;

function toTail(message: Message, { look, names, progressOf }: Shown): string {
  const { t, marks, paint } = look;
  const isOwn = message.sender_id === names.ownId;
  const parts = [
    message.edited_at === undefined ? '' : paint.dim(t.edited),
    message.pinned_at === undefined ? '' : marks.pinned,
    message.reactions === undefined ? '' : toReactions(message.reactions, names.ownId, look),
    isOwn ? toMark(progressOf(message), look) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `  ${parts.join(' ')}`;
}

/** A stored message: a line, more where its text has more, one before it where it answers another. */
export function showMessage(message: Message, shown: Shown): string[] {
  const { look, names } = shown;
  const { t, paint, marks } = look;
  const isOwn = message.sender_id === names.ownId;
  const name = isOwn ? paint.green(names.nameOf(message.sender_id)) : paint.blue(names.nameOf(message.sender_id));
  const head = `${paint.dim(toTime(look, message.timestamp))} #${message.seq} ${name}: `;
  if (message.deleted_at !== undefined) return [`${head}${paint.dim(t.deletedMessage)}`];
  const forwarded =
    message.forwarded === undefined
      ? ''
      : paint.dim(
          `${marks.forward} ${t.forwardedFrom(names.nameOf(message.forwarded.sender_id), toWhen(look, message.forwarded.timestamp))} `,
        );
  const lines = toSafeLines(message.text);
  const text = isMentioned(message, names.ownId) ? lines.map((line) => paint.yellow(line)) : lines;
  const [first = '', ...more] = withBars(text);
  const body = [`${head}${forwarded}${first}`, ...more];
  const quote =
    message.reply_to === undefined
      ? []
      : [paint.dim(`      ${marks.reply} ${toQuote(shown.find(message.reply_to), message.reply_to, shown)}`)];
  return [...quote, ...body.slice(0, -1), `${body.at(-1)}${toTail(message, shown)}`];
}

/** An own message that the server has not acknowledged. */
export function showPending(message: PendingMessage, { look, names, find }: Omit<Shown, 'progressOf'>): string[] {
  const { paint, marks, t } = look;
  const quote =
    message.reply_to === undefined
      ? []
      : [paint.dim(`      ${marks.reply} ${toQuote(find(message.reply_to), message.reply_to, { look, names })}`)];
  const text = message.forward === undefined ? message.text : `${marks.forward} #${message.forward.seq}`;
  const [first = '', ...more] = withBars(toSafeLines(text));
  const body = [`${paint.dim(toTime(look, message.timestamp))} ${paint.green(t.you)}: ${first}`, ...more];
  const mark = toMark(message.status === 'failed' ? 'failed' : 'queued', look);
  return [...quote, ...body.slice(0, -1), `${body.at(-1)}  ${mark}`];
}

/** Messages with a line wherever a day begins; `lastDay` is that of the message shown before. */
export function showMessages(
  messages: readonly Message[],
  shown: Shown,
  lastDay?: string,
): { lines: string[]; lastDay: string | undefined } {
  const { look } = shown;
  let day = lastDay;
  const lines: string[] = [];
  for (const message of messages) {
    const own = toDay(look, message.timestamp);
    if (own !== day) lines.push(look.paint.dim(`${look.marks.rule} ${own} ${look.marks.rule}`));
    day = own;
    lines.push(...showMessage(message, shown));
  }
  return { lines, lastDay: day };
}
