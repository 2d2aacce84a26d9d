/** A text that has been read: what bubbles, quotes and dialogs show. */
import type { Mention } from '../../../client/index.ts';

export type Inline =
  | string
  | { kind: 'break' }
  | { kind: 'strong' | 'emphasis' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; href: string; children: Inline[] }
  | { kind: 'mention'; userId: string; text: string };

export type Block =
  | { kind: 'paragraph' | 'heading'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; children: Block[] }
  /** `start`: the number of the first item; undefined: it has bullets. */
  | { kind: 'list'; start: number | undefined; items: Block[][] };

/** A mention with its words, as it stands in a text. */
export type MentionPiece = Extract<Inline, { kind: 'mention' }>;

/** A text cut at its mentions, whose places are in code points. Those that do not fit the text are plain words. */
export function cutAtMentions(text: string, mentions: readonly Mention[] = []): (string | MentionPiece)[] {
  if (mentions.length === 0) return [text];
  const points = Array.from(text);
  const pieces: (string | MentionPiece)[] = [];
  let at = 0;
  for (const { user_id: userId, offset, length } of mentions) {
    if (offset < at || offset + length > points.length) continue;
    if (offset > at) pieces.push(points.slice(at, offset).join(''));
    at = offset + length;
    pieces.push({ kind: 'mention', userId, text: points.slice(offset, at).join('') });
  }
  if (at < points.length) pieces.push(points.slice(at).join(''));
  return pieces;
}

const markup = /[*_~`[\]\\<@]|:\/\/|^\s*(?:>|#{1,6}\s|[-+]\s|\d{1,9}[.)]\s)|[\p{L}\p{N}]\.\p{L}{2}|mailto:/mu;

/** Whether a text has anything that markdown could mean something by. */
export const hasMarkup = (text: string): boolean => markup.test(text);

const oneEmoji = String.raw`(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?(?:\u200D\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)*[\u{E0020}-\u{E007F}]*)`;
const fewEmoji = new RegExp(`^\\s*(?:${oneEmoji}\\s*){1,3}$`, 'u');

/** Whether a text is nothing but one to three emoji: then they are shown larger. */
export const isFewEmoji = (text: string): boolean => text.length <= 120 && fewEmoji.test(text);
