import { z } from 'zod';
import { limits } from './limits.ts';

const controlOrNul = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** The number of code points, which is what a person counts and every language's string type can agree on. */
export const countCodePoints = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      count--;
      i++;
    }
  }
  return count;
};

/** Why PostgreSQL or a person could not take this text, or undefined when it is fine. */
export const findTextMistake = (text: string): string | undefined => {
  if (!text.isWellFormed()) return 'Text must be well-formed Unicode: it has half of a surrogate pair';
  if (controlOrNul.test(text)) return 'Text must not have control characters other than newline and tab';
  return undefined;
};

/** A person's or group's line of text: not blank, at most `maxCodePoints`, no control characters but newline and tab. */
export const line = (maxCodePoints: number) =>
  z.string().superRefine((value, context) => {
    const mistake =
      findTextMistake(value) ??
      (value.trim() === '' ? 'Text must not be empty' : undefined) ??
      (countCodePoints(value) > maxCodePoints ? `Text must have at most ${maxCodePoints} characters` : undefined);
    if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake, params: { type: 'string_value' } });
  });

/** The text of a message: not blank, at most 8,000 code points and 32 KiB, no control characters but newline and tab. */
export const messageText = z.string().superRefine((value, context) => {
  const mistake =
    findTextMistake(value) ??
    (value.trim() === '' ? 'Text must not be empty' : undefined) ??
    (countCodePoints(value) > limits.message.maxCodePoints
      ? `Text must have at most ${limits.message.maxCodePoints} characters`
      : undefined) ??
    (value.length * 3 > limits.message.maxBytes && new TextEncoder().encode(value).length > limits.message.maxBytes
      ? `Text must have at most ${limits.message.maxBytes} bytes of UTF-8`
      : undefined);
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake, params: { type: 'string_value' } });
});
