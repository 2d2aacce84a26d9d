import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { actionsSocket } from '../../src/protocol/actions.ts';
import { createActor, createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

const unknownAction = { error: 'Неизвестное действие' };
const sockets: TestSocket[] = [];

/** A socket of system 003, closed when the test is over. */
async function open(server: TestServer, actor: Actor, path = '/ws'): Promise<TestSocket> {
  const socket = await TestSocket.open(`${server.wsUrl}${path}?token=${actor.token}`);
  sockets.push(socket);
  return socket;
}

async function join(server: TestServer, actor: Actor, chatId: string): Promise<TestSocket> {
  const socket = await open(server, actor);
  expect(await socket.ask({ action: 'join_chat', chat_id: chatId })).toEqual({ status: 'joined', chat_id: chatId });
  return socket;
}

/** Proves that nothing else is on its way: what the server had for this socket leaves before the answer. */
async function expectSilence(socket: TestSocket): Promise<void> {
  expect(await socket.ask({ action: 'nothing else?' })).toEqual(unknownAction);
}

const say = (chatId: string, text: string, key?: string): Frame => ({
  action: 'send_message',
  chat_id: chatId,
  text,
  ...(key !== undefined && { idempotency_key: key }),
});

const idOf = (frame: Frame): string => (frame['data'] as { id: string }).id;

let server: TestServer;
let alice: Actor;
let bob: Actor;
let mallory: Actor;

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob, mallory] = await createActors(server, 'Alice', 'Bob', 'Mallory');
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('003.7 the handshake', () => {
  it('with a good token says nothing and answers frames, at both addresses', async () => {
    for (const path of ['/ws', '/ws/', '/api/v1/ws']) {
      const socket = await open(server, alice, path);
      await expectSilence(socket);
      expect(socket.received).toHaveLength(1);
    }
  });

  it.each([
    ['bad', '/ws?token=nonsense', 'Неверный токен'],
    ['empty', '/ws?token=', 'Отсутствует токен'],
    ['missing', '/api/v1/ws', 'Отсутствует токен'],
  ])('with a %s token is accepted, and closed with 4001', async (_kind, path, reason) => {
    const socket = await TestSocket.open(`${server.wsUrl}${path}`);
    const told = new Promise((resolve) => socket.ws.on('close', (_code, text) => resolve(text.toString())));
    expect(await socket.closed()).toBe(4001);
    expect(await told).toBe(reason);
    expect(socket.received).toEqual([]);
  });

  it('with a token of an ended session is closed with 4001', async () => {
    const gone = await createActor(server, 'Gone');
    await fetch(`${server.url}/api/v1/auth/logout`, { method: 'POST', headers: gone.authorization });
    const socket = await TestSocket.open(`${server.wsUrl}/ws?token=${gone.token}`);
    expect(await socket.closed()).toBe(4001);
  });

  it('without a token parameter is another dialect, which refuses an action', async () => {
    const socket = await TestSocket.open(`${server.wsUrl}/ws`);
    expect((await socket.ask(say(randomUUID(), 'Hello'))).type).toBe('error');
    expect((await socket.ask({ email: alice.email, password: alice.password })).type).toBe('auth_success');
    await socket.close();
  });
});

describe('003.8 join_chat', () => {
  it('of a chat that is unknown or foreign is an error, and nothing of it is heard', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, m] = [await join(server, alice, chatId), await open(server, mallory)];
    for (const chat_id of [chatId, randomUUID(), '00000000-0000-0000-0000-000000000000'])
      expect(await m.ask({ action: 'join_chat', chat_id })).toEqual({ error: '404: Chat not found' });
    expect(await m.ask({ action: 'join_chat', chat_id: 'x' })).toEqual({
      error: 'chat_id: Input should be a valid UUID',
    });
    expect(await m.ask({ action: 'join_chat' })).toEqual({ error: 'chat_id: Field required' });
    await a.ask(say(chatId, 'Hello'));
    await expectSilence(m);
  });

  it('is about one socket: the other one of the same person hears nothing', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, deaf, b] = [
      await join(server, alice, chatId),
      await open(server, alice),
      await join(server, bob, chatId),
    ];
    await b.ask(say(chatId, 'Hello'));
    expect(await a.next()).toMatchObject({ event: 'new_message' });
    await expectSilence(deaf);
  });

  it('pipelined with a message hears that message', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const a = await open(server, alice);
    a.send({ action: 'join_chat', chat_id: chatId });
    a.send(say(chatId, 'Hello'));
    expect(await a.next()).toMatchObject({ status: 'joined' });
    expect(await a.next()).toMatchObject({ event: 'new_message', data: { text: 'Hello' } });
  });
});

