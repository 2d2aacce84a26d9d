import { z } from 'zod';
import { limits } from './limits.ts';

const wholeNumber = /^[+-]?\d{1,30}$/;

/** A whole number in a query string, in decimal digits only; the parsed value is a number, exact below 2^53. */
export const digits = z.string().transform((value, context) => {
  if (wholeNumber.test(value)) return Number(value) + 0;
  context.issues.push({
    code: 'custom',
    input: value,
    message: 'Input should be a valid integer, unable to parse string as an integer',
    params: { type: 'int_parsing' },
  });
  return z.NEVER;
});

/** How many rows a page has. */
export const limitQuery = digits
  .pipe(z.number().gt(0).lte(limits.page.maxRows))
  .default(limits.page.defaultRows)
  .meta({ type: 'integer', minimum: 1, maximum: limits.page.maxRows, default: limits.page.defaultRows });

/** How many rows stand before a page, for clients that do not page by key; at most `maximum`. */
export const offsetQueryUpTo = (maximum: number) =>
  digits.pipe(z.number().gte(0).lte(maximum)).default(0).meta({ type: 'integer', minimum: 0, maximum, default: 0 });

export const offsetQuery = offsetQueryUpTo(Number.MAX_SAFE_INTEGER);
