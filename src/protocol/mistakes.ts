import type { z } from 'zod';
import type { Mistake } from './errors.ts';

/** Names of the mistakes that clients of the source systems know (pydantic's), for zod's. */
const typeOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'missing' : `${issue.expected}_type`;
    case 'too_small':
      if (issue.origin === 'string') return 'string_too_short';
      if (issue.origin === 'array') return 'too_short';
      return issue.inclusive ? 'greater_than_equal' : 'greater_than';
    case 'too_big':
      if (issue.origin === 'string') return 'string_too_long';
      if (issue.origin === 'array') return 'too_long';
      return issue.inclusive ? 'less_than_equal' : 'less_than';
    case 'custom':
      return typeof issue.params?.['type'] === 'string' ? issue.params['type'] : 'value_error';
    default:
      return issue.code;
  }
};

const textOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'Field required';
  if (issue.code === 'too_small' && issue.origin !== 'string' && issue.origin !== 'array')
    return `Input should be greater than ${issue.inclusive ? 'or equal to ' : ''}${issue.minimum}`;
  if (issue.code === 'too_big' && issue.origin !== 'string' && issue.origin !== 'array')
    return `Input should be less than ${issue.inclusive ? 'or equal to ' : ''}${issue.maximum}`;
  return issue.message;
};

/** A list of 1,000 wrong elements is not worth 1,000 mistakes: they are a hundred times its size. */
const maxMistakes = 100;

/**
 * All mistakes of a failed parse (with `reportInput: true`), the first 100 of more, each with where it is, never with the input itself: that may
 * hold a password.
 */
export const toMistakes = (error: z.ZodError, place: (string | number)[]): Mistake[] =>
  error.issues.slice(0, maxMistakes).map((issue) => ({
    type: typeOf(issue),
    loc: [...place, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))],
    msg: textOf(issue),
  }));
