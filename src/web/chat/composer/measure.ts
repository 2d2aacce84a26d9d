/** Whether a text may be sent. */
import type { Limits } from '../../../client/index.ts';

type Bounds = Pick<Limits, 'max_text_code_points' | 'max_text_bytes'>;

/** Until the server has told its own. */
const usual: Bounds = { max_text_code_points: 8_000, max_text_bytes: 32 * 1024 };

/** Nearer to the bound than this one is told how much is left. */
const nearCodePoints = 200;

/** How many characters are left; undefined: enough not to speak of. Negative: it is too long. */
export function countLeft(text: string, bounds: Bounds = usual): number | undefined {
  const { max_text_code_points: maxPoints, max_text_bytes: maxBytes } = bounds;
  // No text has more code points than UTF-16 units, nor more than three bytes a unit.
  if (text.length < maxPoints - nearCodePoints && text.length * 3 <= maxBytes) return undefined;
  const points = Array.from(text).length;
  const bytes = new TextEncoder().encode(text).length;
  const left = bytes > maxBytes ? Math.floor((maxBytes - bytes) / 4) : maxPoints - points;
  return left <= nearCodePoints ? left : undefined;
}

/** As it is sent: without blanks around it and without what no text may have. */
export const toSendable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .trim();
