import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryRow } from '../../src/protocol/messages.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let open: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
let chatId: string;
const count = 25;

const bodyOf = async (answer: PromiseLike<{ body: unknown }>): Promise<unknown> => (await answer).body;

beforeAll(async () => {
  server = await startTestServer();
  open = await startTestServer({ config: { historyPublic: 'on' }, database: { url: server.databaseUrl } });
  sql = postgres(server.databaseUrl, { max: 2, onnotice: () => undefined });
  [alice, bob, mallory] = (await Promise.all(['Alice', 'Bob', 'Mallory'].map((name) => createActor(server, name)))) as [
    Actor,
    Actor,
    Actor,
  ];
  ({ chatId } = await createGroup(server, [alice, bob]));
  await fill(chatId, count);
});

afterAll(async () => {
  if (server.bugs.length > 0) throw new Error(server.bugs.join('\n'));
  await sql.end();
  await open[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function put(actor: Actor, chat: string, text: string, timestamp?: string): Promise<{ id: string; seq: number }> {
  const body = await bodyOf(
    request(server.url)
      .put(`/api/v1/chats/${chat}/messages/${randomUUID()}`)
      .set(actor.authorization)
      .send({ text, timestamp })
      .expect(201),
  );
  return body as { id: string; seq: number };
}

/** Messages `1` to `n`, all with the same time: only their numbers tell their order. */
async function fill(chat: string, n: number, from = 1): Promise<void> {
  for (let i = from; i < from + n; i++) await put(alice, chat, String(i), '2025-05-04T04:45:50Z');
}

const ask = (actor: Actor, query: string, chat = chatId) =>
  request(server.url).get(`/history/${chat}?${query}`).set(actor.authorization);

async function textsOf(actor: Actor, query: string, chat = chatId): Promise<number[]> {
  const body = await bodyOf(ask(actor, query, chat).expect(200));
  return (body as HistoryRow[]).map(({ text }) => Number(text));
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

interface Answer {
  body: unknown;
  headers: Record<string, string>;
}

type Detail = { detail: { loc: unknown[]; type: string; msg: string }[]; code: string; message: string };
const mistakesOf = (body: unknown): string[][] => (body as Detail).detail.map(({ loc, type }) => [loc.join('.'), type]);

test('a page is an array, ascending, of rows with exactly the keys that clients know', async () => {
  const { body, headers } = (await ask(bob, 'limit=2&offset=1').expect(200)) as Answer;
  const rows = body as HistoryRow[];
  expect(rows.map(({ text }) => text)).toEqual(['2', '3']);
  expect(rows[0]).toEqual({
    sender_id: alice.id,
    chat_id: chatId,
    text: '2',
    timestamp: '2025-05-04T04:45:50Z',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    seen: false,
  });
  expect(headers['content-type']).toMatch(/^application\/json/);
});

test('without limit and offset the first fifty come; the id of the chat may be written in any form', async () => {
  expect(await textsOf(bob, '')).toEqual(range(1, count));
  expect(await textsOf(bob, 'limit=3', chatId.replaceAll('-', '').toUpperCase())).toEqual([1, 2, 3]);
  expect(await textsOf(bob, 'unknown=key&limit=%2B2')).toEqual([1, 2]);
});

test('by key the rows carry their seq', async () => {
  const body = await bodyOf(ask(bob, 'before=end&limit=2').expect(200));
  expect((body as HistoryRow[]).map(({ seq, text }) => [seq, text])).toEqual([
    [24, '24'],
    [25, '25'],
  ]);
});

test.each([
  ['before=end&limit=4', [22, 25]],
  ['before=26&limit=4', [22, 25]],
  ['before=9007199254740991&limit=4', [22, 25]],
  ['before=10&limit=4', [6, 9]],
  ['before=3&limit=4', [1, 2]],
  ['before=1&limit=4', [1, 0]],
  ['before=0&limit=4', [1, 0]],
  ['after=0&limit=4', [1, 4]],
  ['after=10&limit=4', [11, 14]],
  ['after=23&limit=4', [24, 25]],
  ['after=9007199254740991&limit=4', [1, 0]],
  ['around=10&limit=5', [8, 12]],
  ['around=10&limit=4', [8, 11]],
  ['around=1&limit=5', [1, 5]],
  ['around=25&limit=5', [21, 25]],
  ['around=9007199254740991&limit=5', [21, 25]],
  ['offset=23&limit=5', [24, 25]],
  ['offset=9007199254740991&limit=200', [1, 0]],
] as [string, [number, number]][])('%s is that range', async (query, [from, to]) => {
  expect(await textsOf(bob, query)).toEqual(range(from, to));
});

test('every mistake is told at once, in the order of path, limit and offset', async () => {
  const body = await bodyOf(request(open.url).get('/history/str?limit=0&offset=-1').expect(422));
  expect(mistakesOf(body)).toEqual([
    ['path.chatId', 'uuid_parsing'],
    ['query.limit', 'greater_than'],
    ['query.offset', 'greater_than_equal'],
  ]);
  expect(body).toMatchObject({ code: 'invalid_request', message: expect.any(String) as string });
});

test.each([
  ['limit=', 'query.limit', 'int_parsing'],
  ['limit=%201', 'query.limit', 'int_parsing'],
  ['limit=1e1', 'query.limit', 'int_parsing'],
  ['limit=0x10', 'query.limit', 'int_parsing'],
  ['limit=1.0', 'query.limit', 'int_parsing'],
  ['limit=1&limit=2', 'query.limit', 'string_type'],
  ['limit=-0', 'query.limit', 'greater_than'],
  ['limit=201', 'query.limit', 'less_than_equal'],
  ['limit=9223372036854775808', 'query.limit', 'less_than_equal'],
  ['offset=9007199254740993', 'query.offset', 'less_than_equal'],
  ['offset=99999999999999999999999999', 'query.offset', 'less_than_equal'],
  ['before=-1', 'query.before', 'greater_than_equal'],
  ['before=start', 'query.before', 'int_parsing'],
  ['after=', 'query.after', 'int_parsing'],
  ['offset=0&before=end', 'query', 'value_error'],
  ['after=1&around=1', 'query', 'value_error'],
])('%s is refused', async (query, loc, type) => {
  const body = await bodyOf(ask(bob, query).expect(422));
  expect(mistakesOf(body)).toEqual([[loc, type]]);
});

test('whoever was never a member gets the same for this chat as for one that does not exist', async () => {
  const foreign = await ask(mallory, 'limit=1').expect(403);
  const unknown = await ask(mallory, 'limit=1', randomUUID()).expect(403);
  expect(foreign.body).toEqual(unknown.body);
  expect(foreign.body).toMatchObject({ code: 'no_chat' });
  await request(server.url).get(`/history/${chatId}`).expect(401);
});

test('where history is public nobody needs a token, and an unknown chat is empty', async () => {
  const body = await bodyOf(request(open.url).get(`/history/${chatId}?limit=10&offset=20`).expect(200));
  expect((body as HistoryRow[]).map(({ text }) => Number(text))).toEqual(range(21, 25));
  await request(open.url).get(`/history/${randomUUID()}?limit=10&offset=0`).expect(200, []);
  await request(open.url)
    .get(`/history/${chatId}?before=end&limit=1`)
    .set('authorization', 'Bearer nonsense')
    .expect(200);
  await request(open.url).post(`/history/${chatId}`).expect(405);
});

test('reading marks nothing as read; a mark of every member shows as seen', async () => {
  const { chatId: own } = await createGroup(server, [alice, bob]);
  await fill(own, 2);
  const seen = async (): Promise<boolean[]> =>
    ((await ask(alice, '', own).expect(200)).body as HistoryRow[]).map((row) => row.seen);
  await ask(bob, '', own).expect(200);
  expect(await seen()).toEqual([false, false]);
  await request(server.url).post(`/api/v1/chats/${own}/read`).set(bob.authorization).send({ seq: 1 }).expect(200);
  expect(await seen()).toEqual([true, false]);
});

test('who left sees up to where they left; who comes back sees one range without a gap', async () => {
  const { chatId: own } = await createGroup(server, [alice, bob]);
  await fill(own, 3);
  await request(server.url).post(`/api/v1/chats/${own}/leave`).set(bob.authorization).expect(200);
  await fill(own, 3, 4);
  expect(await textsOf(bob, '', own)).toEqual([1, 2, 3]);
  expect(await textsOf(bob, 'before=end&limit=2', own)).toEqual([2, 3]);
  expect(await textsOf(bob, 'after=3', own)).toEqual([]);
  await request(server.url)
    .post(`/api/v1/chats/${own}/members`)
    .set(alice.authorization)
    .send({ user_ids: [bob.id] })
    .expect(200);
  expect(await textsOf(bob, '', own)).toEqual(range(1, 6));
});

test('in a group that shows nothing from before, pages begin with the first message after joining', async () => {
  const body = await bodyOf(
    request(server.url)
      .post('/api/v1/chats/group')
      .set(alice.authorization)
      .send({ name: 'Since', member_ids: [], history: 'since_joined' })
      .expect(200),
  );
  const { id: own } = body as { id: string };
  await fill(own, 4);
  await request(server.url)
    .post(`/api/v1/chats/${own}/members`)
    .set(alice.authorization)
    .send({ user_ids: [bob.id] })
    .expect(200);
  expect(await textsOf(bob, '', own)).toEqual([]);
  await fill(own, 3, 5);
  expect(await textsOf(bob, '', own)).toEqual([5, 6, 7]);
  expect(await textsOf(bob, 'offset=1&limit=1', own)).toEqual([6]);
  expect(await textsOf(bob, 'before=6', own)).toEqual([5]);
  expect(await textsOf(bob, 'before=3', own)).toEqual([]);
  expect(await textsOf(bob, 'around=1&limit=2', own)).toEqual([5, 6]);
  expect(await textsOf(bob, 'before=end', own)).toEqual([5, 6, 7]);
  expect(await textsOf(alice, '', own)).toEqual(range(1, 7));
});

test('pages of any size tile the history without repeats or gaps while others write', async () => {
  const { chatId: busy } = await createGroup(server, [alice, bob]);
  await fill(busy, 30);
  let writing = true;
  const writer = (async () => {
    for (let i = 31; writing; i++) await put(alice, busy, String(i), '2020-01-01T00:00:00Z');
  })();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 17 }),
      fc.integer({ min: 0, max: 12 }),
      fc.boolean(),
      async (limit, first, byKey) => {
        const tiled: number[] = [];
        for (let at = first; tiled.length < 30; at += limit) {
          const page = await textsOf(bob, `limit=${limit}&${byKey ? 'after' : 'offset'}=${at}`, busy);
          tiled.push(...page);
          if (page.length < limit) break;
        }
        expect(tiled).toEqual(range(first + 1, first + tiled.length));
      },
    ),
    { numRuns: 12 },
  );
  writing = false;
  await writer;
});

test('times come back in UTC with the microseconds they were sent with', async () => {
  const { chatId: own } = await createGroup(server, [alice, bob]);
  await put(alice, own, '1', '2025-05-04 07:45:50.123456+03:00');
  await put(alice, own, '2', '0001-01-01T00:00:00Z');
  const body = await bodyOf(ask(bob, '', own).expect(200));
  expect((body as HistoryRow[]).map(({ timestamp }) => timestamp)).toEqual([
    '2025-05-04T04:45:50.123456Z',
    '0001-01-01T00:00:00Z',
  ]);
});