it('003.9 leave_chat is answered by left, and no event of the chat comes any more', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const [a, b, c] = [
    await join(server, alice, chatId),
    await join(server, bob, chatId),
    await join(server, bob, chatId),
  ];
  expect(await b.ask({ action: 'leave_chat', chat_id: chatId })).toEqual({ status: 'left', chat_id: chatId });
  const message = await a.ask(say(chatId, 'Hello'));
  expect(await c.next()).toEqual(message);
  a.send({ action: 'typing', chat_id: chatId });
  expect(await c.next()).toMatchObject({ event: 'typing' });
  await expectSilence(b);
  expect(await b.ask({ action: 'leave_chat', chat_id: randomUUID() })).toMatchObject({ status: 'left' });
});

describe('003.10 send_message', () => {
  it('without a key reaches everybody who joined, the sender too, in the shape of history', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, deaf] = [await join(server, alice, chatId), await join(server, bob, chatId), await open(server, bob)];
    const message = await a.ask(say(chatId, 'Привет, как дела?'));
    expect(message).toEqual({
      event: 'new_message',
      data: {
        id: expect.any(String) as string,
        chat_id: chatId,
        sender: { id: alice.id, name: 'Alice', email: alice.email },
        text: 'Привет, как дела?',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        is_read: false,
        read_at: null,
        idempotency_key: null,
      },
    });
    expect(actionsSocket.serverFrames['new_message']!.schema.safeParse(message).success).toBe(true);
    expect(await b.next()).toEqual(message);
    await expectSilence(deaf);
    const history = await fetch(`${server.url}/messages/history/${chatId}`, { headers: bob.authorization });
    expect(await history.json()).toEqual([message['data']]);
  });

  it('twice with a key stores one message; the second tells the sender alone, joined or not', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, other] = [
      await join(server, alice, chatId),
      await join(server, bob, chatId),
      await open(server, alice),
    ];
    const message = await a.ask(say(chatId, 'Hello', 'any text: ключ'));
    expect(message).toMatchObject({ data: { idempotency_key: 'any text: ключ' } });
    expect(await b.next()).toEqual(message);
    expect(await a.ask(say(chatId, 'Hello', 'any text: ключ'))).toEqual(message);
    expect(await other.ask(say(chatId, 'Hello', 'any text: ключ'))).toEqual(message);
    await Promise.all([a, b, other].map(expectSilence));
    const history = await fetch(`${server.url}/messages/history/${chatId}`, { headers: bob.authorization });
    expect(await history.json()).toHaveLength(1);
  });

  it('keeps keys apart by person and by chat', async () => {
    const [one, two] = [await createGroup(server, [alice, bob]), await createGroup(server, [alice, bob])];
    const [a, b] = [await join(server, alice, one.chatId), await join(server, bob, two.chatId)];
    await a.ask({ action: 'join_chat', chat_id: two.chatId });
    const ids = [
      idOf(await a.ask(say(one.chatId, 'Hello', 'k'))),
      idOf(await a.ask(say(two.chatId, 'Hello', 'k'))),
      idOf(await b.next().then(() => b.ask(say(two.chatId, 'Hello', 'k')))),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  it('with a key of another text is an error', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const a = await join(server, alice, chatId);
    await a.ask(say(chatId, 'Hello', 'k'));
    expect(await a.ask(say(chatId, 'Bye', 'k'))).toEqual({
      error: 'Этот ключ уже использован для другого сообщения',
    });
  });

  it('of somebody who has not joined is stored and told to those who have, without an echo', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await open(server, alice), await join(server, bob, chatId)];
    a.send(say(chatId, 'Hello', 'first'));
    expect(await b.next()).toMatchObject({ event: 'new_message', data: { text: 'Hello' } });
    await expectSilence(a);
  });

  it.each([
    ['a foreign chat', () => say(randomUUID(), 'Hello'), '404: Chat not found'],
    ['no text', () => ({ action: 'send_message', chat_id: randomUUID() }), 'text: Field required'],
    ['an empty text', () => say(randomUUID(), ' \n'), 'text: Text must not be empty'],
    ['null', () => say(randomUUID(), null as unknown as string), expect.stringContaining('text: ')],
    ['4,097 characters', () => say(randomUUID(), 'я'.repeat(4_097)), 'text: Text must have at most 4096 characters'],
    [
      'a key of 65',
      () => say(randomUUID(), 'x', 'k'.repeat(65)),
      'idempotency_key: Text must have at most 64 characters',
    ],
    ['an empty key', () => say(randomUUID(), 'x', ''), 'idempotency_key: Text must not be empty'],
  ])('with %s is an error, and the socket stays', async (_kind, toFrame, error) => {
    const a = await open(server, alice);
    expect(await a.ask(toFrame())).toEqual({ error });
    await expectSilence(a);
  });

  it('takes 4,096 characters and a key of 64', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const a = await join(server, alice, chatId);
    const [text, key] = ['я'.repeat(4_096), 'к'.repeat(64)];
    expect(await a.ask(say(chatId, text, key))).toMatchObject({ data: { text, idempotency_key: key } });
  });

  it('300 of them without waiting arrive once each, in order', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await join(server, alice, chatId), await join(server, bob, chatId)];
    for (let i = 0; i < 300; i++) a.send(say(chatId, String(i), i % 2 === 0 ? `key ${i}` : undefined));
    for (const socket of [a, b]) {
      await socket.until('300 messages', () => socket.unread.length === 300);
      const texts = socket.unread.map((text) => (JSON.parse(text) as { data: { text: string } }).data.text);
      expect(texts).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    }
  });
});

