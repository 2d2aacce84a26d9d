import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createActors, createGroup, logIn, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let alice: Actor;
let bob: Actor;

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob] = await createActors(server, 'Alice', 'Bob');
  await createGroup(server, [alice, bob]);
  const socket = await logIn(server, bob);
  await socket.close();
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const get = async (actor: Actor, path: string) =>
  (await request(server.url).get(`/api/v1/users${path}`).set(actor.authorization).expect(200)).body as Record<
    string,
    unknown
  >;
const hide = (hidden: boolean) =>
  request(server.url).patch('/api/v1/users/me').set(bob.authorization).send({ presence_hidden: hidden });

it('is nobody at first, and one’s own profile says it', async () => {
  expect(await get(bob, '/me')).toMatchObject({ presence_hidden: false });
  expect((await hide(true).expect(200)).body).toMatchObject({ presence_hidden: true });
  expect(await get(bob, '/me')).toMatchObject({ presence_hidden: true });
  await request(server.url)
    .patch('/api/v1/users/me')
    .set(bob.authorization)
    .send({ presence_hidden: null })
    .expect(422);
  expect((await hide(false).expect(200)).body).toMatchObject({ presence_hidden: false });
});

it('keeps when one was last there from every profile that others see', async () => {
  const search = async () =>
    ((await get(alice, '?q=bob'))['users'] as { id: string }[]).find(({ id }) => id === bob.id);
  await expect.poll(async () => (await get(alice, `/${bob.id}`))['last_seen_at']).toMatch(/Z$/);
  expect(await search()).toMatchObject({ last_seen_at: expect.stringMatching(/Z$/) as string });
  await hide(true).expect(200);
  expect(await get(alice, `/${bob.id}`)).toMatchObject({ last_seen_at: null });
  expect(await get(alice, `/${bob.id}`)).not.toHaveProperty('presence_hidden');
  expect(await search()).toMatchObject({ last_seen_at: null });
  expect(await get(bob, `/${bob.id}`)).toMatchObject({ last_seen_at: expect.stringMatching(/Z$/) as string });
  await hide(false).expect(200);
});

it('says nothing of it in the lobby either: who writes is not told that the other one is away', async () => {
  const dialects = await TestSocket.open(`${server.wsUrl}/messenger/ws/?token=${alice.token}`);
  const hear = async (word: string) => {
    const before = dialects.received.length;
    dialects.send(`/pm ${bob.email} ${word}`);
    await dialects.until('the echo', () => dialects.received.slice(before).some((text) => text.includes(word)));
    return dialects.received.slice(before);
  };
  await expect.poll(async () => (await hear('visible')).length).toBe(2);
  await hide(true).expect(200);
  expect((await hear('hidden')).length).toBe(1);
  await hide(false).expect(200);
  await dialects.close();
});
