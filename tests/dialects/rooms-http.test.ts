/** The calls of system 004, by the lines of its checklist. */
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Chat } from '../../src/protocol/chats.ts';
import type { RoomMessage } from '../../src/protocol/rooms-http.ts';
import { createActor, logIn, type Actor } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { Stage } from '../chats/cast.ts';

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

const anonymous = () => request(stage.server.url);
const send = (actor: Actor, chatId: string, text: string, more: object = {}) =>
  stage.post(actor, '/api/v1/chats/messages', { chat_id: chatId, text, ...more });
const sent = async (actor: Actor, chatId: string, text: string): Promise<RoomMessage> =>
  (await send(actor, chatId, text).expect(200)).body as RoomMessage;
const read = (actor: Actor, messageId: string) => stage.post(actor, `/api/v1/chats/messages/${messageId}/read`, {});
const history = async (actor: Actor, chatId: string, query = ''): Promise<{ messages: RoomMessage[]; total: number }> =>
  (await stage.get(actor, `/api/v1/chats/${chatId}/history${query}`).expect(200)).body as {
    messages: RoomMessage[];
    total: number;
  };

test('004.1 registering answers 200 with id, e-mail and name, and 400 for a taken address', async () => {
  const body = { email: `new-${randomUUID()}@example.com`, name: 'New', password: 'long enough for anybody' };
  const first = await anonymous().post('/api/v1/auth/register').send(body).expect(200);
  expect(first.body).toMatchObject({ email: body.email, name: 'New', id: expect.any(String) as unknown });
  const again = await anonymous().post('/api/v1/auth/register').send(body).expect(400);
  expect(again.body).toMatchObject({
    detail: 'Пользователь с таким email уже существует',
    code: 'identifier_taken',
  });
});

test('004.2 a token is given for JSON, lives thirty minutes, and a wrong login is 401', async () => {
  const { email, password, id, name } = await createActor(stage.server, 'Token');
  const askedAt = Math.floor(Date.now() / 1_000);
  const { body } = await anonymous().post('/api/v1/auth/token').send({ email, password }).expect(200);
  expect(body).toMatchObject({ token_type: 'bearer', user_id: id, name });
  const [, payload = ''] = (body as { access_token: string }).access_token.split('.');
  const { exp, iat } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number; iat: number };
  expect(exp - iat).toBe(1_800);
  expect(iat).toBeGreaterThanOrEqual(askedAt);
  expect(iat).toBeLessThanOrEqual(Date.now() / 1_000);
  for (const wrong of [
    { email, password: 'wrong' },
    { email: 'nobody@example.com', password: 'wrong' },
  ]) {
    const refused = await anonymous().post('/api/v1/auth/token').send(wrong).expect(401);
    expect(refused.body).toMatchObject({ detail: 'Неверный email или пароль', code: 'wrong_credentials' });
    expect(refused.headers['www-authenticate']).toBe('Bearer');
  }
});

test('004.3 what is protected needs a Bearer token', async () => {
  const { chatId } = await stage.makeGroup();
  for (const path of ['/api/v1/chats', '/api/v1/chats/with-last-message', `/api/v1/chats/${chatId}/history`])
    await anonymous().get(path).expect(401);
  await anonymous().post('/api/v1/chats/messages').send({ chat_id: chatId, text: 'x' }).expect(401);
  await anonymous().get('/api/v1/chats').set('authorization', 'Bearer made-up').expect(401);
});