describe('003.11 message_read', () => {
  it('tells everybody who joined who has read what, once', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await join(server, alice, chatId), await join(server, bob, chatId)];
    const message_id = idOf(await a.ask(say(chatId, 'Hello')));
    await b.next();
    const mark = { action: 'message_read', chat_id: chatId, message_id };
    b.send(mark);
    const read = await a.next();
    expect(read).toEqual({
      event: 'message_read',
      data: { chat_id: chatId, message_id, user_id: bob.id, read_at: expect.stringMatching(/Z$/) as string },
    });
    expect(actionsSocket.serverFrames['message_read']!.schema.safeParse(read).success).toBe(true);
    expect(await b.next()).toEqual(read);
    b.send(mark);
    await Promise.all([a, b].map(expectSilence));
  });

  it('of an unknown message, a foreign one, or one of another chat is an error', async () => {
    const [{ chatId }, { chatId: other }] = [
      await createGroup(server, [alice, bob]),
      await createGroup(server, [alice, bob, mallory]),
    ];
    const [a, m] = [await join(server, alice, chatId), await open(server, mallory)];
    const message_id = idOf(await a.ask(say(chatId, 'Hello')));
    const notFound = { error: '404: Message not found' };
    expect(await m.ask({ action: 'message_read', chat_id: chatId, message_id })).toEqual(notFound);
    expect(await m.ask({ action: 'message_read', chat_id: other, message_id })).toEqual(notFound);
    expect(await a.ask({ action: 'message_read', chat_id: chatId, message_id: randomUUID() })).toEqual(notFound);
    await Promise.all([a, m].map(expectSilence));
  });
});

describe('003.12 typing', () => {
  it('reaches others who joined, and not oneself on another socket', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, second, b, deaf] = [
      await join(server, alice, chatId),
      await join(server, alice, chatId),
      await join(server, bob, chatId),
      await open(server, bob),
    ];
    a.send({ action: 'typing', chat_id: chatId });
    expect(await b.next()).toEqual({ event: 'typing', chat_id: chatId, user_name: 'Alice' });
    await Promise.all([a, second, deaf].map(expectSilence));
  });

  it('in a foreign chat is an error and tells nobody', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const [a, m] = [await join(server, alice, chatId), await open(server, mallory)];
    expect(await m.ask({ action: 'typing', chat_id: chatId })).toEqual({ error: '404: Chat not found' });
    await expectSilence(a);
  });
});

