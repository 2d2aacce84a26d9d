import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chat as chatSchema, type Chat } from '../../src/protocol/chats.ts';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let carol: Actor;
let mallory: Actor;

const bodyOf = async (answer: PromiseLike<{ body: unknown }>): Promise<unknown> => (await answer).body;

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 4, onnotice: () => undefined });
  [alice, bob, carol, mallory] = (await Promise.all(
    ['Alice', 'Bob', 'Carol', 'Mallory'].map((name) => createActor(server, name)),
  )) as [Actor, Actor, Actor, Actor];
});

afterAll(async () => {
  if (server.bugs.length > 0) throw new Error(server.bugs.join('\n'));
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const get = (actor: Actor, path: string) => request(server.url).get(path).set(actor.authorization);
const post = (actor: Actor, path: string, body: object) =>
  request(server.url).post(path).set(actor.authorization).send(body);
const remove = (actor: Actor, path: string) => request(server.url).delete(path).set(actor.authorization);
const put = (actor: Actor, chatId: string, text: string) =>
  request(server.url).put(`/api/v1/chats/${chatId}/messages/${randomUUID()}`).set(actor.authorization).send({ text });

async function getChat(actor: Actor, chatId: string): Promise<Chat> {
  const body = await bodyOf(get(actor, `/api/v1/chats/${chatId}`).expect(200));
  return chatSchema.parse(body);
}

const rolesOf = (chat: Chat): Record<string, string> =>
  Object.fromEntries(chat.members.map(({ id, role }) => [id, role]));

test('a group has its creator as owner, listed or not, and everybody once', async () => {
  const body = await bodyOf(
    post(alice, '/api/v1/chats/group', {
      name: 'Door',
      member_ids: [bob.id, bob.id, alice.id],
    }).expect(200),
  );
  const chat = chatSchema.parse(body);
  expect(rolesOf(chat)).toEqual({ [alice.id]: 'owner', [bob.id]: 'member' });
  expect(chat).toMatchObject({ name: 'Door', type: 'group', history: 'all', creator_id: alice.id, role: 'owner' });
  expect(chat).toMatchObject({ last_seq: 0, unread_count: 0, last_message: null, more_members: false });
  expect(chat.members.find(({ id }) => id === bob.id)).toMatchObject({ name: 'Bob', email: bob.email });
  expect(await getChat(bob, chat.id)).toMatchObject({ role: 'member' });
});

test('a group with somebody who does not exist is not made at all', async () => {
  const stranger = randomUUID();
  const before = await sql`select count(*) from chats`;
  const body = await bodyOf(
    post(alice, '/api/v1/chats/group', { name: 'Half', member_ids: [bob.id, stranger] }).expect(400),
  );
  expect(body).toMatchObject({ code: 'no_user' });
  expect((body as { message: string }).message).toContain(stranger);
  expect(await sql`select count(*) from chats`).toEqual(before);
});

test('a request for a group tells all its mistakes at once', async () => {
  const body = await bodyOf(
    post(alice, '/api/v1/chats/group', { name: 'x'.repeat(256), member_ids: ['no uuid'] }).expect(422),
  );
  const { detail } = body as { detail: { loc: unknown[]; type: string }[] };
  expect(detail.map(({ loc, type }) => [loc.join('.'), type])).toEqual([
    ['body.name', 'string_value'],
    ['body.member_ids.0', 'uuid_parsing'],
  ]);
  await post(alice, '/api/v1/chats/group', { name: 'x'.repeat(255), member_ids: [] }).expect(200);
});

test('the personal chat of two people is one, whoever opens it and however often', async () => {
  const first = await post(alice, '/api/v1/chats/personal', { member_ids: [bob.id] }).expect(200);
  const again = await post(bob, '/api/v1/chats/personal', { member_ids: [bob.id, alice.id] }).expect(200);
  expect((again.body as Chat).id).toBe((first.body as Chat).id);
  expect(chatSchema.parse(first.body)).toMatchObject({ type: 'personal', name: null, group_id: null });
  expect(Object.keys(rolesOf(first.body as Chat)).sort()).toEqual([alice.id, bob.id].sort());
});

test.each([
  ['nobody', () => []],
  ['oneself alone', () => [alice.id]],
  ['two others', () => [bob.id, carol.id]],
])('a personal chat with %s is refused', async (_who, memberIds) => {
  const body = await bodyOf(post(alice, '/api/v1/chats/personal', { member_ids: memberIds() }).expect(400));
  expect(body).toMatchObject({ code: 'not_a_pair' });
});

test('twenty simultaneous openings of a personal chat make one chat', async () => {
  const [dan, eve] = [await createActor(server, 'Dan'), await createActor(server, 'Eve')];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => {
      const [one, other] = i % 2 ? [dan, eve] : [eve, dan];
      return post(one, '/api/v1/chats/personal', { member_ids: [other.id] });
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => (body as Chat).id)).size).toBe(1);
  const memberships = await sql`select from memberships where user_id in (${dan.id}, ${eve.id})`;
  expect(memberships).toHaveLength(2);
});

