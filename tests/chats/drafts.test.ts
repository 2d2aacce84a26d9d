import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
let chatId: string;

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 2 });
  [alice, bob, mallory] = await createActors(server, 'Alice', 'Bob', 'Mallory');
});
afterAll(async () => {
  await sql.end();
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  ({ chatId } = await createGroup(server, [alice, bob]));
});

const put = (actor: Actor, body: object, chat = chatId) =>
  request(server.url).put(`/api/v1/chats/${chat}/draft`).set(actor.authorization).send(body);
const get = async (actor: Actor, path = `/${chatId}`) =>
  (await request(server.url).get(`/api/v1/chats${path}`).set(actor.authorization).expect(200)).body as Record<
    string,
    unknown
  >;
const listDrafts = (chat = chatId) => sql`select user_id, text from drafts where chat_id = ${chat}`;

async function say(actor: Actor, chat: string, ...texts: string[]): Promise<void> {
  const socket = await logIn(server, actor);
  for (const text of texts) await socket.ask(messageFrame(actor, chat, text));
  await socket.close();
}

describe('a draft', () => {
  it('is kept for its writer alone, changes no version, and stamps the membership', async () => {
    const before = await get(bob);
    const [was] = await sql<
      { tx: string }[]
    >`select tx::text from memberships where chat_id = ${chatId} and user_id = ${bob.id}`;
    const { body } = await put(bob, { text: 'Dear' }).expect(200);
    expect(body).toEqual({
      chat_id: chatId,
      draft: { text: 'Dear', updated_at: expect.stringMatching(/Z$/) as string },
    });
    const { draft } = body as { draft: object };
    expect(await get(bob)).toEqual({ ...before, draft });
    expect((await get(bob, '?limit=1')) as unknown).toMatchObject([{ id: chatId, draft }]);
    expect(await get(alice)).toMatchObject({ draft: null });
    const [is] = await sql<
      { tx: string }[]
    >`select tx::text from memberships where chat_id = ${chatId} and user_id = ${bob.id}`;
    expect(BigInt(is!.tx)).toBeGreaterThan(BigInt(was!.tx));
  });

  it('that is the same again stays as it is; nothing but white space is none', async () => {
    const first = await put(bob, { text: 'Dear' }).expect(200);
    expect((await put(bob, { text: 'Dear' }).expect(200)).body).toEqual(first.body);
    expect((await put(bob, { text: ' \n' }).expect(200)).body).toEqual({ chat_id: chatId, draft: null });
    expect(await get(bob)).toMatchObject({ draft: null });
    await request(server.url).delete(`/api/v1/chats/${chatId}/draft`).set(bob.authorization).expect(204);
  });

  it('names the message it answers, unless one cannot see it', async () => {
    await say(alice, chatId, 'one', 'two');
    expect((await put(bob, { text: 'Yes', reply_to: 2 }).expect(200)).body).toMatchObject({ draft: { reply_to: 2 } });
    const { body } = await put(bob, { text: 'Yes', reply_to: 3 }).expect(200);
    expect((body as { draft: object }).draft).not.toHaveProperty('reply_to');

    const { body: group } = await request(server.url)
      .post('/api/v1/chats/group')
      .set(alice.authorization)
      .send({ name: 'Later', member_ids: [], history: 'since_joined' });
    const { id: later } = group as { id: string };
    await say(alice, later, 'before Bob');
    await request(server.url)
      .post(`/api/v1/chats/${later}/members`)
      .set(alice.authorization)
      .send({ user_ids: [bob.id] })
      .expect(200);
    const hidden = await put(bob, { text: 'Yes', reply_to: 1 }, later).expect(200);
    expect((hidden.body as { draft: object }).draft).not.toHaveProperty('reply_to');
  });

  it('is bounded, and refused to everybody but members', async () => {
    await put(bob, { text: 'x'.repeat(limits.message.maxCodePoints + 1) }).expect(422);
    for (const chat of [chatId, randomUUID()]) {
      const { body } = await put(mallory, { text: 'Mine now' }, chat).expect(403);
      expect(body).toMatchObject({ code: 'no_chat' });
    }
    expect([...(await listDrafts())]).toEqual([]);
  });
});

describe('what was not sent goes', () => {
  it('with the membership', async () => {
    await put(bob, { text: 'Dear' }).expect(200);
    await put(alice, { text: 'Mine' }).expect(200);
    await request(server.url).delete(`/api/v1/chats/${chatId}/members/${bob.id}`).set(alice.authorization).expect(200);
    expect([...(await listDrafts())]).toEqual([{ user_id: alice.id, text: 'Mine' }]);
  });

  it('with the account, also in direct chats', async () => {
    const [dora] = await createActors(server, 'Dora');
    const { body } = await request(server.url)
      .post('/api/v1/chats/personal')
      .set(dora.authorization)
      .send({ member_ids: [alice.id] });
    const { id: direct } = body as { id: string };
    await put(dora, { text: 'Dear Alice' }, direct).expect(200);
    await request(server.url)
      .delete('/api/v1/users/me')
      .set(dora.authorization)
      .send({ current_password: dora.password })
      .expect(204);
    expect([...(await listDrafts(direct))]).toEqual([]);
  });

  it('never outlives the membership, whichever comes first', async () => {
    for (let round = 0; round < 20; round++) {
      const { chatId: chat } = await createGroup(server, [alice, bob]);
      const [, left] = await Promise.all([
        put(bob, { text: 'one' }, chat).then(({ status }) => status),
        request(server.url)
          .post(`/api/v1/chats/${chat}/leave`)
          .set(bob.authorization)
          .then(({ status }) => status),
        put(bob, { text: 'two' }, chat).then(({ status }) => status),
      ]);
      expect(left).toBe(200);
      expect([...(await listDrafts(chat))]).toEqual([]);
    }
  });
});

it('whoever joins again begins anew: nothing is marked as unread', async () => {
  const me = `/api/v1/chats/${chatId}/me`;
  await request(server.url).patch(me).set(bob.authorization).send({ marked_unread: true }).expect(200);
  expect(await get(bob)).toMatchObject({ marked_unread: true, unread_count: 0 });
  await request(server.url).post(`/api/v1/chats/${chatId}/leave`).set(bob.authorization).expect(200);
  await request(server.url)
    .post(`/api/v1/chats/${chatId}/members`)
    .set(alice.authorization)
    .send({ user_ids: [bob.id] })
    .expect(200);
  expect(await get(bob)).toMatchObject({ marked_unread: false, draft: null });
});

it('a chat shows how much of it mentions one, and what has reached one’s devices', async () => {
  await say(alice, chatId, 'one', 'two', 'three');
  await sql`insert into mentions (chat_id, user_id, seq) values (${chatId}, ${bob.id}, 1), (${chatId}, ${bob.id}, 3), (${chatId}, ${alice.id}, 2)`;
  expect(await get(bob)).toMatchObject({ unread_count: 3, unread_mentions: 2, delivered_seq: 0 });
  await request(server.url)
    .post(`/api/v1/chats/${chatId}/delivered`)
    .set(bob.authorization)
    .send({ seq: 3 })
    .expect(200);
  await request(server.url).post(`/api/v1/chats/${chatId}/read`).set(bob.authorization).send({ seq: 1 }).expect(200);
  expect(await get(bob)).toMatchObject({ unread_count: 2, unread_mentions: 1, delivered_seq: 3, read_seq: 1 });
});