describe('004.4', () => {
  it('a personal chat is one for two people, and a group has its creator', async () => {
    const { alice, bob, carol } = stage;
    const personal = { type: 'personal', member_ids: [bob.id] };
    const first = (await stage.post(alice, '/api/v1/chats/personal', personal).expect(200)).body as Chat;
    const again = (await stage.post(bob, '/api/v1/chats/personal', { ...personal, member_ids: [alice.id] }))
      .body as Chat;
    expect(again.id).toBe(first.id);
    expect(first.members.map(({ id }) => id).toSorted()).toEqual([alice.id, bob.id].toSorted());
    expect(first).toMatchObject({ name: null, type: 'personal' });
    const body = { name: 'Door', type: 'group', member_ids: [bob.id, carol.id, bob.id] };
    const group = (await stage.post(alice, '/api/v1/chats/group', body).expect(200)).body as Chat;
    expect(group.members).toHaveLength(3);
    expect(group.members).toContainEqual(expect.objectContaining({ id: alice.id, email: alice.email, name: 'Alice' }));
  });

  it('an unknown member is 400 and named', async () => {
    const unknown = randomUUID();
    for (const path of ['personal', 'group']) {
      const body = { name: 'Half', member_ids: [unknown] };
      const refused = await stage.post(stage.alice, `/api/v1/chats/${path}`, body).expect(400);
      expect(refused.body).toMatchObject({ detail: `Пользователь с ID ${unknown} не найден`, code: 'no_user' });
    }
  });
});

describe('004.5', () => {
  it('chats come with the last message or null, and the unread count', async () => {
    const { chatId } = await stage.makeGroup();
    const find = async (actor: Actor): Promise<Chat> =>
      ((await stage.get(actor, '/api/v1/chats/with-last-message?limit=200').expect(200)).body as Chat[]).find(
        ({ id }) => id === chatId,
      )!;
    expect(await find(stage.bob)).toMatchObject({ last_message: null, unread_count: 0 });
    const { id } = await sent(stage.alice, chatId, 'hello');
    expect(await find(stage.bob)).toMatchObject({
      last_message: { id, sender_id: stage.alice.id, sender_name: 'Alice', text: 'hello', is_read: false },
      unread_count: 1,
    });
    await read(stage.bob, id).expect(200);
    expect((await find(stage.bob)).unread_count).toBe(0);
    const listed = (await stage.get(stage.bob, '/api/v1/chats?limit=200').expect(200)).body as Chat[];
    expect(listed.find((chat) => chat.id === chatId)).toEqual(await find(stage.bob));
  });

  it('one chat is 403 for others and 404 when there is none', async () => {
    const { path } = await stage.makeGroup();
    for (const outsider of stage.outsiders)
      expect((await stage.get(outsider, path).expect(403)).body).toMatchObject({
        detail: 'У вас нет доступа к этому чату',
      });
    const unknown = await stage.get(stage.alice, `/api/v1/chats/${randomUUID()}`).expect(404);
    expect(unknown.body).toMatchObject({ detail: 'Чат не найден', code: 'unknown_chat' });
    await stage.get(stage.alice, '/api/v1/chats/no-uuid').expect(422);
  });
});

