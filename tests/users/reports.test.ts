import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActor, createActors, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, createAsk } from './cast.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
const { post, put, remove } = createAsk(() => server);

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 1 });
  [alice, bob, mallory] = await createActors(server, 'Alice', 'Bob', 'Mallory');
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const write = async (actor: Actor, chatId: string, text: string): Promise<string> =>
  ((await put(actor, `/chats/${chatId}/messages/${randomUUID()}`, { text }).expect(201)).body as { id: string }).id;
const reason = 'Sells watches';

test('a report of a message keeps its text as it was', async () => {
  const { chatId } = await createGroup(server, [alice, bob, mallory]);
  const messageId = await write(mallory, chatId, 'Buy watches');
  const answer = await post(alice, '/reports', { user_id: mallory.id, message_id: messageId, reason }).expect(201);
  const { id } = answer.body as { id: string };
  await sql`update messages set text = '', deleted_at = now() where id = ${messageId}`;
  const [kept] = await sql`
    select reporter_id as reporter, user_id as person, chat_id as chat, message_id as message, message_text as text, reason,
      closed_at as closed from reports where id = ${id}`;
  expect(kept).toEqual({
    reporter: alice.id,
    person: mallory.id,
    chat: chatId,
    message: messageId,
    text: 'Buy watches',
    reason,
    closed: null,
  });
});

test('a report of a person needs no message', async () => {
  await post(bob, '/reports', { user_id: mallory.id, reason }).expect(201);
  await post(bob, '/reports', { user_id: mallory.id, message_id: null, reason }).expect(201);
});

test('only a message that one can see, and of the person named, is reported', async () => {
  const { chatId } = await createGroup(server, [alice, mallory]);
  const early = await write(mallory, chatId, 'Buy watches');
  const report = (actor: Actor, message_id: string, user_id = mallory.id) =>
    post(actor, '/reports', { user_id, message_id, reason });
  expect(await codeOf(report(bob, early).expect(403))).toBe('no_message');
  expect(await codeOf(report(bob, randomUUID()).expect(403))).toBe('no_message');
  expect(await codeOf(report(alice, early, bob.id).expect(403))).toBe('no_message');
  await post(alice, `/chats/${chatId}/members`, { user_ids: [bob.id] }).expect(200);
  await report(bob, early).expect(201);
  await remove(alice, `/chats/${chatId}/members/${bob.id}`).expect(200);
  const late = await write(mallory, chatId, 'More watches');
  await report(bob, early).expect(201);
  expect(await codeOf(report(bob, late).expect(403))).toBe('no_message');
});

test('where history begins with joining, what was before is nobody’s to report', async () => {
  const group = { name: 'Late', member_ids: [mallory.id], history: 'since_joined' };
  const { id: chatId } = (await post(alice, '/chats/group', group).expect(200)).body as { id: string };
  const early = await write(mallory, chatId, 'Buy watches');
  await post(alice, `/chats/${chatId}/members`, { user_ids: [bob.id] }).expect(200);
  const report = { user_id: mallory.id, message_id: early, reason };
  expect(await codeOf(post(bob, '/reports', report).expect(403))).toBe('no_message');
});

test('nobody reports themselves, nobody, or without a reason', async () => {
  expect(await codeOf(post(alice, '/reports', { user_id: alice.id, reason }).expect(400))).toBe('not_oneself');
  expect(await codeOf(post(alice, '/reports', { user_id: randomUUID(), reason }).expect(404))).toBe('unknown_user');
  for (const bad of [' ', 'x'.repeat(1_001), undefined])
    await post(alice, '/reports', { user_id: bob.id, reason: bad }).expect(422);
});

test('a person reports twenty times a day, also when all are sent at once and by two nodes', async () => {
  await using one = await startTestServer({ config: { rateLimits: true }, database: { url: server.databaseUrl } });
  await using two = await startTestServer({ config: { rateLimits: true }, database: { url: server.databaseUrl } });
  const carol = await createActor(server, 'Carol');
  const nodes = [one, two].map((node) => createAsk(() => node));
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, i) => nodes[i % 2]!.post(carol, '/reports', { user_id: mallory.id, reason })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(await codeOf(Promise.resolve(refused))).toBe('rate_limited');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(86_000);
  await sql`update reports set created_at = created_at - interval '25 hours' where reporter_id = ${carol.id}`;
  await nodes[0]!.post(carol, '/reports', { user_id: mallory.id, reason }).expect(201);
});
