import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chat as chatSchema, type Chat } from '../../src/protocol/chats.ts';
import { tryLogIn } from '../accounts/cast.ts';
import { createActor, createGroup, logIn, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, createAsk, pageOf, profileOf } from './cast.ts';

let server: TestServer;
let other: TestServer;
let sql: postgres.Sql;
const { get, patch, post, put, remove } = createAsk(() => server);

beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ database: { url: server.databaseUrl } });
  sql = postgres(server.databaseUrl, { max: 1 });
});
afterAll(async () => {
  expect([...server.bugs, ...other.bugs]).toEqual([]);
  await sql.end();
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const createCast = (...names: string[]): Promise<Actor[]> =>
  Promise.all(names.map((name) => createActor(server, name)));
const proofOf = (actor: Actor) => ({ current_password: actor.password });
const write = (actor: Actor, chatId: string, text: string) =>
  put(actor, `/chats/${chatId}/messages/${randomUUID()}`, { text });
const getChat = async (actor: Actor, chatId: string): Promise<Chat> =>
  chatSchema.parse((await get(actor, `/chats/${chatId}`).expect(200)).body);

describe.each([
  ['deactivating', (actor: Actor, body: object) => post(actor, '/users/me/deactivate', body)],
  ['deleting', (actor: Actor, body: object) => remove(actor, '/users/me', body)],
])('%s one’s account', (_what, end) => {
  it('needs the present password', async () => {
    const [alice] = (await createCast('Alice')) as [Actor];
    await end(alice, {}).expect(422);
    expect(await codeOf(end(alice, { current_password: 'a guess' }).expect(403))).toBe('wrong_password');
    await get(alice, '/users/me').expect(200);
  });

  it('ends every session and closes the sockets on every node, and nobody logs in or is found', async () => {
    const [alice, bob] = (await createCast('Quentin', 'Bob')) as [Actor, Actor];
    const sockets = await Promise.all([logIn(server, alice), logIn(other, alice)]);
    await end(alice, proofOf(alice)).expect(204);
    for (const socket of sockets) expect(await socket.closed()).toBe(4502);
    await get(alice, '/users/me').expect(401);
    await tryLogIn(server.url, { email: alice.email, password: alice.password }).expect(401);
    expect((await pageOf(get(bob, '/users?q=quentin'))).users).toEqual([]);
    expect((await pageOf(get(bob, `/users?q=${encodeURIComponent(alice.email)}`))).users).toEqual([]);
  });
});

describe('a deactivated account', () => {
  it('keeps its name and its chats', async () => {
    const [alice, bob] = (await createCast('Alice', 'Bob')) as [Actor, Actor];
    const { chatId } = await createGroup(server, [alice, bob]);
    await post(alice, '/users/me/deactivate', proofOf(alice)).expect(204);
    expect(await profileOf(get(bob, `/users/${alice.id}`))).toMatchObject({ name: 'Alice', deleted: false });
    expect((await getChat(bob, chatId)).members).toHaveLength(2);
  });
});

describe('a deleted account', () => {
  it('has nothing left that tells whose it was, and its identifiers are free', async () => {
    const [alice, bob] = (await createCast('Alice', 'Bob')) as [Actor, Actor];
    const username = `u${randomUUID().slice(0, 8)}`;
    const about = { first_name: 'A', last_name: 'B', about: 'C', language: 'ru', username, ...proofOf(alice) };
    await patch(alice, '/users/me', about).expect(200);
    await sql`update users set last_seen_at = now(), avatar = 'x' where id = ${alice.id}`;
    await sql`insert into connections (id, user_id, session_id, node_id, dialect, connected_at)
      values (gen_random_uuid(), ${alice.id}, gen_random_uuid(), gen_random_uuid(), 'plain', now())`;
    await remove(alice, '/users/me', proofOf(alice)).expect(204);
    expect(await profileOf(get(bob, `/users/${alice.id}`).expect(200))).toMatchObject({
      name: 'Deleted account',
      deleted: true,
      avatar_url: null,
    });
    const [row] = await sql`
      select num_nonnulls(email, phone, username, first_name, last_name, about, avatar, language, password_hash, last_seen_at) as left,
        num_nonnulls(deactivated_at, deleted_at) as marks,
        (select count(*)::int from user_words where user_id = u.id) as words,
        (select count(*)::int from sessions where user_id = u.id and (revoked_at is null or num_nonnulls(ip, user_agent) > 0)) as sessions,
        (select count(*)::int from connections where user_id = u.id) as connections
      from users u where id = ${alice.id}`;
    expect(row).toEqual({ left: 0, marks: 2, words: 0, sessions: 0, connections: 0 });
    await patch(bob, '/users/me', { username, email: alice.email, ...proofOf(bob) }).expect(200);
  });

  it('leaves its messages readable, in groups and in direct chats', async () => {
    const [alice, bob] = (await createCast('Alice', 'Bob')) as [Actor, Actor];
    const { chatId: group } = await createGroup(server, [bob, alice]);
    const { id: direct } = (await post(alice, '/chats/personal', { member_ids: [bob.id] })).body as { id: string };
    for (const chatId of [group, direct]) await write(alice, chatId, 'Remember me').expect(201);
    await remove(alice, '/users/me', proofOf(alice)).expect(204);
    for (const chatId of [group, direct]) {
      const history = await request(server.url).get(`/history/${chatId}`).set(bob.authorization).expect(200);
      expect(history.body).toMatchObject([{ sender_id: alice.id, text: 'Remember me' }]);
      expect((await getChat(bob, chatId)).last_message).toMatchObject({ sender_name: 'Deleted account' });
    }
    expect((await getChat(bob, direct)).members).toHaveLength(2);
    expect((await getChat(bob, group)).members.map(({ id }) => id)).toEqual([bob.id]);
  });

  it('hands its groups down: to the oldest admin, else to the oldest member, those who are active first', async () => {
    const [alice, bob, carol] = (await createCast('Alice', 'Bob', 'Carol')) as [Actor, Actor, Actor];
    const create = async () => (await createGroup(server, [alice, bob, carol])).chatId;
    const [toAdmin, toOldest, toActive] = await Promise.all([create(), create(), create()]);
    await sql`update memberships set created_at = now() - interval '1 hour' where user_id = ${bob.id}`;
    await sql`update memberships set role = 'admin' where chat_id = ${toAdmin} and user_id = ${carol.id}`;
    const [gone] = (await createCast('Gone')) as [Actor];
    await post(alice, `/chats/${toActive}/members`, { user_ids: [gone.id] }).expect(200);
    await sql`update memberships set role = 'admin' where chat_id = ${toActive} and user_id = ${gone.id}`;
    await sql`select deactivate_user(${gone.id})`;

    await remove(alice, '/users/me', proofOf(alice)).expect(204);

    const ownerOf = async (chatId: string) =>
      (await getChat(carol, chatId)).members.filter(({ role }) => role === 'owner').map(({ id }) => id);
    expect(await ownerOf(toAdmin)).toEqual([carol.id]);
    expect(await ownerOf(toOldest)).toEqual([bob.id]);
    expect(await ownerOf(toActive)).toEqual([bob.id]);
    const breaches = await sql`
      select from chats c join memberships m on m.chat_id = c.id
       where c.id in ${sql([toAdmin, toOldest, toActive])} and (m.version > c.members_version or c.members_version > c.version)`;
    expect(breaches).toHaveLength(0);
  });

  it('leaves groups whose members go on hearing of each other, on every node', async () => {
    const [alice, bob, carol] = (await createCast('Alice', 'Bob', 'Carol')) as [Actor, Actor, Actor];
    const { chatId } = await createGroup(server, [alice, bob, carol]);
    const [here, there] = await Promise.all([logIn(server, bob), logIn(other, carol)]);
    await write(alice, chatId, 'Bye').expect(201);
    for (const socket of [here, there]) expect(await socket.next()).toMatchObject({ text: 'Bye' });
    await remove(alice, '/users/me', proofOf(alice)).expect(204);
    await write(carol, chatId, 'Who was that?').expect(201);
    for (const socket of [here, there]) {
      await socket.until('the message', () => socket.received.some((text) => text.includes('Who was that?')));
      await socket.close();
    }
    expect((await getChat(carol, chatId)).members.map(({ role }) => role).toSorted()).toEqual(['member', 'owner']);
  });

  it('holds nobody’s messages up', async () => {
    const [alice, bob, carol] = (await createCast('Alice', 'Bob', 'Carol')) as [Actor, Actor, Actor];
    const { chatId } = await createGroup(server, [bob, alice, carol]);
    await write(bob, chatId, 'Read me').expect(201);
    await post(carol, `/chats/${chatId}/read`, { seq: 1 }).expect(200);
    expect((await getChat(bob, chatId)).last_message).toMatchObject({ is_read: false });
    await remove(alice, '/users/me', proofOf(alice)).expect(204);
    expect((await getChat(bob, chatId)).last_message).toMatchObject({ is_read: true });
  });

  it('blocks nobody any more', async () => {
    const [alice, bob] = (await createCast('Alice', 'Bob')) as [Actor, Actor];
    const { id: chatId } = (await post(alice, '/chats/personal', { member_ids: [bob.id] })).body as { id: string };
    await put(bob, `/users/${alice.id}/block`).expect(204);
    await remove(alice, '/users/me', proofOf(alice)).expect(204);
    expect((await pageOf(get(bob, '/users/me/blocks'))).users).toEqual([]);
    expect(await sql`select blocked from chats where id = ${chatId}`).toEqual([{ blocked: false }]);
  });

  it('is deleted once, however often it is asked for at once', async () => {
    const [alice, bob] = (await createCast('Alice', 'Bob')) as [Actor, Actor];
    const { chatId } = await createGroup(server, [alice, bob]);
    const before = (await getChat(bob, chatId)).version;
    const answers = await Promise.all([1, 2, 3, 4].map(() => remove(alice, '/users/me', proofOf(alice))));
    expect(answers.map(({ status }) => status)).toContain(204);
    expect(answers.every(({ status }) => [204, 401, 403].includes(status))).toBe(true);
    // One for the leaving and one for the inheriting.
    expect((await getChat(bob, chatId)).version).toBe(before + 2);
  });
});
