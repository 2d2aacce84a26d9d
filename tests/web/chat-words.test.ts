import { expect, test } from 'vitest';
import type { ChatView, OwnState } from '../../src/client/index.ts';
import { arrange, countUnread, isMuted, matches } from '../../src/web/chats/arrange.ts';
import { toPlainLine } from '../../src/web/chat/text/plain-line.ts';
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
  ['# Title\n- one\n- two', 'Title one two'],
  ['see [the map](https://example.com)', 'see the map'],
  ['```ts\nconst a = 1;\n```', 'const a = 1;'],
  ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
])('%j is shown as %j', (text, preview) => expect(toPlainLine(text)).toBe(preview));

test('a long message is shown by its beginning', () => expect(toPlainLine('слово '.repeat(1_000))).toHaveLength(200));

test('the first name is the first word', () => {
  expect(toFirstName(' Anna  Petrova')).toBe('Anna');
  expect(toFirstName('')).toBe('');
});