describe('003.13 frames that are none', () => {
  const deep = '['.repeat(50) + ']'.repeat(50);
  it.each([
    ['an unknown action', { action: 'shout' }, unknownAction.error],
    ['no action', {}, unknownAction.error],
    ['an action of the prototype', { action: 'constructor' }, unknownAction.error],
    ['text', 'hello', 'Неверный формат JSON'],
    ['binary', Buffer.from('{"action":"typing"}'), 'Неверный формат JSON'],
    ['an array', '[1]', 'Кадр должен быть объектом JSON'],
    ['a number', '1', 'Кадр должен быть объектом JSON'],
    ['null', 'null', 'Кадр должен быть объектом JSON'],
    ['a deep array', deep, 'Слишком сложный JSON'],
  ])('%s is an error, and nobody is closed', async (_kind, frame, error) => {
    const { chatId } = await createGroup(server, [alice, mallory]);
    const [a, m] = [await join(server, alice, chatId), await join(server, mallory, chatId)];
    expect(await m.ask(frame)).toEqual({ error });
    const message = await a.ask(say(chatId, 'Still here'));
    expect(await m.next()).toEqual(message);
  });

  it('a person whose socket broke does not spoil the chat for others', async () => {
    const { chatId } = await createGroup(server, [alice, mallory]);
    const [a, m] = [await join(server, alice, chatId), await join(server, mallory, chatId)];
    m.ws.terminate();
    for (let i = 0; i < 5; i++) expect(await a.ask(say(chatId, 'Hello'))).toMatchObject({ event: 'new_message' });
  });
});

describe('003.16 a removed member', () => {
  it('has left on all sockets, and hears nothing even as a member again, until he joins', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await join(server, alice, chatId), await join(server, bob, chatId)];
    const address = `${server.url}/api/v1/chats/${chatId}/members`;
    await fetch(`${address}/${bob.id}`, { method: 'DELETE', headers: alice.authorization });
    expect(await b.next()).toEqual({ status: 'left', chat_id: chatId });
    await a.ask(say(chatId, 'Without Bob'));
    await expectSilence(b);
    const added = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...alice.authorization },
      body: JSON.stringify({ user_ids: [bob.id] }),
    });
    expect(added.status).toBe(200);
    await a.ask(say(chatId, 'With Bob'));
    await expectSilence(b);
    await b.ask({ action: 'join_chat', chat_id: chatId });
    await a.ask(say(chatId, 'Bob listens'));
    expect(await b.next()).toMatchObject({ data: { text: 'Bob listens' } });
    await expectSilence(a);
  });

  it('everybody has left a group that was deleted', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const both = [await join(server, alice, chatId), await join(server, bob, chatId)];
    await fetch(`${server.url}/api/v1/chats/${chatId}`, { method: 'DELETE', headers: alice.authorization });
    for (const socket of both) expect(await socket.next()).toEqual({ status: 'left', chat_id: chatId });
    await Promise.all(both.map(expectSilence));
  });
});

it('a message of the plain dialect is told with its sender, and the time it was sent with', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const [a, b] = [await logIn(server, alice), await join(server, bob, chatId)];
  await a.ask(messageFrame(alice, chatId, 'Hello'));
  expect(await b.next()).toMatchObject({
    event: 'new_message',
    data: { sender: { id: alice.id, name: 'Alice' }, created_at: '2025-05-04T04:45:50Z', idempotency_key: null },
  });
  await a.close();
});

it('003.F more than 15 sockets at once: all hear, and HTTP still answers', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const all = await Promise.all(Array.from({ length: 40 }, (_, i) => join(server, i % 2 ? alice : bob, chatId)));
  const message = await all[0]!.ask(say(chatId, 'Hello'));
  for (const socket of all.slice(1)) expect(await socket.next()).toEqual(message);
  expect((await fetch(`${server.url}/chats`, { headers: bob.authorization })).status).toBe(200);
});

it('003.F a socket whose session ends is closed', async () => {
  const eve = await createActor(server, 'Eve');
  const socket = await open(server, eve);
  await fetch(`${server.url}/api/v1/auth/logout`, { method: 'POST', headers: eve.authorization });
  expect(await socket.closed()).toBe(4502);
});