describe('004.6 history', () => {
  it('is newest first, with the number of all messages, and its pages tile', async () => {
    const { chatId } = await stage.makeGroup();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.unshift((await sent(i % 2 ? stage.bob : stage.alice, chatId, `message ${i}`)).id);
    const all = await history(stage.carol, chatId);
    expect([all.messages.map(({ id }) => id), all.total]).toEqual([ids, 7]);
    expect(all.messages[0]).toEqual({
      id: ids[0],
      chat_id: chatId,
      sender_id: stage.alice.id,
      sender: { id: stage.alice.id, name: 'Alice', email: stage.alice.email },
      text: 'message 6',
      timestamp: expect.stringMatching(/Z$/) as unknown,
      is_read: false,
    });
    const tiled: string[] = [];
    for (let offset = 0; offset < 9; offset += 2) {
      const { messages, total } = await history(stage.carol, chatId, `?limit=2&offset=${offset}`);
      expect(total).toBe(7);
      tiled.push(...messages.map(({ id }) => id));
    }
    expect(tiled).toEqual(ids);
    expect(await history(stage.carol, chatId, '?offset=9007199254740991')).toEqual({ messages: [], total: 7 });
  });

  it('marks nothing as read', async () => {
    const { chatId, path } = await stage.makeGroup();
    await sent(stage.alice, chatId, 'unread');
    await history(stage.bob, chatId);
    expect((await stage.get(stage.bob, path).expect(200)).body).toMatchObject({ unread_count: 1, read_seq: 0 });
    expect(await stage.sql`select from message_reads where chat_id = ${chatId}`).toHaveLength(0);
  });

  it('shows who left what was said until then, and no address of who is not there any more', async () => {
    const { chatId, path } = await stage.makeGroup();
    await sent(stage.carol, chatId, 'first');
    await stage.post(stage.carol, `${path}/leave`, {}).expect(200);
    await sent(stage.alice, chatId, 'after');
    const left = await history(stage.carol, chatId);
    expect([left.messages.map(({ text }) => text), left.total]).toEqual([['first'], 1]);
    expect(left.messages[0]!.sender.email).toBe(stage.carol.email);
    const { messages, total } = await history(stage.bob, chatId);
    expect([messages.map(({ text }) => text), total]).toEqual([['after', 'first'], 2]);
    expect(messages.map(({ sender }) => sender.email)).toEqual([stage.alice.email, null]);
  });

  it('of a group that shows nothing from before begins with the joining', async () => {
    const body = { name: 'New eyes', member_ids: [stage.bob.id], history: 'since_joined' };
    const { id } = (await stage.post(stage.alice, '/api/v1/chats/group', body).expect(200)).body as Chat;
    await sent(stage.alice, id, 'before');
    await stage.post(stage.alice, `/api/v1/chats/${id}/members`, { user_ids: [stage.carol.id] }).expect(200);
    expect(await history(stage.carol, id)).toEqual({ messages: [], total: 0 });
    await sent(stage.alice, id, 'after');
    const seen = await history(stage.carol, id);
    expect([seen.messages.map(({ text }) => text), seen.total]).toEqual([['after'], 1]);
    expect((await history(stage.bob, id)).total).toBe(2);
  });

  it.each(['limit=0', 'limit=-1', 'limit=201', 'offset=-1', 'limit=x'])('refuses %s', async (query) => {
    const { path } = await stage.makeGroup();
    await stage.get(stage.alice, `${path}/history?${query}`).expect(422);
  });

  it('is 400 for who never was a member, whether the chat exists or not', async () => {
    const { path } = await stage.makeGroup();
    const foreign = await stage.get(stage.mallory, `${path}/history`).expect(400);
    const unknown = await stage.get(stage.mallory, `/api/v1/chats/${randomUUID()}/history`).expect(400);
    expect(foreign.body).toEqual(unknown.body);
  });
});

describe('004.7 sending', () => {
  it('answers with the message and reaches open sockets, on any node, in one order', async () => {
    await using node = await startTestServer({ database: { url: stage.server.databaseUrl } });
    const { chatId } = await stage.makeGroup();
    const sockets = await Promise.all([
      logIn(stage.server, stage.bob),
      logIn(node, stage.carol),
      logIn(stage.server, stage.alice),
    ]);
    const message = await sent(stage.alice, chatId, 'to everybody');
    expect(message).toMatchObject({
      chat_id: chatId,
      sender: { id: stage.alice.id, name: 'Alice', email: stage.alice.email },
      text: 'to everybody',
      is_read: false,
    });
    for (const socket of sockets) {
      expect(await socket.next()).toMatchObject({ id: message.id, text: 'to everybody', sender_id: stage.alice.id });
      await socket.expectNothingElse();
      await socket.close();
    }
  });

  it('without a client_id stores each request, with one only the first', async () => {
    const { chatId } = await stage.makeGroup();
    const [one, two] = [await sent(stage.alice, chatId, 'same'), await sent(stage.alice, chatId, 'same')];
    expect(one.id).not.toBe(two.id);
    const key = { client_id: randomUUID() };
    const first = await send(stage.alice, chatId, 'keyed', key).expect(200);
    const again = await send(stage.alice, chatId, 'keyed', key).expect(200);
    expect(again.body).toEqual(first.body);
    await send(stage.alice, chatId, 'another', key).expect(409, /conflict/);
    expect((await history(stage.bob, chatId)).total).toBe(3);
  });

  it('is 400 for who is no member and for an unknown chat, 422 for an empty text', async () => {
    const { chatId } = await stage.makeGroup();
    for (const outsider of stage.outsiders)
      expect((await send(outsider, chatId, 'x').expect(400)).body).toMatchObject({
        detail: 'Вы не являетесь участником этого чата',
        code: 'no_chat',
      });
    expect((await send(stage.alice, randomUUID(), 'x').expect(400)).body).toMatchObject({
      detail: 'Чат не найден',
      code: 'unknown_chat',
    });
    await send(stage.alice, chatId, '').expect(422);
    expect((await history(stage.alice, chatId)).total).toBe(0);
  });
});