test('a personal chat takes nobody in and lets nobody go', async () => {
  const body = await bodyOf(post(alice, '/api/v1/chats/personal', { member_ids: [carol.id] }).expect(200));
  const { id } = body as Chat;
  await post(alice, `/api/v1/chats/${id}/members`, { user_ids: [bob.id] }).expect(409);
  await post(alice, `/api/v1/chats/${id}/leave`, {}).expect(409);
  await remove(alice, `/api/v1/chats/${id}/members/${carol.id}`).expect(409);
});

test('members are added by the owner, and again without effect', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const body = await bodyOf(
    post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [bob.id, carol.id] }).expect(200),
  );
  expect(body).toEqual({ chat_id: chatId, version: 2, user_ids: [carol.id] });
  const again = await post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [carol.id] }).expect(200);
  expect(again.body).toEqual({ chat_id: chatId, version: 2, user_ids: [] });
  await post(bob, `/api/v1/chats/${chatId}/members`, { user_ids: [mallory.id] }).expect(403, /access_denied/);
  await post(mallory, `/api/v1/chats/${chatId}/members`, { user_ids: [mallory.id] }).expect(403, /no_chat/);
});

test('a chat of others and one that was left are the same to whoever asks, and an unknown one is not found', async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol]);
  await post(carol, `/api/v1/chats/${chatId}/leave`, {}).expect(200);
  const unknown = await get(mallory, `/api/v1/chats/${randomUUID()}`).expect(404);
  const foreign = await get(mallory, `/api/v1/chats/${chatId}`).expect(403);
  const former = await get(carol, `/api/v1/chats/${chatId}`).expect(403);
  expect(unknown.body).toMatchObject({ detail: 'Чат не найден', code: 'unknown_chat' });
  expect(foreign.body).toMatchObject({ detail: 'У вас нет доступа к этому чату', code: 'no_chat' });
  expect(former.body).toEqual(foreign.body);
});

test('the owner removes anybody, an admin only members, a member nobody but oneself', async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol, mallory]);
  await sql`update memberships set role = 'admin' where chat_id = ${chatId} and user_id = ${bob.id}`;
  const path = (actor: Actor): string => `/api/v1/chats/${chatId}/members/${actor.id}`;
  await remove(carol, path(mallory)).expect(403, /access_denied/);
  await remove(bob, path(alice)).expect(403, /access_denied/);
  await remove(bob, path(mallory)).expect(200);
  await remove(bob, path(mallory)).expect(400, /no_user/);
  await remove(alice, path(bob)).expect(200);
  await remove(carol, path(carol)).expect(200);
  expect(rolesOf(await getChat(alice, chatId))).toEqual({ [alice.id]: 'owner' });
});

test('when the owner leaves, the oldest admin inherits, else the oldest member', async () => {
  const { chatId } = await createGroup(server, [alice, carol]);
  await post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [bob.id] }).expect(200);
  await post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [mallory.id] }).expect(200);
  await sql`update memberships set role = 'admin' where chat_id = ${chatId} and user_id = ${mallory.id}`;
  await post(alice, `/api/v1/chats/${chatId}/leave`, {}).expect(200);
  expect(rolesOf(await getChat(carol, chatId))[mallory.id]).toBe('owner');
  await post(mallory, `/api/v1/chats/${chatId}/leave`, {}).expect(200);
  expect(rolesOf(await getChat(bob, chatId))).toEqual({ [carol.id]: 'owner', [bob.id]: 'member' });
});

