/**
 * Refuses JSON whose shape is hostile before anything parses it. JSON.parse itself survives depth, but what comes after it
 * (zod, comparing, logging) recurses, and a hundred thousand keys cost more than the 128 KiB they came in.
 *
 * One pass over the text, no allocation: it runs for every frame of every socket. What must stay true:
 * - on valid JSON the answer is exact: depth is the nesting of `{` and `[`, keys and elements are counted per container
 *   (a repeated key counts every time);
 * - on any other text it never throws and never reads past the end; JSON.parse says what is wrong with it.
 */
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

export interface JsonBounds {
  maxDepth: number;
  maxKeys: number;
  maxElements: number;
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** What is left in each open container, innermost last. Shared: the scan is synchronous and never calls out. */
const room = new Int32Array(limits.json.maxDepth);

/** Whether `text` stays within the bounds. `maxDepth` may not be above the product's own. */
export function isShapeAllowed(text: string, bounds: JsonBounds = limits.json): boolean {
  const { maxDepth, maxKeys, maxElements } = bounds;
  const length = text.length;
  let depth = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === quote) {
      i = skipString(text, i + 1);
    } else if (unit === comma) {
      // A container with n parts has n - 1 commas, so it starts with room for one part less.
      if (depth > 0 && --room[depth - 1]! < 0) return false;
    } else if (unit === openBrace || unit === openBracket) {
      if (depth === maxDepth) return false;
      room[depth++] = (unit === openBrace ? maxKeys : maxElements) - 1;
    } else if ((unit === closeBrace || unit === closeBracket) && depth > 0) {
      depth--;
    }
  }
  return true;
}

/**
 * The index of the quote that ends the string begun before `from`, or the text's length. Most of a frame is inside strings,
 * and `indexOf` runs through them many times faster than a loop: a quote ends the string unless an odd number of
 * backslashes stands before it.
 */
function skipString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (before >= from && text.charCodeAt(before) === backslash) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}

/**
 * The value of a frame or body.
 * @throws ProtocolError `too_deep` when its shape is out of bounds, `malformed_json` when it is no JSON.
 */
export function parseJson(text: string): unknown {
  if (!isShapeAllowed(text)) throw new ProtocolError('too_deep');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError('malformed_json');
  }
}
