import { expect, test } from 'vitest';
import { countLeft, toSendable } from '../../src/web/chat/composer/measure.ts';
import { findQuery, matchPeople, toKnown, toMentions, toTokens } from '../../src/web/chat/composer/mentions.ts';

const person = (id: string, name: string, username: string | null = null) => ({
  id,
  name,
  username,
  avatar_url: null,
  avatar_small_url: null,
  deleted: false,
});

test('what is typed after an @ is looked for', () => {
  expect(findQuery('Hi @an', 6)).toEqual({ start: 3, query: 'an' });
  expect(findQuery('@', 1)).toEqual({ start: 0, query: '' });
  expect(findQuery('(@Анна Ка', 9)).toEqual({ start: 1, query: 'Анна Ка' });
  expect(findQuery('me@example', 10)).toBeUndefined();
  expect(findQuery('@ann has gone home', 18)).toBeUndefined();
  expect(findQuery('@ann', 0)).toBeUndefined();
});

test('people are found by the words of their names and by usernames', () => {
  const people = [person('1', 'Bob Ann'), person('2', 'Ann Lee'), person('3', 'Carol', 'annie'), person('4', 'Dan')];
  expect(matchPeople(people, 'AN').map(({ id }) => id)).toEqual(['2', '3', '1']);
  expect(matchPeople(people, 'zz')).toEqual([]);
});

test('mentions are found in the text wherever it was changed around them', () => {
  const picked = [
    { token: '@Ann', userId: 'a' },
    { token: '@Ann Lee', userId: 'b' },
  ];
  expect(toMentions('😀 @Ann Lee, @Ann and @Anna', picked, [], 50)).toEqual([
    { user_id: 'b', offset: 2, length: 8 },
    { user_id: 'a', offset: 12, length: 4 },
  ]);
  expect(toMentions('nobody@Ann', picked, [], 50)).toEqual([]);
  expect(toMentions('@Ann @Ann', picked, [], 1)).toHaveLength(1);
});

test('two who are called alike are told apart by their order', () => {
  const picked = [
    { token: '@Ann', userId: 'a' },
    { token: '@Ann', userId: 'b' },
  ];
  expect(toMentions('@Ann @Ann @Ann', picked, [], 50).map((one) => one.user_id)).toEqual(['a', 'b', 'b']);
});

test('names typed by hand count too, those picked go before them', () => {
  const known = toKnown([person('c', 'Carol', 'carol_1'), person('d', 'Ann')]);
  const picked = [{ token: '@Ann', userId: 'a' }];
  expect(toMentions('@carol_1 @Carol @Ann', picked, known, 50).map((one) => one.user_id)).toEqual(['c', 'c', 'a']);
});

test('the mentions of a message are taken up when it is edited', () => {
  const mentions = [{ user_id: 'a', offset: 2, length: 4 }];
  expect(toMentions('Well, 😀 @Ann', toTokens('😀 @Ann', mentions), [], 50)).toEqual([
    { user_id: 'a', offset: 8, length: 4 },
  ]);
});

test('characters are counted as the server counts them', () => {
  const bounds = { max_text_code_points: 1_000, max_text_bytes: 3_000 };
  expect(countLeft('a'.repeat(799), bounds)).toBeUndefined();
  expect(countLeft('a'.repeat(990), bounds)).toBe(10);
  expect(countLeft('a'.repeat(1_003), bounds)).toBe(-3);
  expect(countLeft('я'.repeat(990), bounds)).toBe(10);
  expect(countLeft('😀'.repeat(760), bounds)).toBeLessThan(0);
  expect(toSendable(' a\u0000\ud800b\n ')).toBe('a\ufffdb');
});
