import { expect, test } from 'vitest';
import { failureOf, requireRow } from '../../src/server/db/failure.ts';

test('an answer without its row counts as one that got lost with the connection: the call is made again', () => {
  let thrown: unknown;
  try {
    requireRow(undefined);
  } catch (error) {
    thrown = error;
  }
  expect(failureOf(thrown)).toBe('wait');
  expect(requireRow({ answer: null })).toEqual({ answer: null });
});
