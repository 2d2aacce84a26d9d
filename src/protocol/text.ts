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

const findBlankness = (text: string): string | undefined => (text.trim() === '' ? 'Text must not be empty' : undefined);

const findExcess = (text: string, maxCodePoints: number): string | undefined =>
  countCodePoints(text) > maxCodePoints ? `Text must have at most ${maxCodePoints} characters` : undefined;

/** Makes an issue of what `find` finds wrong with a text. */
const complain =
  (find: (text: string) => string | undefined) =>
  (value: string, context: z.RefinementCtx): void => {
    const message = find(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message, params: { type: 'string_value' } });
  };

/** A person's or group's line of text: not blank, at most `maxCodePoints`, no control characters but newline and tab. */
export const line = (maxCodePoints: number) =>
  z
    .string()
    .superRefine(
      complain((value) => findTextMistake(value) ?? findBlankness(value) ?? findExcess(value, maxCodePoints)),
    );

/** Text that may be blank, at most `maxCodePoints`, no control characters but newline and tab. */
export const perhapsBlank = (maxCodePoints: number) =>
  z.string().superRefine(complain((value) => findTextMistake(value) ?? findExcess(value, maxCodePoints)));

/** Text that PostgreSQL can be asked for; what else it has to be is not told at a login. At most `maxLength` UTF-16 units. */
export const wellFormed = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => findTextMistake(value) === undefined, {
      error: (issue) => findTextMistake(issue.input as string),
      params: { type: 'string_value' },
    });

/** The text of a message: not blank, at most 8,000 code points and 32 KiB, no control characters but newline and tab. */
export const messageText = z
  .string()
  .superRefine(
    complain(
      (value) =>
        findTextMistake(value) ??
        findBlankness(value) ??
        findExcess(value, limits.message.maxCodePoints) ??
        (value.length * 3 > limits.message.maxBytes && new TextEncoder().encode(value).length > limits.message.maxBytes
          ? `Text must have at most ${limits.message.maxBytes} bytes of UTF-8`
          : undefined),
    ),
  );