test('a group holds a thousand people and not one more', async () => {
  await using strict = await startTestServer({ config: { rateLimits: true }, database: { url: server.databaseUrl } });
  await sql`insert into users (id, name, username)
    select gen_random_uuid(), 'Extra ' || n, 'extra-' || n from generate_series(1, 1000) n`;
  const extras = (await sql<{ id: string }[]>`select id from users where username like 'extra-%'`).map(({ id }) => id);
  const ask = (path: string, body: object) => request(strict.url).post(path).set(alice.authorization).send(body);
  await ask('/api/v1/chats/group', { name: 'Crowd', member_ids: extras }).expect(409, /too_many_members/);
  const body = await bodyOf(ask('/api/v1/chats/group', { name: 'Crowd', member_ids: extras.slice(1) }).expect(200));
  const crowd = chatSchema.parse(body);
  expect(crowd.members).toHaveLength(1_000);
  await ask(`/api/v1/chats/${crowd.id}/members`, { user_ids: [extras[0]] }).expect(409, /too_many_members/);
  // Two at once for the one place that is left.
  await request(strict.url)
    .delete(`/api/v1/chats/${crowd.id}/members/${extras[1]}`)
    .set(alice.authorization)
    .expect(200);
  const answers = await Promise.all(
    [extras[0], bob.id].map((id) => ask(`/api/v1/chats/${crowd.id}/members`, { user_ids: [id] })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  const listed = await request(strict.url).get('/api/v1/chats?limit=200').set(alice.authorization).expect(200);
  const inList = (listed.body as Chat[]).find(({ id }) => id === crowd.id)!;
  expect(inList.members).toHaveLength(50);
  expect(inList.more_members).toBe(true);
});

test('nobody is put into more chats than two thousand', async () => {
  await using strict = await startTestServer({ config: { rateLimits: true }, database: { url: server.databaseUrl } });
  const busy = await createActor(server, 'Busy');
  await sql`with made as (insert into chats (id, type, version, members_version)
      select gen_random_uuid(), 'group', 1, 1 from generate_series(1, 1999) returning id)
    insert into memberships (chat_id, user_id, version) select id, ${busy.id}, 1 from made`;
  const ask = () =>
    request(strict.url)
      .post('/api/v1/chats/group')
      .set(alice.authorization)
      .send({ name: 'One more', member_ids: [busy.id] });
  const answers = await Promise.all([ask(), ask()]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  await ask().expect(409, /too_many_chats/);
});

test('adding and removing the same person at once leaves one of the two outcomes and no hole in the versions', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all([
      post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [carol.id] }),
      remove(alice, `/api/v1/chats/${chatId}/members/${carol.id}`),
      post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [carol.id] }),
    ]);
    expect(answers.map(({ status }) => status).every((status) => status === 200 || status === 400)).toBe(true);
  }
  const [row] = await sql<{ version: string; members: string; newest: string }[]>`
    select version, members_version as members, (select max(version) from memberships where chat_id = ${chatId}) as newest
    from chats where id = ${chatId}`;
  expect(row!.members).toBe(row!.version);
  expect(row!.newest).toBe(row!.version);
});

test('the list shows the newest activity first, page by page, each chat once', async () => {
  const owner = await createActor(server, 'Lister');
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) ids.push((await createGroup(server, [owner, bob], `Group ${i}`)).chatId);
  await put(bob, ids[2]!, 'a message moves its chat to the top').expect(201);
  const expected = [ids[2]!, ...ids.filter((_id, i) => i !== 2).toReversed()];
  const seen: string[] = [];
  for (let before = ''; ;) {
    const body = await bodyOf(get(owner, `/api/v1/chats?limit=3${before}`).expect(200));
    const page = (body as unknown[]).map((chat) => chatSchema.parse(chat));
    seen.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (page.length < 3 || !last) break;
    before = `&before=${last.active_at}_${last.id}`;
  }
  expect(seen).toEqual(expected);
});

test('a list is refused with every mistake named', async () => {
  const body = await bodyOf(get(alice, '/api/v1/chats?limit=201&before=yesterday').expect(422));
  const { detail } = body as { detail: { loc: unknown[]; type: string }[] };
  expect(detail.map(({ loc, type }) => [loc[1], type])).toEqual([
    ['limit', 'less_than_equal'],
    ['before', 'cursor_parsing'],
  ]);
});

test('unread counts messages of others after the position that are not deleted', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const ids: string[] = [];
  for (const sender of [alice, bob, bob, alice, bob]) {
    ids.push(((await put(sender, chatId, 'hello').expect(201)).body as { id: string }).id);
  }
  expect(await getChat(alice, chatId)).toMatchObject({ unread_count: 3, read_seq: 1, last_seq: 5 });
  expect(await getChat(bob, chatId)).toMatchObject({ unread_count: 2, read_seq: 0 });
  await post(alice, `/api/v1/chats/${chatId}/read`, { seq: 3 }).expect(200, { chat_id: chatId, read_seq: 4 });
  expect(await getChat(alice, chatId)).toMatchObject({ unread_count: 1, read_seq: 4 });
  await sql`update messages set deleted_at = now() where id = ${ids[4]!}`;
  expect(await getChat(alice, chatId)).toMatchObject({ unread_count: 0, read_seq: 4 });
  expect(await getChat(bob, chatId)).toMatchObject({ unread_count: 2 });
});

