import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryRow } from '../../src/protocol/messages.ts';
import type { Sql } from '../../src/server/db/client.ts';
import { PageCache } from '../../src/server/messages/page-cache.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let carol: Actor;

const bodyOf = async (answer: PromiseLike<{ body: unknown }>): Promise<unknown> => (await answer).body;

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 2, onnotice: () => undefined });
  [alice, bob, carol] = (await Promise.all(['Alice', 'Bob', 'Carol'].map((name) => createActor(server, name)))) as [
    Actor,
    Actor,
    Actor,
  ];
});

afterAll(async () => {
  if (server.bugs.length > 0) throw new Error(server.bugs.join('\n'));
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const newest = (actor: Actor, chatId: string) =>
  request(server.url).get(`/history/${chatId}?before=end`).set(actor.authorization);
/** The same page by a place that is never cached. */
const uncached = (actor: Actor, chatId: string) =>
  request(server.url).get(`/history/${chatId}?before=${Number.MAX_SAFE_INTEGER}`).set(actor.authorization);

async function put(actor: Actor, chatId: string, text: string): Promise<void> {
  const path = `/api/v1/chats/${chatId}/messages/${randomUUID()}`;
  await request(server.url).put(path).set(actor.authorization).send({ text }).expect(201);
}

/** Asks until the page comes from the cache for sure: the second time makes a chat hot, the third meets the entry. */
async function heat(actor: Actor, chatId: string): Promise<void> {
  for (let i = 0; i < 3; i++) await newest(actor, chatId).expect(200);
}

test('the newest page of a hot chat equals the uncached one for everybody, after every kind of change', async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol]);
  const post = (path: string, actor: Actor, body: object) =>
    request(server.url).post(`/api/v1/chats/${chatId}${path}`).set(actor.authorization).send(body).expect(200);
  const changes: (() => Promise<unknown>)[] = [
    () => put(alice, chatId, 'quotes " and \\ and \n and 😀 and \u2028'),
    () => put(bob, chatId, 'hello'),
    () => post('/read', bob, { seq: 1 }),
    () => post('/read', carol, { seq: 2 }),
    () => post('/leave', carol, {}),
    () => put(alice, chatId, 'carol is gone'),
    () => post('/members', alice, { user_ids: [carol.id] }),
    () => put(carol, chatId, 'back again'),
    () => Promise.all(Array.from({ length: 60 }, (_, i) => put(i % 2 ? alice : bob, chatId, `many ${i}`))),
  ];
  for (const change of changes) {
    await heat(alice, chatId);
    await change();
    for (const actor of [alice, bob, carol]) {
      const [ready, asked] = [await newest(actor, chatId).expect(200), await uncached(actor, chatId).expect(200)];
      expect(ready.body).toEqual(asked.body);
      expect(ready.headers['content-type']).toBe(asked.headers['content-type']);
    }
  }
  const mallory = await createActor(server, 'Mallory');
  await heat(alice, chatId);
  await newest(mallory, chatId).expect(403);
});

test('a group that shows nothing from before is never answered from the cache', async () => {
  const body = await bodyOf(
    request(server.url)
      .post('/api/v1/chats/group')
      .set(alice.authorization)
      .send({ name: 'Since', member_ids: [], history: 'since_joined' })
      .expect(200),
  );
  const { id: chatId } = body as { id: string };
  await put(alice, chatId, 'before bob');
  await request(server.url)
    .post(`/api/v1/chats/${chatId}/members`)
    .set(alice.authorization)
    .send({ user_ids: [bob.id] })
    .expect(200);
  await heat(alice, chatId);
  await put(alice, chatId, 'after bob');
  expect(((await newest(bob, chatId).expect(200)).body as HistoryRow[]).map(({ text }) => text)).toEqual(['after bob']);
});

/** A cache with a clock of ours whose statements are counted and can be held up. */
function openCache({ maxBytes }: { maxBytes?: number } = {}) {
  const state = { statements: 0, nowMs: 0, held: undefined as Promise<void> | undefined };
  const counted = (async (...query: Parameters<postgres.Sql>) => {
    state.statements++;
    const rows = await (sql as unknown as (...query: unknown[]) => Promise<unknown>)(...query);
    await state.held;
    return rows;
  }) as unknown as Sql;
  const cache = new PageCache({ sql: counted, nowMs: () => state.nowMs, ...(maxBytes !== undefined && { maxBytes }) });
  const ask = async (chatId: string, userId = alice.id): Promise<string[] | undefined> => {
    const page = await cache.findNewest({ chatId, userId });
    return page && (JSON.parse(page.toString()) as HistoryRow[]).map(({ text }) => text);
  };
  return { cache, state, ask };
}

const message = (chatId: string, version: number, text: string): ServerEvent => ({
  kind: 'message',
  chatId,
  version,
  message: { id: randomUUID(), seq: version - 1, senderId: alice.id, chatId, text, sentAt: '2025-05-04T04:45:50Z' },
});

test('a chat asked for once costs no statement; a hot one costs one, however many ask', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const { ask, state } = openCache();
  expect(await ask(chatId)).toBeUndefined();
  expect(state.statements).toBe(0);
  expect(await Promise.all([ask(chatId), ask(chatId, bob.id), ask(chatId)])).toEqual([[], [], []]);
  expect(await ask(chatId)).toEqual([]);
  expect(await ask(chatId, carol.id)).toBeUndefined();
  expect(state.statements).toBe(1);
  state.nowMs += 500;
  expect(await ask(chatId)).toEqual([]);
  expect(state.statements).toBe(2);
});

test('the next message is appended, one beyond a gap makes the cache read again', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const { cache, ask, state } = openCache();
  await ask(chatId);
  await ask(chatId);
  cache.take([message(chatId, 2, 'next'), message(chatId, 3, 'and next')]);
  cache.take([message(chatId, 2, 'told twice')]);
  expect(await ask(chatId)).toEqual(['next', 'and next']);
  expect(state.statements).toBe(1);
  cache.take([message(chatId, 5, 'beyond a gap')]);
  await ask(chatId);
  expect(await ask(chatId)).toEqual([]);
  expect(state.statements).toBe(2);
});

test('what happens while a page is being read is not lost: that page is not kept', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const { cache, ask, state } = openCache();
  await ask(chatId);
  let release!: () => void;
  state.held = new Promise((resolve) => (release = resolve));
  const asked = ask(chatId);
  cache.take([message(chatId, 2, 'in between')]);
  release();
  expect(await asked).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

test('a page that is read again lacks nothing that was appended to the one before it meanwhile', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const { cache, ask, state } = openCache();
  await ask(chatId);
  expect(await ask(chatId)).toEqual([]);
  state.nowMs += 500;
  let release!: () => void;
  state.held = new Promise((resolve) => (release = resolve));
  const asked = ask(chatId);
  cache.take([message(chatId, 2, 'in between')]);
  release();
  expect(await asked).toBeUndefined();
});

test('the cache stays within its bytes, and counts them down to nothing', async () => {
  const chats = await Promise.all(Array.from({ length: 6 }, () => createGroup(server, [alice, bob])));
  const maxBytes = 3_000;
  const { cache, ask } = openCache({ maxBytes });
  for (const { chatId } of chats) {
    await ask(chatId);
    await ask(chatId);
    for (let version = 2; version < 5; version++) cache.take([message(chatId, version, 'x'.repeat(100))]);
    expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
  }
  expect(cache.bytes).toBeGreaterThan(0);
  cache.clear();
  expect(cache.bytes).toBe(0);
});
