import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let people: Actor[];

beforeAll(async () => {
  server = await startTestServer();
  people = await Promise.all(Array.from({ length: 24 }, (_, n) => createActor(server, `Person${n}`)));
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const send = (actor: Actor, chatId: string, text: string): Promise<Response> =>
  fetch(`${server.url}/api/v1/chats/${chatId}/messages/${randomUUID()}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...actor.authorization },
    body: JSON.stringify({ text }),
  });

interface Heard {
  data: { id: string; text: string; sender_name: string };
}

it('messages of people known and unknown by name, stored together, are told once, in order, with the right names', async () => {
  const [bob, alice, ...others] = people as [Actor, Actor, ...Actor[]];
  const { chatId } = await createGroup(server, people);
  const socket = await TestSocket.open(`${server.wsUrl}/ws/user?token=${bob.token}`);
  expect(await socket.next()).toMatchObject({ status: 'connected' });
  await send(alice, chatId, 'first');
  await socket.next();

  // Between two of the known sender stands one of somebody who was never named here.
  await Promise.all(others.flatMap((other) => [send(alice, chatId, alice.name), send(other, chatId, other.name)]));
  await socket.until('all messages', () => socket.unread.length >= others.length * 2);
  const heard = socket.unread.map((text) => (JSON.parse(text) as Heard).data);

  const history = await fetch(`${server.url}/history/${chatId}?limit=200&after=1`, { headers: bob.authorization });
  const stored = (await history.json()) as { id: string }[];
  expect(heard.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
  expect(heard.filter(({ text, sender_name }) => text !== sender_name)).toEqual([]);
  await socket.close();
});