describe('two nodes', () => {
  let nodes: TwoNodes;
  let one: TestServer;
  let two: TestServer;

  beforeAll(async () => {
    nodes = await startTwoNodes();
    ({ one, two } = nodes);
  });
  afterAll(() => nodes.stop());

  it('tell each other messages by name, with their keys, and who types and reads', async () => {
    const [carol, dave] = [await createActor(one, 'Carol'), await createActor(two, 'Dave')];
    const { chatId } = await createGroup(one, [carol, dave]);
    const [c, d] = [await join(one, carol, chatId), await join(two, dave, chatId)];
    const message = await c.ask(say(chatId, 'Hello', 'a key'));
    expect(message).toMatchObject({ data: { sender: { name: 'Carol' }, idempotency_key: 'a key' } });
    expect(await d.next()).toEqual(message);
    c.send({ action: 'typing', chat_id: chatId });
    expect(await d.next()).toEqual({ event: 'typing', chat_id: chatId, user_name: 'Carol' });
    d.send({ action: 'message_read', chat_id: chatId, message_id: idOf(message) });
    const read = await d.next();
    expect(read).toMatchObject({ event: 'message_read', data: { user_id: dave.id } });
    expect(await c.next()).toEqual(read);
    expect(await d.ask(say(chatId, 'Hello', 'a key'))).toMatchObject({ data: { sender: { name: 'Dave' } } });
    expect(await c.next()).toMatchObject({ data: { sender: { name: 'Dave' }, idempotency_key: 'a key' } });
  });

  it('a person removed on one has left on the other, in each of twenty rounds', async () => {
    const [carol, dave] = [await createActor(one, 'Carol'), await createActor(two, 'Dave')];
    const { chatId } = await createGroup(one, [carol, dave]);
    const [c, d] = [await join(one, carol, chatId), await open(two, dave)];
    const address = `${one.url}/api/v1/chats/${chatId}/members`;
    for (let round = 0; round < 20; round++) {
      await expect.poll(() => d.ask({ action: 'join_chat', chat_id: chatId })).toMatchObject({ status: 'joined' });
      await c.ask(say(chatId, `in ${round}`));
      await d.until('the message', () => d.received.some((text) => text.includes(`in ${round}"`)));
      expect((await d.next())['event']).toBe('new_message');
      await fetch(`${address}/${dave.id}`, { method: 'DELETE', headers: carol.authorization });
      expect(await d.next()).toEqual({ status: 'left', chat_id: chatId });
      await c.ask(say(chatId, `out ${round}`));
      const added = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...carol.authorization },
        body: JSON.stringify({ user_ids: [dave.id] }),
      });
      expect(added.status).toBe(200);
    }
    expect(d.received.filter((text) => text.includes('out '))).toEqual([]);
  });

  it('a name that was changed on one is told by the other', async () => {
    const [carol, dave] = [await createActor(one, 'Carol'), await createActor(two, 'Dave')];
    const { chatId } = await createGroup(one, [carol, dave]);
    const [c, d] = [await join(one, carol, chatId), await join(two, dave, chatId)];
    await c.ask(say(chatId, 'Hello'));
    expect(await d.next()).toMatchObject({ data: { sender: { name: 'Carol' } } });
    const changed = await fetch(`${one.url}/api/v1/users/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...carol.authorization },
      body: JSON.stringify({ name: 'Caroline' }),
    });
    expect(changed.status).toBe(200);
    await expect
      .poll(async () => {
        c.send(say(chatId, 'Hello'));
        return ((await d.next())['data'] as { sender: { name: string } }).sender.name;
      })
      .toBe('Caroline');
  });
});

it('a key is stored as it was sent, beside the client_id made of it', async () => {
  const { chatId } = await createGroup(server, [alice]);
  const a = await join(server, alice, chatId);
  await a.ask(say(chatId, 'Hello', 'my key'));
  const sql = postgres(server.databaseUrl, { max: 1 });
  expect(await sql`select client_id, client_key from messages where chat_id = ${chatId}`).toEqual([
    { client_id: '39533ba2-c46b-5679-8740-b0abf52a2490', client_key: 'my key' },
  ]);
  await sql.end();
});
