import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { roomsChatSocket, roomsUserSocket } from '../../src/protocol/rooms.ts';
import { createActor, createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

const foreign = { error: 'Чат не найден или доступ запрещен' };
const invalidToken = { error: 'Недействительный токен' };
const sockets: TestSocket[] = [];

async function open(server: TestServer, path: string, token: string): Promise<TestSocket> {
  const socket = await TestSocket.open(`${server.wsUrl}/ws/${path}?token=${token}`);
  sockets.push(socket);
  return socket;
}

/** A socket of one chat that has been told that it is connected. */
async function enter(server: TestServer, chatId: string, actor: Actor): Promise<TestSocket> {
  const socket = await open(server, chatId, actor.token);
  expect(await socket.next()).toEqual({ status: 'connected', user_id: actor.id, chat_id: chatId });
  return socket;
}

/** A socket of all chats of a person. */
async function listen(server: TestServer, actor: Actor): Promise<TestSocket> {
  const socket = await open(server, 'user', actor.token);
  expect(await socket.next()).toEqual({ status: 'connected', user_id: actor.id });
  return socket;
}

/** Proves that nothing else is on its way to the socket of a chat. */
async function expectSilence(socket: TestSocket): Promise<void> {
  expect(await socket.ask('nothing else?')).toEqual({ error: 'Неверный формат JSON' });
}

async function expectRefusal(socket: TestSocket, told: Frame): Promise<void> {
  expect(await socket.next()).toEqual(told);
  expect(await socket.closed()).toBe(1008);
  expect(socket.unread).toEqual([]);
}

let server: TestServer;
let alice: Actor;
let bob: Actor;
let mallory: Actor;

async function ask(actor: Actor | undefined, call: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const [method, path] = call.split(' ') as [string, string];
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...actor?.authorization },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

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

describe('004.1 POST /api/v1/auth/register', () => {
  it('answers 200 with id, email and name, and 400 for an address that is taken', async () => {
    const account = { email: `new-${randomUUID()}@example.com`, name: 'New', password: 'a long enough one' };
    const { status, body } = await ask(undefined, 'POST /auth/register', account);
    expect([status, body]).toMatchObject([
      200,
      { id: expect.any(String) as string, email: account.email, name: 'New' },
    ]);
    expect(await ask(undefined, 'POST /auth/register', account)).toMatchObject({
      status: 400,
      body: { detail: 'Пользователь с таким email уже существует' },
    });
  });
});

describe('004.2 POST /api/v1/auth/token', () => {
  it('answers a token of 30 minutes', async () => {
    const askedAt = Math.floor(Date.now() / 1_000);
    const { body } = await ask(undefined, 'POST /auth/token', { email: alice.email, password: alice.password });
    const token = body as { access_token: string };
    expect(token).toMatchObject({ token_type: 'bearer', user_id: alice.id, name: 'Alice' });
    const claims = JSON.parse(Buffer.from(token.access_token.split('.')[1]!, 'base64url').toString()) as {
      exp: number;
      iat: number;
    };
    expect(claims.exp - claims.iat).toBe(1_800);
    expect(claims.iat).toBeGreaterThanOrEqual(askedAt);
    expect(claims.iat).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('answers 401 for a wrong password', async () => {
    expect(await ask(undefined, 'POST /auth/token', { email: alice.email, password: 'wrong' })).toMatchObject({
      status: 401,
      body: { detail: 'Неверный email или пароль' },
    });
  });
});

it('004.3 what is protected answers 401 without a Bearer token', async () => {
  for (const call of ['GET /chats', 'GET /chats/with-last-message', `GET /chats/${randomUUID()}`, 'POST /chats/group'])
    expect((await ask(undefined, call)).status).toBe(401);
});

describe('004.4 making chats', () => {
  it('a personal chat has exactly two members, and is made once', async () => {
    const input = { type: 'personal', member_ids: [bob.id] };
    const { status, body } = await ask(alice, 'POST /chats/personal', input);
    expect([status, body]).toMatchObject([200, { type: 'personal', name: null }]);
    const chat = body as { id: string; members: { id: string; name: string; email: string }[] };
    expect(chat.members).toHaveLength(2);
    expect(chat.members).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: alice.id, name: 'Alice', email: alice.email }),
        expect.objectContaining({ id: bob.id }),
      ]),
    );
    const again = await ask(bob, 'POST /chats/personal', { type: 'personal', member_ids: [alice.id, bob.id] });
    expect((again.body as { id: string }).id).toBe(chat.id);
  });

  it('a personal chat with two others is refused', async () => {
    const input = { type: 'personal', member_ids: [bob.id, mallory.id] };
    expect((await ask(alice, 'POST /chats/personal', input)).status).toBe(400);
  });

  it('a group has its creator as a member; an unknown member is a 400', async () => {
    const { body } = await ask(alice, 'POST /chats/group', { type: 'group', name: 'G', member_ids: [bob.id, bob.id] });
    expect((body as { members: { id: string }[] }).members.map(({ id }) => id).toSorted()).toEqual(
      [alice.id, bob.id].toSorted(),
    );
    const nobody = randomUUID();
    expect(await ask(alice, 'POST /chats/group', { name: 'G', member_ids: [nobody] })).toMatchObject({
      status: 400,
      body: { detail: `Пользователь с ID ${nobody} не найден` },
    });
  });
});