test('unread equals what counting every message gives, after any mixture of sends and marks', async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol]);
  const actors = [alice, bob, carol];
  for (let step = 0; step < 40; step++) {
    const actor = actors[(step * 7 + (step >> 2)) % 3]!;
    if (step % 4 < 3) await put(actor, chatId, `step ${step}`).expect(201);
    else await post(actor, `/api/v1/chats/${chatId}/read`, { seq: Math.max(1, step >> 1) }).expect(200);
    if (step % 9 === 5)
      await sql`update messages set deleted_at = now() where chat_id = ${chatId} and seq = ${step >> 1}`;
  }
  for (const actor of actors) {
    const [counted] = await sql<{ n: number }[]>`
      select count(*)::int as n from messages m join memberships s on s.chat_id = m.chat_id and s.user_id = ${actor.id}
      where m.chat_id = ${chatId} and m.seq > s.read_seq and m.sender_id <> ${actor.id} and m.deleted_at is null`;
    expect((await getChat(actor, chatId)).unread_count).toBe(counted!.n);
  }
});

test('the last message of a group that shows nothing from before is not shown to who came after it', async () => {
  const body = await bodyOf(
    post(alice, '/api/v1/chats/group', {
      name: 'Since',
      member_ids: [],
      history: 'since_joined',
    }).expect(200),
  );
  const { id } = body as Chat;
  await put(alice, id, 'before bob').expect(201);
  await post(alice, `/api/v1/chats/${id}/members`, { user_ids: [bob.id] }).expect(200);
  expect(await getChat(bob, id)).toMatchObject({
    last_message: null,
    unread_count: 0,
    read_seq: 1,
    history: 'since_joined',
  });
  await put(alice, id, 'after bob').expect(201);
  const chat = await getChat(bob, id);
  expect(chat.last_message).toMatchObject({ text: 'after bob', sender_name: 'Alice', is_read: false, seq: 2 });
  expect(chat.unread_count).toBe(1);
});

test('a member who is added hears the next message live, and one who is removed hears nothing more', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const socket = await logIn(server, carol);
  await post(alice, `/api/v1/chats/${chatId}/members`, { user_ids: [carol.id] }).expect(200);
  await put(alice, chatId, 'welcome').expect(201);
  expect(await socket.next()).toMatchObject({ text: 'welcome', chat_id: chatId });
  await remove(alice, `/api/v1/chats/${chatId}/members/${carol.id}`).expect(200);
  await put(alice, chatId, 'not for carol').expect(201);
  await socket.expectNothingElse();
  expect(await socket.ask(messageFrame(carol, chatId, 'still here?'))).toMatchObject({
    type: 'error',
    detail: { code: 'no_chat' },
  });
  await socket.close();
});

test('when the last one who had not read leaves, the sender learns that all have seen', async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol]);
  await put(alice, chatId, 'read me').expect(201);
  await post(bob, `/api/v1/chats/${chatId}/read`, { seq: 1 }).expect(200);
  const socket = await logIn(server, alice);
  await post(carol, `/api/v1/chats/${chatId}/leave`, {}).expect(200);
  expect(await socket.next()).toMatchObject({ type: 'message_seen', detail: { text: 'read me', seq: 1, seen: true } });
  await socket.expectNothingElse();
  await socket.close();
});

test('a session that was ended changes nothing any more', async () => {
  const gone = await createActor(server, 'Gone');
  const { chatId } = await createGroup(server, [gone, bob]);
  await sql`update sessions set revoked_at = now() where user_id = ${gone.id}`;
  await post(gone, `/api/v1/chats/${chatId}/members`, { user_ids: [carol.id] }).expect(401, /session_revoked/);
  await post(gone, '/api/v1/chats/group', { name: 'Late', member_ids: [] }).expect(401, /session_revoked/);
  await post(gone, '/api/v1/chats/personal', { member_ids: [bob.id] }).expect(401, /session_revoked/);
  await get(gone, '/api/v1/chats').expect(401, /session_revoked/);
  await get(gone, `/history/${chatId}`).expect(401, /session_revoked/);
});
