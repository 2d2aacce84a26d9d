/** What others see of a person. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { logInForToken, password, post } from './strangers.ts';

describe('of a person', () => {
  let server: TestServer;
  let sql: postgres.Sql;
  /** Alice is in a group with bob; carol has left it; dave has been blocked by alice and was never in it. */
  const people = {} as Record<
    'alice' | 'bob' | 'carol' | 'dave',
    { id: string; authorization: Record<string, string> }
  >;
  const alice = { email: 'Alice.Secret@example.com', phone: '+79990001122', username: 'alice.lighthouse' };
  let chatId: string;
  let groupId: string;

  const get = (as: keyof typeof people, path: string) => request(server.url).get(path).set(people[as].authorization);
  const textOf = async (as: keyof typeof people, path: string): Promise<string> =>
    (await get(as, path).expect(200)).text;
  const showsEmail = (text: string): boolean => text.toLowerCase().includes(alice.email.toLowerCase());
  const showsPhone = (text: string): boolean => text.includes(alice.phone.slice(1));

  beforeAll(async () => {
    server = await startTestServer();
    sql = postgres(server.databaseUrl, { max: 1 });
    for (const name of ['alice', 'bob', 'carol', 'dave'] as const) {
      const own = name === 'alice' ? alice : { email: `${name}@example.com` };
      const body = { name: `${name} Example`, password, ...own };
      const { id } = (await (await post(`${server.url}/api/v1/auth/register`, body)).json()) as { id: string };
      const access = await logInForToken(server, { email: own.email, password });
      people[name] = { id, authorization: { authorization: `Bearer ${access}` } };
    }
    const { id: bob } = people.bob;
    const member_ids = [bob, people.carol.id];
    const made = await request(server.url)
      .post('/api/v1/chats/group')
      .set(people.alice.authorization)
      .send({ name: 'A', member_ids });
    ({ id: chatId, group_id: groupId } = made.body as { id: string; group_id: string });
    const say = `/api/v1/chats/${chatId}/messages/${randomUUID()}`;
    await request(server.url).put(say).set(people.alice.authorization).send({ text: 'Hi' }).expect(201);
    await request(server.url)
      .post(`/api/v1/chats/${chatId}/leave`)
      .set(people.carol.authorization)
      .send({})
      .expect(200);
    await request(server.url).put(`/api/v1/users/${people.dave.id}/block`).set(people.alice.authorization).expect(204);
    await sql`update users set last_seen_at = now() where id = any(${Object.values(people).map(({ id }) => id)}::uuid[])`;
  });
  afterAll(async () => {
    await sql.end();
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('a stranger finds neither address nor number', async () => {
    for (const path of [
      `/api/v1/users/${people.alice.id}`,
      '/api/v1/users?q=alice',
      '/api/v1/users?q=lighthouse',
      '/users/?username=alice',
      `/users/${alice.username}`,
      `/users/${alice.username}/`,
    ]) {
      for (const as of ['dave', 'carol'] as const) {
        const text = await textOf(as, path);
        expect(text, path).toContain(people.alice.id);
        expect([as, path, showsEmail(text), showsPhone(text)]).toEqual([as, path, false, false]);
      }
    }
  });

  it.each([
    [
      'alice.secret',
      'Alice.Secret@',
      '@example.com',
      'secret@example.com',
      'Alice.Secret@example.co',
      'Alice.Secret@example.com.',
    ],
    ['+7999000112', '79990001122', '9990001122', '+799900011222', '+', '0001122'],
  ])('a part of an address or number finds nobody: %s …', async (...parts) => {
    for (const part of parts) {
      const typed = encodeURIComponent(part);
      for (const path of [`/api/v1/users?q=${typed}`, `/users/?email=${typed}`, `/users/?phone_number=${typed}`])
        expect([path, (await textOf('dave', path)).includes(people.alice.id)]).toEqual([path, false]);
    }
  });

  it('the whole one finds her and shows that one alone', async () => {
    const [email, phone] = [encodeURIComponent(alice.email.toUpperCase()), encodeURIComponent(alice.phone)];
    for (const path of [`/api/v1/users?q=${email}`, `/users/?email=${email}`]) {
      const text = await textOf('dave', path);
      expect([path, showsEmail(text), showsPhone(text)]).toEqual([path, true, false]);
    }
    for (const path of [`/api/v1/users?q=${phone}`, `/users/?phone_number=${phone}`]) {
      const text = await textOf('dave', path);
      expect([path, showsEmail(text), showsPhone(text)]).toEqual([path, false, true]);
    }
  });

  it('who shares a chat sees the address, never the number', async () => {
    for (const path of [
      `/api/v1/users/${people.alice.id}`,
      '/api/v1/chats',
      '/api/v1/chats/with-last-message',
      `/api/v1/chats/${chatId}`,
      `/api/v1/chats/${chatId}/members`,
      `/api/v1/chats/${chatId}/history`,
      '/chats',
      `/groups/${groupId}`,
      `/messages/history/${chatId}`,
    ]) {
      const text = await textOf('bob', path);
      expect([path, showsEmail(text), showsPhone(text)]).toEqual([path, true, false]);
    }
  });

  it('who has left the chat sees it no more, also beside messages of before', async () => {
    for (const path of [
      `/api/v1/chats/${chatId}/history`,
      `/messages/history/${chatId}`,
      `/history/${chatId}?limit=5&offset=0`,
    ]) {
      const text = await textOf('carol', path);
      expect(text).toContain(people.alice.id);
      expect([path, showsEmail(text), showsPhone(text)]).toEqual([path, false, false]);
    }
    for (const path of ['/api/v1/chats', '/chats']) expect(showsEmail(await textOf('carol', path))).toBe(false);
  });

  it('neither who blocked nor who was blocked sees when the other was last here', async () => {
    const seen = async (as: keyof typeof people, path: string): Promise<unknown> => {
      const { body } = await get(as, path).expect(200);
      const profile = body as { last_seen_at?: unknown; users?: { last_seen_at: unknown }[] };
      return profile.users ? profile.users[0]?.last_seen_at : profile.last_seen_at;
    };
    expect(await seen('bob', `/api/v1/users/${people.alice.id}`)).toEqual(expect.any(String));
    const email = encodeURIComponent(alice.email);
    for (const path of [`/api/v1/users/${people.alice.id}`, '/api/v1/users?q=lighthouse', `/api/v1/users?q=${email}`])
      expect([path, await seen('dave', path)]).toEqual([path, null]);
    for (const path of [`/api/v1/users/${people.dave.id}`, '/api/v1/users?q=dave', '/api/v1/users/me/blocks'])
      expect([path, await seen('alice', path)]).toEqual([path, null]);
  });
});