describe('004.5 reading chats', () => {
  it('lists them with the last message and the number of unread ones', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const of = async (actor: Actor) =>
      ((await ask(actor, 'GET /chats/with-last-message')).body as { id: string }[]).find(({ id }) => id === chatId);
    expect(await of(bob)).toMatchObject({ last_message: null, unread_count: 0 });
    await ask(alice, 'POST /chats/messages', { chat_id: chatId, text: 'Hello' });
    expect(await of(bob)).toMatchObject({
      last_message: { sender_id: alice.id, sender_name: 'Alice', text: 'Hello', is_read: false },
      unread_count: 1,
    });
    expect(await of(alice)).toMatchObject({ unread_count: 0 });
    const ids = ((await ask(bob, 'GET /chats')).body as { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(chatId);
  });

  it('tells a foreign chat from an unknown one', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    expect((await ask(bob, `GET /chats/${chatId}`)).body).toMatchObject({ id: chatId, type: 'group' });
    expect(await ask(mallory, `GET /chats/${chatId}`)).toMatchObject({
      status: 403,
      body: { detail: 'У вас нет доступа к этому чату' },
    });
    expect(await ask(mallory, `GET /chats/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { detail: 'Чат не найден' },
    });
  });
});

it('004.6 history is the newest first, 100 unless asked otherwise, with the number of all', async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  for (let i = 0; i < 105; i++) await ask(alice, 'POST /chats/messages', { chat_id: chatId, text: String(i) });
  const page = async (query = '') => {
    const { body } = await ask(bob, `GET /chats/${chatId}/history${query}`);
    const { messages, total } = body as { messages: { text: string }[]; total: number };
    return { texts: messages.map(({ text }) => Number(text)), total };
  };
  const down = (from: number, count: number) => Array.from({ length: count }, (_, i) => from - i);
  expect(await page()).toEqual({ texts: down(104, 100), total: 105 });
  expect(await page('?offset=100')).toEqual({ texts: down(4, 5), total: 105 });
  expect(await page('?limit=2&offset=1')).toEqual({ texts: [103, 102], total: 105 });
  for (const query of ['limit=-1', 'offset=-1', 'limit=x'])
    expect((await ask(bob, `GET /chats/${chatId}/history?${query}`)).status).toBe(422);
  expect((await ask(mallory, `GET /chats/${chatId}/history`)).status).toBe(400);
});

describe('004.7 POST /api/v1/chats/messages', () => {
  it('answers the message, and open sockets get it', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await enter(server, chatId, alice), await enter(server, chatId, bob)];
    const { status, body } = await ask(alice, 'POST /chats/messages', { chat_id: chatId, text: 'Hello' });
    expect([status, body]).toMatchObject([
      200,
      { chat_id: chatId, sender_id: alice.id, sender: { name: 'Alice' }, text: 'Hello', is_read: false },
    ]);
    for (const socket of [a, b])
      expect(await socket.next()).toMatchObject({ data: { id: (body as { id: string }).id, text: 'Hello' } });
  });

  it('answers 400 to who is no member, and for an unknown chat', async () => {
    const { chatId } = await createGroup(server, [alice]);
    expect(await ask(mallory, 'POST /chats/messages', { chat_id: chatId, text: 'x' })).toMatchObject({
      status: 400,
      body: { detail: 'Вы не являетесь участником этого чата' },
    });
    expect((await ask(mallory, 'POST /chats/messages', { chat_id: randomUUID(), text: 'x' })).status).toBe(400);
  });
});

describe('004.8 POST /api/v1/chats/messages/:id/read', () => {
  it('marks it read, again to no effect, and there is less unread', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const sent = await ask(alice, 'POST /chats/messages', { chat_id: chatId, text: 'Hello' });
    const { id } = sent.body as { id: string };
    const first = await ask(bob, `POST /chats/messages/${id}/read`);
    expect(first).toMatchObject({ status: 200, body: { message_id: id, user_id: bob.id, is_read: true } });
    expect((first.body as { read_at: string }).read_at).toMatch(/Z$/);
    expect(await ask(bob, `POST /chats/messages/${id}/read`)).toEqual(first);
    const chats = (await ask(bob, 'GET /chats/with-last-message')).body as { id: string; unread_count: number }[];
    expect(chats.find((chat) => chat.id === chatId)!.unread_count).toBe(0);
    const { body } = await ask(alice, `GET /chats/${chatId}/history`);
    expect((body as { messages: unknown[] }).messages).toMatchObject([{ id, is_read: true }]);
  });

  it('of one’s own message says that it counts as read; of a foreign one is a 400', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const sent = await ask(alice, 'POST /chats/messages', { chat_id: chatId, text: 'Hello' });
    const { id } = sent.body as { id: string };
    expect(await ask(alice, `POST /chats/messages/${id}/read`)).toMatchObject({
      status: 200,
      body: { message: 'Это ваше сообщение, оно уже считается прочитанным' },
    });
    expect((await ask(mallory, `POST /chats/messages/${id}/read`)).status).toBe(400);
    expect((await ask(bob, `POST /chats/messages/${randomUUID()}/read`)).status).toBe(400);
  });
});

describe('004.9 the socket of a chat', () => {
  it('brings a text to the sockets of all members, the sender’s too', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, second, b] = [
      await enter(server, chatId, alice),
      await enter(server, chatId, alice),
      await enter(server, chatId, bob),
    ];
    const message = await a.ask({ text: 'Привет' });
    expect(message).toEqual({
      type: 'message',
      data: {
        id: expect.any(String) as string,
        sender_id: alice.id,
        sender_name: 'Alice',
        text: 'Привет',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/) as string,
        is_read: false,
      },
    });
    expect(roomsChatSocket.serverFrames['message']!.schema.safeParse(message).success).toBe(true);
    for (const socket of [second, b]) expect(await socket.next()).toEqual(message);
    await Promise.all([a, second, b].map(expectSilence));
  });

  it('hears nothing of other chats', async () => {
    const [one, two] = [await createGroup(server, [alice, bob]), await createGroup(server, [alice, bob])];
    const [a, b] = [await enter(server, one.chatId, alice), await enter(server, two.chatId, bob)];
    await a.ask({ text: 'Hello' });
    await expectSilence(b);
  });

  it('takes an id without dashes and in capitals', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const socket = await open(server, chatId.replaceAll('-', '').toUpperCase(), alice.token);
    expect(await socket.next()).toMatchObject({ status: 'connected', chat_id: chatId });
  });

  it('shows a message of the plain dialect with the time it was sent with', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await logIn(server, alice), await enter(server, chatId, bob)];
    await a.ask(messageFrame(alice, chatId, 'Hello'));
    expect(await b.next()).toMatchObject({ data: { timestamp: '2025-05-04 04:45:50.000000', sender_name: 'Alice' } });
    await a.close();
  });

  it('300 texts without waiting arrive once each, in order', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await enter(server, chatId, alice), await enter(server, chatId, bob)];
    for (let i = 0; i < 300; i++) a.send({ text: String(i) });
    for (const socket of [a, b]) {
      await socket.until('300 messages', () => socket.unread.length === 300);
      const texts = socket.unread.map((text) => (JSON.parse(text) as { data: { text: string } }).data.text);
      expect(texts).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    }
  });
});

describe('004.10 the socket of a person', () => {
  it('hears of all chats of one’s own with their ids, and of no others', async () => {
    const [one, two] = [await createGroup(server, [alice, bob]), await createGroup(server, [alice, mallory])];
    const [b, m, a] = [await listen(server, bob), await listen(server, mallory), await listen(server, alice)];
    const [toOne, toTwo] = [await enter(server, one.chatId, alice), await enter(server, two.chatId, alice)];
    const first = await toOne.ask({ text: 'to Bob' });
    const second = await toTwo.ask({ text: 'to Mallory' });
    const heard = (message: Frame, chat_id: string) => ({
      type: 'message',
      data: { ...(message['data'] as object), chat_id },
    });
    expect(await b.next()).toEqual(heard(first, one.chatId));
    expect(await m.next()).toEqual(heard(second, two.chatId));
    expect(await a.next()).toEqual(heard(first, one.chatId));
    expect(await a.next()).toEqual(heard(second, two.chatId));
    expect(roomsUserSocket.serverFrames['message']!.schema.safeParse(heard(first, one.chatId)).success).toBe(true);
    // A later message of a chat of theirs is the next they hear.
    const both = await createGroup(server, [alice, bob, mallory]);
    await (await enter(server, both.chatId, alice)).ask({ text: 'to both' });
    for (const socket of [b, m]) expect(await socket.next()).toMatchObject({ data: { text: 'to both' } });
  });

  it('ignores what the client sends', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [user, a] = [await listen(server, bob), await enter(server, chatId, alice)];
    for (const frame of [{ text: 'Hello' }, 'no JSON', '[]', Buffer.from([0, 1])]) user.send(frame);
    await a.ask({ text: 'the first' });
    expect(await user.next()).toMatchObject({ data: { text: 'the first' } });
    await expectSilence(a);
  });
});

describe('004.11 the handshake', () => {
  it('with a bad token is accepted, told so and closed with 1008', async () => {
    const { chatId } = await createGroup(server, [alice]);
    for (const path of [chatId, 'user'])
      for (const token of ['nonsense', '']) await expectRefusal(await open(server, path, token), invalidToken);
  });

  it('with a chat that is foreign or unknown is accepted, told so and closed with 1008', async () => {
    const { chatId } = await createGroup(server, [alice]);
    for (const id of [chatId, randomUUID()]) await expectRefusal(await open(server, id, mallory.token), foreign);
  });

  it.each(['user', '27784f95-d0e0-478d-b224-f718fe2da52c', 'no-uuid?token=x', 'users?token=x'])(
    '/ws/%s is refused with 403',
    async (path) => {
      const socket = new WebSocket(`${server.wsUrl}/ws/${path}`);
      const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
      expect(error.message).toContain('403');
    },
  );

  it('pipelined with a text sends that text after the greeting', async () => {
    const { chatId } = await createGroup(server, [alice]);
    const ws = new WebSocket(`${server.wsUrl}/ws/${chatId}?token=${alice.token}`);
    const frames: string[] = [];
    await new Promise<void>((resolve) => {
      ws.on('open', () => ws.send('{"text":"at once"}'));
      ws.on('message', (data) => frames.push((data as Buffer).toString()) === 2 && resolve());
    });
    expect(frames.map((text) => Object.keys(JSON.parse(text) as object)[0])).toEqual(['status', 'type']);
    ws.terminate();
  });
});

it.each([
  ['no JSON', 'hello', 'Неверный формат JSON'],
  ['a binary frame', Buffer.from('{"text":"x"}'), 'Неверный формат JSON'],
  ['an array', '["text"]', 'Кадр должен быть объектом JSON'],
  ['no text', {}, 'text: Field required'],
  ['an empty text', { text: ' ' }, 'text: Text must not be empty'],
  ['null', { text: null }, expect.stringContaining('text: ')],
  ['too long a text', { text: 'x'.repeat(8_001) }, 'text: Text must have at most 8000 characters'],
])('004.12 %s is an error, and the socket stays', async (_kind, frame, error) => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const [a, b] = [await enter(server, chatId, alice), await enter(server, chatId, bob)];
  expect(await a.ask(frame)).toEqual({ error });
  const message = await a.ask({ text: 'still here' });
  expect(message).toMatchObject({ data: { text: 'still here' } });
  expect(await b.next()).toEqual(message);
});

it('004.13 GET /api/v1/ws-info lists the two sockets', async () => {
  const { status, body } = await ask(undefined, 'GET /ws-info');
  expect(status).toBe(200);
  expect((body as unknown[]).length).toBe(2);
});

describe('who is no member any more', () => {
  const remove = (chatId: string, actor: Actor) => ask(alice, `DELETE /chats/${chatId}/members/${actor.id}`);

  it('is told so on the socket of the chat, which is closed; the socket of the person stays', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, user] = [
      await enter(server, chatId, alice),
      await enter(server, chatId, bob),
      await listen(server, bob),
    ];
    await a.ask({ text: 'before' });
    expect(await b.next()).toMatchObject({ data: { text: 'before' } });
    await remove(chatId, bob);
    await expectRefusal(b, foreign);
    await a.ask({ text: 'after' });
    const { chatId: other } = await createGroup(server, [alice, bob]);
    await (await enter(server, other, alice)).ask({ text: 'elsewhere' });
    expect([await user.next(), await user.next()]).toMatchObject([
      { data: { text: 'before' } },
      { data: { text: 'elsewhere' } },
    ]);
    await expectSilence(a);
  });

  it('nobody is, of a group that was deleted', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const both = [await enter(server, chatId, alice), await enter(server, chatId, bob)];
    expect((await ask(alice, `DELETE /chats/${chatId}`)).status).toBe(200);
    for (const socket of both) await expectRefusal(socket, foreign);
  });
});

it('004.F a hostile socket and one that broke spoil nothing for others; more than 15 are fine', async () => {
  const { chatId } = await createGroup(server, [alice, bob, mallory]);
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, i) => enter(server, chatId, [alice, bob, mallory][i % 3]!)),
  );
  all[2]!.send('}{');
  all[5]!.ws.terminate();
  const staying = all.filter((_socket, i) => i !== 2 && i !== 5);
  const message = await staying[0]!.ask({ text: 'Hello' });
  for (const socket of staying.slice(1)) expect(await socket.next()).toEqual(message);
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

  it('bring messages with names to each other, and close who was removed on the other', async () => {
    const [carol, dave] = [await createActor(one, 'Carol'), await createActor(two, 'Dave')];
    const { chatId } = await createGroup(one, [carol, dave]);
    const [c, d, user] = [await enter(one, chatId, carol), await enter(two, chatId, dave), await listen(two, dave)];
    const message = await c.ask({ text: 'Hello' });
    expect(message).toMatchObject({ data: { sender_name: 'Carol' } });
    expect(await d.next()).toEqual(message);
    expect(await user.next()).toMatchObject({ data: { sender_name: 'Carol', chat_id: chatId } });
    await fetch(`${one.url}/api/v1/chats/${chatId}/members/${dave.id}`, {
      method: 'DELETE',
      headers: carol.authorization,
    });
    await expectRefusal(d, foreign);
  });
});
