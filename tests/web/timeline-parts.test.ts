import { expect, test } from 'vitest';
import type { Message, MessagesView, PendingMessage } from '../../src/client/index.ts';
import { findDay } from '../../src/web/chat/timeline/find-day.ts';
import { toProgressIn } from '../../src/web/chat/timeline/progress.ts';
import { follow, rangeAt, rangeAtEnd, rowsOf, type Range } from '../../src/web/chat/timeline/range.ts';
import { toDays } from '../../src/web/chat/timeline/rows.ts';

const noon = new Date(2025, 5, 1, 12).getTime();
const minuteMs = 60_000;

const messageOf = (seq: number, fields: Partial<Message> = {}): Message => ({
  id: `id ${seq}`,
  chat_id: 'chat',
  seq,
  version: seq,
  sender_id: 'bob',
  client_id: `client ${seq}`,
  text: `Message ${seq}`,
  timestamp: new Date(noon + seq * minuteMs).toISOString(),
  ...fields,
});

const run = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, n) => messageOf(from + n));

const viewOf = (rows: Message[], { atStart = false, atEnd = false } = {}): MessagesView => ({
  rows,
  pending: [],
  atStart,
  atEnd,
});

const seqsOf = (rows: readonly Message[]): number[] => rows.map(({ seq }) => seq);

test('runs begin with another sender, after five minutes, on another day and where the unread begin', () => {
  const day = 24 * 60;
  const messages = [
    messageOf(1),
    messageOf(2),
    messageOf(3, { sender_id: 'alice' }),
    messageOf(4, { timestamp: new Date(noon + 10 * minuteMs).toISOString() }),
    messageOf(5, { timestamp: new Date(noon + 16 * minuteMs).toISOString() }),
    messageOf(6, { timestamp: new Date(noon + 17 * minuteMs).toISOString() }),
    messageOf(7, { timestamp: new Date(noon + day * minuteMs).toISOString() }),
  ];
  const days = toDays(messages, { ownId: 'alice', unreadFrom: 6 });
  expect(days.map(({ rows }) => rows.map(({ starts }) => starts))).toEqual([
    [true, false, true, true, true, true],
    [true],
  ]);
  expect(days.flatMap(({ rows }) => rows).map(({ isFirstUnread }) => isFirstUnread)).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect(toDays([messageOf(2)], { ownId: 'alice', before: messageOf(1) })[0]!.rows[0]!.starts).toBe(false);
});

test('what one wrote oneself is not where the unread begin', () => {
  const messages = [messageOf(1), messageOf(2, { sender_id: 'alice' }), messageOf(3)];
  const [day] = toDays(messages, { ownId: 'alice', unreadFrom: 2 });
  expect(day!.rows.findIndex(({ isFirstUnread }) => isFirstUnread)).toBe(2);
});

test('a message keeps its key when it is stored, and a foreign one cannot take it', () => {
  const pending: PendingMessage = {
    client_id: 'c',
    chat_id: 'chat',
    text: '',
    timestamp: new Date(noon).toISOString(),
    status: 'sent',
  };
  const keyOf = (message: Message | PendingMessage): string => toDays([message], { ownId: 'alice' })[0]!.rows[0]!.key;
  expect(keyOf(messageOf(1, { sender_id: 'alice', client_id: 'c' }))).toBe(keyOf(pending));
  expect(keyOf(messageOf(1, { client_id: 'c' }))).not.toBe(keyOf(pending));
});

test('a day that a wrong clock brings back has a key of its own', () => {
  const yesterday = new Date(noon - 24 * 60 * minuteMs).toISOString();
  const days = toDays([messageOf(1), messageOf(2, { timestamp: yesterday }), messageOf(3)], { ownId: 'alice' });
  expect(new Set(days.map(({ key }) => key)).size).toBe(3);
});

test('the range stays as long as there is enough around what is seen, and reaches the end where that is near', () => {
  const view = viewOf(run(1, 500), { atStart: true, atEnd: true });
  const range = rangeAt(250, view);
  expect(range).toEqual({ from: 210, to: 290 });
  expect(follow(range, { first: 245, last: 255 }, view)).toBe(range);
  expect(follow(range, { first: 225, last: 235 }, view)).toEqual({ from: 185, to: 290 });
  expect(follow(range, { first: 472, last: 482 }, view)).toEqual({ from: 432, to: Infinity });
  expect(follow(rangeAtEnd(view), { first: 300, last: 310 }, view)).toEqual({ from: 260, to: 350 });
  expect(rangeAt(490, viewOf(run(1, 500))).to).toBe(530);
});

test('rows that are not held any more are shown until others take their place', () => {
  const range: Range = { from: 100, to: 140 };
  const shown = rowsOf(range, run(1, 500), []);
  expect(seqsOf(shown)).toEqual(seqsOf(run(100, 140)));
  expect(rowsOf(range, run(121, 700), shown)).toEqual(shown);
  expect(seqsOf(rowsOf(range, run(600, 1_100), shown))).toEqual(seqsOf(run(100, 140)));
  expect(seqsOf(rowsOf(range, run(1, 120), shown))).toEqual(seqsOf(run(100, 140)));
  expect(seqsOf(rowsOf({ from: 500, to: 540 }, run(500, 600), shown))).toEqual(seqsOf(run(500, 540)));
});

test.each([
  [0, 0],
  [7, 4],
  [40, 40],
])('progress is that of the store for every message: read to %i, delivered to %i', (delivered, read) => {
  const progressOf = ({ seq }: { seq: number }) =>
    seq <= read ? ('read' as const) : seq <= delivered ? ('delivered' as const) : ('stored' as const);
  const rows = run(1, 40);
  const toProgress = toProgressIn({ progressOf }, 'chat', rows);
  for (const { seq } of rows) expect(toProgress(seq)).toBe(progressOf({ seq }));
});

test.each([
  [noon + 5 * minuteMs, 5],
  [noon + 5 * minuteMs - 1, 5],
  [0, 3],
  [noon + 1_000_000 * minuteMs, 1_000],
])('a day is found by halving: %i is at %i', async (from, seq) => {
  const rows = run(3, 1_000);
  let asked = 0;
  const peek = (place: object) => {
    asked++;
    const at = 'around' in place ? (place.around as number) - 3 : rows.length - 1;
    return Promise.resolve({ rows: rows.slice(at, at + 1), firstSeq: 3, lastSeq: 1_000 });
  };
  expect(await findDay({ peek }, from)).toBe(seq);
  expect(asked).toBeLessThan(13);
});

test('in a chat without messages there is no day', async () => {
  const peek = () => Promise.resolve({ rows: [], firstSeq: 0, lastSeq: 0 });
  expect(await findDay({ peek }, noon)).toBeUndefined();
});
