import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActor, createGroup, logIn, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
let chatId: string;

const bodyOf = async (answer: PromiseLike<{ body: unknown }>): Promise<unknown> => (await answer).body;

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 2, onnotice: () => undefined });
  [alice, bob, mallory] = (await Promise.all(['Alice', 'Bob', 'Mallory'].map((name) => createActor(server, name)))) as [
    Actor,
    Actor,
    Actor,
  ];
  ({ chatId } = await createGroup(server, [alice, bob]));
});

afterAll(async () => {
  if (server.bugs.length > 0) throw new Error(server.bugs.join('\n'));
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const put = (
  actor: Actor,
  body: object,
  { clientId = randomUUID(), chat = chatId }: { clientId?: string; chat?: string } = {},
) => request(server.url).put(`/api/v1/chats/${chat}/messages/${clientId}`).set(actor.authorization).send(body);
const read = (actor: Actor, body: object, chat = chatId) =>
  request(server.url).post(`/api/v1/chats/${chat}/read`).set(actor.authorization).send(body);

test('a message put once is stored, put again is the same one, with another text is a conflict', async () => {
  const clientId = randomUUID();
  const first = await put(alice, { text: 'once', timestamp: '2025-05-04T07:45:50+03:00' }, { clientId }).expect(201);
  expect(first.body).toMatchObject({
    client_id: clientId,
    chat_id: chatId,
    duplicate: false,
    timestamp: '2025-05-04T04:45:50Z',
  });
  const again = await put(alice, { text: 'once' }, { clientId }).expect(200);
  expect(again.body).toEqual({ ...first.body, duplicate: true });
  await put(alice, { text: 'twice' }, { clientId }).expect(409, /conflict/);
  await put(bob, { text: 'my own key' }, { clientId }).expect(201);
  expect(await sql`select from messages where client_id = ${clientId}`).toHaveLength(2);
});

test('the same message put twenty times at once is stored once', async () => {
  const clientId = randomUUID();
  const answers = await Promise.all(Array.from({ length: 20 }, () => put(alice, { text: 'crowd' }, { clientId })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
  expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
});

test('strangers, unknown chats and people without a login are refused and nothing is stored', async () => {
  const before = await sql`select last_seq, version from chats where id = ${chatId}`;
  await put(mallory, { text: 'let me in' }).expect(403, /no_chat/);
  await put(alice, { text: 'where?' }, { chat: randomUUID() }).expect(403, /no_chat/);
  await request(server.url).put(`/api/v1/chats/${chatId}/messages/${randomUUID()}`).send({ text: 'who?' }).expect(401);
  expect(await sql`select last_seq, version from chats where id = ${chatId}`).toEqual(before);
});

test.each([
  ['no text', {}, ['body.text', 'missing']],
  ['white space', { text: ' \n ' }, ['body.text', 'string_value']],
  ['8,001 characters', { text: 'é'.repeat(8_001) }, ['body.text', 'string_value']],
  ['more than 32 KiB', { text: '中😀'.repeat(4_000) + '中'.repeat(1_700) }, ['body.text', 'string_value']],
  ['a NUL', { text: 'a\u0000b' }, ['body.text', 'string_value']],
  ['half a surrogate pair', { text: 'a\ud800b' }, ['body.text', 'string_value']],
  ['a time without an offset', { text: 'x', timestamp: '2025-05-04T04:45:50' }, ['body.timestamp', 'timezone_aware']],
])('a message with %s is refused', async (_what, body, [loc, type]) => {
  const answer = await put(alice, body).expect(422);
  const { detail } = answer.body as { detail: { loc: string[]; type: string }[] };
  expect(detail.map((mistake) => [mistake.loc.join('.'), mistake.type])).toEqual([[loc, type]]);
});

test('a message put over HTTP reaches the sockets of the other members and of the sender', async () => {
  const sockets = [await logIn(server, alice), await logIn(server, bob)];
  const body = await bodyOf(put(alice, { text: 'to everybody' }).expect(201));
  for (const socket of sockets) {
    expect(await socket.next()).toMatchObject({ text: 'to everybody', id: (body as { id: string }).id });
    await socket.expectNothingElse();
    await socket.close();
  }
});

test('a mark by message and by number moves the position, never back', async () => {
  const { chatId: other } = await createGroup(server, [alice, bob]);
  const sent: { id: string; seq: number }[] = [];
  for (const text of ['one', 'two', 'three']) {
    sent.push((await put(alice, { text }, { chat: other }).expect(201)).body as { id: string; seq: number });
  }
  await read(bob, { message_id: sent[1]!.id }, other).expect(200, { chat_id: other, read_seq: 2 });
  await read(bob, { seq: 1 }, other).expect(200, { chat_id: other, read_seq: 2 });
  await read(bob, { seq: 999 }, other).expect(200, { chat_id: other, read_seq: 3 });
  await read(bob, { message_id: sent[1]!.id }).expect(403, /no_message/);
  await read(mallory, { message_id: sent[1]!.id }, other).expect(403, /no_message/);
  await read(mallory, { seq: 1 }, other).expect(403, /no_chat/);
});

test.each([
  ['nothing', {}, 'missing'],
  ['a zero', { seq: 0 }, 'greater_than_equal'],
  ['a fraction', { seq: 1.5 }, 'int_type'],
  ['no uuid', { message_id: 'x' }, 'uuid_parsing'],
])('a mark with %s is refused', async (_what, body, type) => {
  const answer = await read(bob, body).expect(422);
  expect((answer.body as { detail: { type: string }[] }).detail.map((mistake) => mistake.type)).toEqual([type]);
});
