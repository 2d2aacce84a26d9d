import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { toSafeLine } from './safe-text.ts';
import { toReactions } from './show-messages.ts';
import type { TailChange } from './tail.ts';

/** Text of a message on one line: a tail has a line for each thing that happens. */
const toLine = (text: string): string => toSafeLine(text.replaceAll(/\r\n|[\n\r\u2028\u2029]/g, ' ⏎ '));

const toInstant = (instant: string): string => new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');

/** Makes a line, with its newline, of every change. */
export function toTailPrinter({ look, names, isJson }: { look: Look; names: Names; isJson: boolean }) {
  const { t } = look;
  return ({ type, message }: TailChange): string => {
    if (isJson) return `${JSON.stringify({ type, message })}\n`;
    const head = `${toInstant(message.timestamp)} #${message.seq} ${names.nameOf(message.sender_id)}: `;
    if (message.deleted_at !== undefined) return `${head}${t.deletedMessage}\n`;
    const parts = [
      message.reply_to === undefined ? '' : `${look.marks.reply} #${message.reply_to} `,
      message.forwarded === undefined ? '' : `${look.marks.forward} ${names.nameOf(message.forwarded.sender_id)}: `,
      toLine(message.text),
      message.edited_at === undefined ? '' : ` ${t.edited}`,
      message.pinned_at === undefined ? '' : ` ${look.marks.pinned}`,
      message.reactions === undefined ? '' : ` ${toReactions(message.reactions, undefined, look)}`,
    ];
    return `${type === 'message_changed' ? '* ' : ''}${head}${parts.join('')}\n`;
  };
}
