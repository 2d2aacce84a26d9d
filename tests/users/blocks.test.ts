import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { isBlockedEitherWay, listBlockedEitherWay } from '../../src/server/users/queries.ts';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, createAsk, pageOf } from './cast.ts';

let server: TestServer;
let sql: Sql;
const { get, post, put, remove } = createAsk(() => server);

beforeAll(async () => {
  server = await startTestServer();
  sql = openPool(server.databaseUrl, 2);
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const createPair = (): Promise<[Actor, Actor]> =>
  Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
const openDirect = async (one: Actor, other: Actor): Promise<string> =>
  ((await post(one, '/chats/personal', { member_ids: [other.id] }).expect(200)).body as { id: string }).id;
const send = (actor: Actor, chatId: string) =>
  put(actor, `/chats/${chatId}/messages/${randomUUID()}`, { text: 'Hello' });

test('after a block nobody of the two writes to the other, until it is lifted', async () => {
  const [alice, bob] = await createPair();
  const chatId = await openDirect(alice, bob);
  await send(alice, chatId).expect(201);
  await put(alice, `/users/${bob.id}/block`).expect(204);
  await put(alice, `/users/${bob.id}/block`).expect(204);
  for (const actor of [alice, bob]) expect(await codeOf(send(actor, chatId).expect(403))).toBe('blocked');
  const socket = await logIn(server, bob);
  expect(await socket.ask(messageFrame(bob, chatId, 'Hello'))).toMatchObject({ detail: { code: 'blocked' } });
  await socket.close();
  await remove(alice, `/users/${bob.id}/block`).expect(204);
  for (const actor of [alice, bob]) await send(actor, chatId).expect(201);
});

test('where both have blocked, both have to lift it', async () => {
  const [alice, bob] = await createPair();
  const chatId = await openDirect(alice, bob);
  await Promise.all([
    put(alice, `/users/${bob.id}/block`).expect(204),
    put(bob, `/users/${alice.id}/block`).expect(204),
  ]);
  await remove(alice, `/users/${bob.id}/block`).expect(204);
  expect(await codeOf(send(alice, chatId))).toBe('blocked');
  await remove(bob, `/users/${alice.id}/block`).expect(204);
  await send(alice, chatId).expect(201);
});

test('a block keeps a direct chat from being made, and leaves groups alone', async () => {
  const [alice, bob] = await createPair();
  const { chatId } = await createGroup(server, [alice, bob]);
  await put(alice, `/users/${bob.id}/block`).expect(204);
  expect(await codeOf(post(bob, '/chats/personal', { member_ids: [alice.id] }).expect(403))).toBe('blocked');
  await send(bob, chatId).expect(201);
});

test('no message is stored after the block was answered, however many are on their way', async () => {
  const [alice, bob] = await createPair();
  await using other = await startTestServer({ database: { url: server.databaseUrl } });
  const elsewhere = createAsk(() => other);
  for (let round = 0; round < 5; round++) {
    const chatId = await openDirect(alice, bob);
    let isBlocking = true;
    const sending = [put, elsewhere.put].map(async (write) => {
      while (isBlocking) await write(bob, `/chats/${chatId}/messages/${randomUUID()}`, { text: 'Hello' });
    });
    await expect.poll(() => countMessages(chatId)).toBeGreaterThan(round);
    await put(alice, `/users/${bob.id}/block`).expect(204);
    const stored = await countMessages(chatId);
    for (let i = 0; i < 5; i++)
      await elsewhere.put(bob, `/chats/${chatId}/messages/${randomUUID()}`, { text: 'Hello' });
    isBlocking = false;
    await Promise.all(sending);
    expect(await countMessages(chatId)).toBe(stored);
    // The block was the last that touched the chat.
    const [last] = await sql`
      select c.tx::text = b.xmin::text as "isBlock" from chats c, blocks b where c.id = ${chatId} and b.user_id = ${alice.id}`;
    expect(last).toEqual({ isBlock: true });
    await remove(alice, `/users/${bob.id}/block`).expect(204);
  }
});

async function countMessages(chatId: string): Promise<number> {
  const [row] = await sql<{ lastSeq: string }[]>`select last_seq as "lastSeq" from chats where id = ${chatId}`;
  return Number(row!.lastSeq);
}

test('two who block and open their chat at the same time end up with what the blocks say', async () => {
  for (let round = 0; round < 10; round++) {
    const [alice, bob] = await createPair();
    await Promise.all([
      put(alice, `/users/${bob.id}/block`).expect(204),
      put(bob, `/users/${alice.id}/block`).expect(204),
      post(alice, '/chats/personal', { member_ids: [bob.id] }),
      post(bob, '/chats/personal', { member_ids: [alice.id] }),
    ]);
    const chats = await sql`select blocked from chats where direct_key like ${`%${alice.id}%`}`;
    expect(chats.every(({ blocked }) => blocked === true)).toBe(true);
  }
});

test('nobody blocks themselves or nobody', async () => {
  const [alice] = await createPair();
  expect(await codeOf(put(alice, `/users/${alice.id}/block`).expect(400))).toBe('not_oneself');
  expect(await codeOf(put(alice, `/users/${randomUUID()}/block`).expect(404))).toBe('unknown_user');
});

test("lists whom one has blocked, page by page, and nobody else's", async () => {
  const [alice, bob] = await createPair();
  const others = await Promise.all(Array.from({ length: 5 }, (_, i) => createActor(server, `Other${i}`)));
  for (const other of others) await put(alice, `/users/${other.id}/block`).expect(204);
  await put(bob, `/users/${alice.id}/block`).expect(204);
  const seen: string[] = [];
  let next: string | null = '';
  let pages = 0;
  while (next !== null) {
    const page = await pageOf(get(alice, `/users/me/blocks?limit=2${next && `&after=${next}`}`).expect(200));
    expect(page.users.every(({ blocked, email }) => blocked && email === null)).toBe(true);
    seen.push(...page.users.map(({ id }) => id));
    next = page.next;
    pages++;
  }
  expect(seen).toEqual(others.map(({ id }) => id).toSorted());
  expect(pages).toBe(3);
});

test('either direction hides both from each other', async () => {
  const [alice, bob] = await createPair();
  const carol = await createActor(server, 'Carol');
  await put(alice, `/users/${bob.id}/block`).expect(204);
  expect(await isBlockedEitherWay(sql, alice.id, bob.id)).toBe(true);
  expect(await isBlockedEitherWay(sql, bob.id, alice.id)).toBe(true);
  expect(await isBlockedEitherWay(sql, alice.id, carol.id)).toBe(false);
  expect(await listBlockedEitherWay(sql, bob.id, [alice.id, carol.id])).toEqual([alice.id]);
  expect(await listBlockedEitherWay(sql, alice.id, [carol.id, bob.id])).toEqual([bob.id]);
});
