import { expect, test } from 'vitest';
import type { ChatView, OwnState, PendingMessage } from '../../src/client/index.ts';
import { arrange, countUnread, findWaiting, isMuted, matches } from '../../src/web/chats/arrange.ts';
import { toPlainLine, toPlainText } from '../../src/web/chat/text/plain-line.ts';
import { toFirstName } from '../../src/web/chats/first-name.ts';

const chat = (id: string, own: Partial<OwnState> = {}): ChatView =>
  ({ id, own: { muted_until: null, archived: false, pinned: false, unread_count: 0, ...own } }) as ChatView;

test('pinned chats come first, archived ones stand apart', () => {
  const { shown, archived } = arrange([
    chat('a'),
    chat('b', { pinned: true }),
    chat('c', { archived: true, pinned: true }),
    chat('d', { pinned: true }),
  ]);
  expect(shown.map(({ id }) => id)).toEqual(['b', 'd', 'a']);
  expect(archived.map(({ id }) => id)).toEqual(['c']);
});

test('what waits to be sent moves its chat up', () => {
  const at = (id: string, hour: number, own: Partial<OwnState> = {}): ChatView => ({
    ...chat(id, own),
    active_at: `2026-01-01T0${hour}:00:00Z`,
  });
  const waits = (id: string, hour: number): PendingMessage =>
    ({ chat_id: id, timestamp: `2026-01-01T0${hour}:00:00.000Z` }) as PendingMessage;
  const chats = [at('a', 5), at('b', 4), at('c', 3), at('d', 2, { pinned: true })];
  const { shown } = arrange(chats, [waits('c', 6), waits('b', 1)]);
  expect(shown.map(({ id }) => id)).toEqual(['d', 'c', 'a', 'b']);
});

test('a chat is muted until an instant or for ever, and does not count then', () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  expect(isMuted(chat('a', { muted_until: inAnHour }))).toBe(true);
  expect(isMuted(chat('a', { muted_until: '2020-01-01T00:00:00Z' }))).toBe(false);
  const chats = [
    chat('a', { unread_count: 2 }),
    chat('b', { unread_count: 3, muted_until: 'forever' }),
    chat('c', { unread_count: 4, archived: true }),
  ];
  expect(countUnread(chats)).toBe(6);
});

test('of what waits, the newest that failed is told first', () => {
  const pending = (text: string, status: PendingMessage['status']): PendingMessage =>
    ({ text, status }) as PendingMessage;
  const failed = pending('b', 'failed');
  expect(findWaiting([pending('a', 'failed'), failed, pending('c', 'queued')])).toBe(failed);
  expect(findWaiting([pending('a', 'sent'), pending('b', 'queued')])?.text).toBe('b');
  expect(findWaiting([])).toBeUndefined();
});

test.each([
  ['Алёна Петрова', 'петр ален', true],
  ['Old plans', 'an', false],
  ['«Северный-Берег»', 'бер', true],
  ['🚤 Boats', '🚤', true],
  ['Boats', '🚤', false],
  ['Boats', 'boats trains', false],
])('%s is found by %s: %s', (name, typed, expected) => expect(matches(name, typed)).toBe(expected));

test.each([
  ['**Bold** and `code` and ~~gone~~', 'Bold and code and gone'],
  ['> said\n\nyes', 'said yes'],
  ['# Title\n- one\n- two', 'Title one, two'],
  ['We need\n\n- twine\n- two bags\n\n+ a can\n\nThat is all', 'We need twine, two bags, a can That is all'],
  ['- Come.\n- Sit,\n- and wait', 'Come. Sit, and wait'],
  ['5\n- 3\nmakes 2', '5 3 makes 2'],
  ['see [the map](https://example.com)', 'see the map'],
  ['```ts\nconst a = 1;\n```', 'const a = 1;'],
  ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
  ['a *small* word, and 2 * 3 * 4', 'a small word, and 2 * 3 * 4'],
])('%j is shown as %j', (text, preview) => expect(toPlainLine(text)).toBe(preview));

test('where there is room, lines stay', () =>
  expect(toPlainText('**We** need\n\n- twine\n- two bags')).toBe('We need\ntwine\ntwo bags'));

test('a long message is shown by its beginning', () => expect(toPlainLine('слово '.repeat(1_000))).toHaveLength(200));

test('the first name is the first word', () => {
  expect(toFirstName(' Anna  Petrova')).toBe('Anna');
  expect(toFirstName('')).toBe('');
});
