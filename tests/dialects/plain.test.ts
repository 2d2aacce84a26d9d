import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

describe('the plain dialect', () => {
  let server: TestServer;
  let alice: Actor;
  let bob: Actor;
  let mallory: Actor;

  beforeAll(async () => {
    server = await startTestServer();
    [alice, bob, mallory] = await Promise.all([
      createActor(server, 'Alice'),
      createActor(server, 'Bob'),
      createActor(server, 'Mallory'),
    ]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('delivers a message once to every other socket of a member, and an ack to its sender', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, a2, b, m] = await Promise.all([logIn(server, alice), logIn(server, alice), logIn(server, bob), logIn(server, mallory)]);
    const frame = messageFrame(alice, chatId, 'hello');
    const ack = await a.ask(frame);
    expect(ack).toEqual({ client_id: frame['client_id'], id: expect.any(String), seq: 1 });
    const message = { id: ack['id'], sender_id: alice.id, chat_id: chatId, timestamp: '2025-05-04T04:45:50Z', text: 'hello', seq: 1 };
    expect(await b.next()).toEqual(message);
    expect(await a2.next()).toEqual(message);
    for (const socket of [a, a2, b, m]) await socket.expectNothingElse();
    await Promise.all([a, a2, b, m].map((socket) => socket.close()));
  });
});