describe('004.8 reading a message', () => {
  it('answers who read it when, the same again, and counts unread down', async () => {
    const { chatId, path } = await stage.makeGroup();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) ids.push((await sent(stage.alice, chatId, text)).id);
    const unread = async (): Promise<number> =>
      ((await stage.get(stage.bob, path).expect(200)).body as Chat).unread_count;
    expect(await unread()).toBe(3);
    const first = await read(stage.bob, ids[1]!).expect(200);
    expect(first.body).toEqual({
      message_id: ids[1],
      user_id: stage.bob.id,
      read_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
      is_read: true,
    });
    expect(await unread()).toBe(1);
    await read(stage.bob, ids[2]!).expect(200);
    expect((await read(stage.bob, ids[1]!).expect(200)).body).toEqual(first.body);
    expect((await read(stage.bob, ids[0]!).expect(200)).body).toMatchObject({
      read_at: (first.body as { read_at: string }).read_at,
    });
    expect(await unread()).toBe(0);
    expect(await stage.sql`select from message_reads where chat_id = ${chatId}`).toHaveLength(2);
  });

  it('becomes true for all when every member but the sender has read', async () => {
    const { chatId } = await stage.makeGroup();
    const { id } = await sent(stage.alice, chatId, 'read me');
    await read(stage.bob, id).expect(200);
    expect((await history(stage.alice, chatId)).messages[0]!.is_read).toBe(false);
    await read(stage.carol, id).expect(200);
    expect((await history(stage.alice, chatId)).messages[0]!.is_read).toBe(true);
  });

  it('of one’s own says that it counts as read, and marks nothing', async () => {
    const { chatId, path } = await stage.makeGroup();
    await sent(stage.bob, chatId, 'not read by alice');
    const { id } = await sent(stage.alice, chatId, 'mine');
    const own = await read(stage.alice, id).expect(200);
    expect(own.body).toMatchObject({
      message: 'Это ваше сообщение, оно уже считается прочитанным',
      message_id: id,
      is_read: true,
    });
    expect((await stage.get(stage.alice, path).expect(200)).body).toMatchObject({ unread_count: 1 });
  });

  it('is 400 for others and for what never was', async () => {
    const { chatId } = await stage.makeGroup();
    const { id } = await sent(stage.alice, chatId, 'not for you');
    const answers = await Promise.all([
      ...stage.outsiders.map((outsider) => read(outsider, id)),
      read(stage.alice, randomUUID()),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await read(stage.alice, 'no-uuid').expect(422);
  });
});

test('004.13 the two sockets are named', async () => {
  const { body } = await anonymous().get('/api/v1/ws-info').expect(200);
  expect((body as { path: string }[]).map(({ path }) => path.split('?')[0])).toEqual(['/ws/{chat_id}', '/ws/user']);
});
