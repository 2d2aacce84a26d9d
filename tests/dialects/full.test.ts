import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { wireVersion } from '../../src/protocol/version.ts';
import { createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { FullSpeaker } from '../support/full-speaker.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 2 });
  [alice, bob, mallory] = await createActors(server, 'Alice', 'Bob', 'Mallory');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
});
afterAll(async () => {
  await sql.end();
  await server[Symbol.asyncDispose]();
  expect(server.bugs).toEqual([]);
});

const keep = <S extends { close(): Promise<void> }>(socket: S): S => {
  open.push(socket);
  return socket;
};
const speak = async (actor: Actor) => keep(await FullSpeaker.logIn(server, actor));
const enter = async () => keep(await FullSpeaker.open(server));

describe('the way in', () => {
  it('agrees on the one version that is spoken, whatever else is offered', async () => {
    const offered = ['chat', 'messenger.v2', 'messenger.v1'];
    const socket = keep(await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization, offered));
    expect(socket.ws.protocol).toBe('messenger.v1');
    expect((await socket.next()).type).toBe('ready');
  });

  it('tells who offers only another version that it is not spoken', async () => {
    const socket = await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization, ['messenger.v9']);
    expect(socket.ws.protocol).toBe('messenger.v9');
    expect(await socket.closed()).toBe(4503);
    expect(socket.received).toEqual([]);
  });

  it('leaves other dialects what they had: the first that is offered, and their own words', async () => {
    const socket = keep(await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization, ['chat', 'other']));
    expect(socket.ws.protocol).toBe('chat');
    expect(await socket.next()).toEqual({ type: 'auth_success', detail: null });
    const lobby = `${server.wsUrl}/messenger/ws/?token=${alice.token}`;
    const other = keep(await TestSocket.open(lobby, {}, ['messenger.v1']));
    other.send('hello');
    await other.until('the line', () => other.received.length > 0);
    expect(other.received[0]).toMatch(/hello$/);
  });

  it('greets first who proves at the handshake who they are', async () => {
    const socket = await speak(alice);
    expect(socket.frames).toEqual([
      {
        type: 'ready',
        user: { id: alice.id, name: 'Alice', username: null, avatar_url: null, avatar_small_url: null, deleted: false },
        session_id: expect.any(String) as string,
        protocol: wireVersion,
        resume: expect.stringMatching(/^[0-9a-f]{12}\.\d+$/) as string,
        heartbeat_ms: limits.sockets.pingEveryMs,
        limits: expect.objectContaining({ max_text_code_points: limits.message.maxCodePoints }) as object,
      },
    ]);
  });

  it.each([
    ['a token', () => ({ token: bob.token })],
    ['a password', () => ({ identifier: bob.email, password: bob.password })],
  ])('logs in by a frame with %s, which the greeting answers', async (_what, login) => {
    const socket = await enter();
    expect(await socket.askRaw({ type: 'login', ...login() })).toMatchObject({ type: 'ready', user: { id: bob.id } });
    expect(socket.frames).toHaveLength(1);
  });

  it.each([
    ['a wrong password', () => ({ identifier: bob.email, password: 'a guess' }), 'wrong_credentials'],
    ['a made-up token', () => ({ token: 'made up' }), 'not_authenticated'],
    ['half of what is needed', () => ({ identifier: 'bob' }), 'invalid_request'],
  ])('refuses %s and stays open', async (_what, login, code) => {
    const socket = await enter();
    expect(await socket.askRaw({ type: 'login', ...login() })).toMatchObject({ type: 'error', code });
    expect(await socket.ask('ping', {})).toMatchObject({ type: 'pong' });
  });

  it('answers strangers nothing but a login and a ping', async () => {
    const socket = await enter();
    for (const frame of [{ type: 'list_chats' }, { type: 'nonsense' }, { type: 'send', client_id: 'x' }, { type: 5 }])
      expect(await socket.askRaw(frame)).toMatchObject({ type: 'error', code: 'not_authenticated', retry: 'new' });
    expect(await socket.ask('ping', {})).toMatchObject({ type: 'pong' });
  });

  it('a second login makes the socket somebody else’s', async () => {
    const socket = await speak(alice);
    await socket.ask('login', { token: bob.token });
    const { chatId } = await createGroup(server, [bob, mallory]);
    await socket.hear('group_created');
    const { chatId: foreign } = await createGroup(server, [alice, mallory]);
    expect(await socket.say(foreign, 'me?')).toMatchObject({ code: 'no_chat' });
    expect(await socket.say(chatId, 'me')).toMatchObject({ type: 'ack' });
    expect(socket.all('group_created')).toHaveLength(1);
  });

  it('closes who does not log in within five seconds', async () => {
    const startedAtMs = Date.now();
    const socket = await FullSpeaker.open(server);
    expect(await socket.socket.closed()).toBe(4501);
    expect(Date.now() - startedAtMs).toBeGreaterThan(limits.sockets.fullLoginWithinMs);
  });

  it('closes the sockets of a session that ends', async () => {
    const [gone] = await createActors(server, 'Gone');
    const socket = await FullSpeaker.logIn(server, gone);
    await fetch(`${server.url}/api/v1/auth/logout`, { method: 'POST', headers: gone.authorization });
    expect(await socket.socket.closed()).toBe(4502);
  });
});

describe('a frame', () => {
  it.each([
    ['no object', [1], { type: 'object_type', loc: ['frame'] }],
    ['without a type', { ref: 1 }, { type: 'missing', loc: ['frame', 'type'] }],
    ['of an unknown type', { type: 'toString' }, { type: 'unknown_type', loc: ['frame', 'type'] }],
    ['with a wrong field', { type: 'sync', chat_id: 'x' }, { type: 'uuid_parsing', loc: ['frame', 'sync', 'chat_id'] }],
    ['with a ref that is none', { type: 'ping', ref: {} }, { loc: ['frame', 'ping', 'ref'] }],
  ])('that is %s is an error that says what is wrong', async (_what, frame, mistake) => {
    const socket = await speak(alice);
    socket.socket.send(frame);
    const [error] = await socket.hear('error');
    expect(error).toMatchObject({ code: 'invalid_request', retry: 'new' });
    expect(error!.mistakes).toContainEqual(expect.objectContaining(mistake));
  });

  it('that is no JSON, or binary, is an error too', async () => {
    const socket = await speak(alice);
    socket.socket.send('{');
    socket.socket.send(Buffer.from('{}'));
    expect((await socket.hear('error', 2)).map(({ code }) => code)).toEqual(['malformed_json', 'malformed_json']);
  });

  it('is answered under its ref, a word or a number, and an error says which message was refused', async () => {
    const socket = await speak(alice);
    socket.socket.send({ type: 'ping', ref: 'a word' });
    socket.socket.send({ type: 'ping', ref: 7, more: 'is ignored' });
    socket.socket.send({ type: 'ping' });
    const client_id = randomUUID();
    socket.socket.send({ type: 'send', ref: 8, chat_id: randomUUID(), client_id, text: 'x' });
    expect(await socket.hear('error')).toMatchObject([{ ref: 8, client_id, code: 'no_chat', retry: 'never' }]);
    expect(socket.all('pong')).toEqual([{ type: 'pong', ref: 'a word' }, { type: 'pong', ref: 7 }, { type: 'pong' }]);
  });

  it('is answered in its turn: sends among other frames', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const socket = await speak(alice);
    const before = socket.frames.length;
    const refs: number[] = [];
    for (let ref = 1; ref <= 60; ref++) {
      refs.push(ref);
      if (ref % 3 === 0) socket.socket.send({ type: 'sync', ref, chat_id: chatId, after: 0, after_seq: 0 });
      else if (ref % 7 === 0) socket.socket.send({ type: 'nonsense', ref });
      else socket.socket.send({ type: 'send', ref, chat_id: chatId, client_id: randomUUID(), text: `${ref}` });
    }
    const answers = () => socket.frames.slice(before).flatMap((frame) => ('ref' in frame ? [frame.ref] : []));
    await socket.socket.until('60 answers', () => answers().length === 60);
    expect(answers()).toEqual(refs);
    // What was sent before a sync is in it.
    for (const changes of socket.all('changes')) {
      const sent = refs.filter((ref) => ref < Number(changes.ref) && ref % 3 !== 0 && ref % 7 !== 0);
      expect(changes.rows.map(({ text }) => text)).toEqual(sent.map(String));
    }
  });

  it('says 300 messages in a row, each after the one before it, and they are stored in their order', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await speak(alice), await speak(bob)];
    const ids = Array.from({ length: 300 }, () => randomUUID());
    ids.forEach((client_id, i) =>
      a.socket.send({ type: 'send', chat_id: chatId, client_id, text: `${i}`, ...(i > 0 && { after: ids[i - 1] }) }),
    );
    const acks = await a.hear('ack', 300);
    expect(acks.map((ack) => ack.client_id)).toEqual(ids);
    expect(acks.map(({ seq }) => seq)).toEqual(ids.map((_, i) => i + 1));
    expect((await b.hear('message', 300)).map(({ message }) => message.client_id)).toEqual(ids);
    expect(a.all('message')).toEqual([]);
  });

  it('after one that was refused is not stored either', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    expect(await a.say(chatId, 'orphan', { after: randomUUID() })).toMatchObject({
      code: 'depends_missing',
      retry: 'same',
    });
    expect(await a.say(chatId, 'first')).toMatchObject({ type: 'ack', seq: 1 });
  });
});

describe('a message', () => {
  /** The row as the database shows it. */
  const rowOf = async (chatId: string, seq: number): Promise<unknown> => {
    const [row] = await sql<{ row: unknown }[]>`
      select message_json(m, reactions_of(m.chat_id, m.seq)) as row from messages m where chat_id = ${chatId} and seq = ${seq}`;
    return row!.row;
  };

  it('is told live as the database shows it, with all that it carries', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const { chatId: other } = await createGroup(server, [alice, bob]);
    const [a, b] = [await speak(alice), await speak(bob)];
    await a.say(chatId, 'first');
    await a.say(chatId, '@Bob look 👀', {
      reply_to: 1,
      mentions: [{ user_id: bob.id, offset: 0, length: 4 }],
      timestamp: '2025-05-04T04:45:50.120+03:00',
    });
    await a.askRaw({ type: 'send', chat_id: other, client_id: randomUUID(), forward: { chat_id: chatId, seq: 1 } });
    const told = (await b.hear('message', 3)).map(({ message }) => message);
    expect(told).toEqual([await rowOf(chatId, 1), await rowOf(chatId, 2), await rowOf(other, 1)]);
    expect(told[1]).toMatchObject({ reply_to: 1, mentions: [{ length: 4 }], timestamp: '2025-05-04T01:45:50.12Z' });
    expect(told[2]).toMatchObject({ text: 'first', forwarded: { sender_id: alice.id } });
  });

  it('is acked with its numbers, and once more as a duplicate', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    const client_id = randomUUID();
    const ack = await a.say(chatId, 'Hello', { client_id });
    expect(ack).toMatchObject({ type: 'ack', chat_id: chatId, client_id, seq: 1, version: 2, duplicate: false });
    expect(await a.say(chatId, 'Hello', { client_id })).toEqual({ ...ack, ref: 2, duplicate: true });
    expect(await a.say(chatId, 'Bye', { client_id })).toMatchObject({ code: 'conflict', client_id });
  });

  it('reaches plain sockets, and theirs reach full ones', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, plain] = [await speak(alice), keep(await logIn(server, bob))];
    await a.say(chatId, 'from the full');
    expect(await plain.next()).toMatchObject({ text: 'from the full', seq: 1 });
    await plain.ask(messageFrame(bob, chatId, 'from the plain'));
    expect((await a.hear('message'))[0]!.message).toEqual(await rowOf(chatId, 2));
  });

  it('is edited, deleted, reacted to and pinned, each told to all with the next version', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await speak(alice), await speak(bob)];
    await a.say(chatId, 'Helo');
    const place = { chat_id: chatId, seq: 1 };
    expect(await a.ask('edit', { ...place, text: 'Hello' })).toMatchObject({ type: 'done', version: 3 });
    expect(await b.ask('react', { ...place, emoji: '👍' })).toMatchObject({ type: 'done', version: 4 });
    expect(await a.ask('pin', place)).toMatchObject({ type: 'done', version: 5 });
    expect(await b.ask('list_edits', place)).toMatchObject({ type: 'edits', ...place, rows: [{ text: 'Helo' }] });
    await b.ask('mark_read', place);
    expect(await a.ask('list_reads', place)).toMatchObject({ type: 'reads', ...place, rows: [{ user_id: bob.id }] });
    expect(await b.ask('list_pins', { chat_id: chatId })).toMatchObject({ type: 'pins', rows: [{ seq: 1 }] });
    expect(await a.ask('delete', place)).toMatchObject({ type: 'done', version: 6 });
    for (const socket of [a, b]) {
      const changed = await socket.hear('message_changed', 4);
      expect(changed.map(({ version }) => version)).toEqual([3, 4, 5, 6]);
      expect(changed.map(({ message }) => message.text)).toEqual(['Hello', 'Hello', 'Hello', '']);
      expect(changed.at(-1)!.message).toEqual(await rowOf(chatId, 1));
    }
  });

  it('is marked: the others are told the position, its sender that all have seen it', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, other] = [await speak(alice), await speak(bob), await speak(bob)];
    await a.say(chatId, 'Hello');
    const place = { chat_id: chatId, seq: 1 };
    expect(await b.ask('mark_delivered', place)).toEqual({ type: 'done', ref: 1 });
    expect(await b.ask('mark_read', place)).toEqual({ type: 'done', ref: 2 });
    expect(await a.hear('seen')).toEqual([{ type: 'seen', ...place }]);
    const isRead = () =>
      a.all('positions').some(({ rows }) => rows.some((row) => row.user_id === bob.id && row.read_seq === 1));
    await a.socket.until('the position', isRead);
    await other.socket.until('the own state', () => other.all('own').some(({ own }) => own.read_seq === 1));
  });
});

describe('what one keeps for oneself', () => {
  it('is told to one’s other devices', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [one, two] = [await speak(alice), await speak(alice)];
    const chat = { chat_id: chatId };
    expect(await one.ask('set_draft', { ...chat, text: 'Well' })).toMatchObject({ type: 'done' });
    expect(await one.ask('mark_unread', chat)).toMatchObject({ type: 'done' });
    expect(await one.ask('update_own', { ...chat, pinned: true, muted_until: 'forever' })).toMatchObject({
      type: 'done',
    });
    const isThere = () =>
      two
        .all('own')
        .some(
          ({ own }) => own.draft?.text === 'Well' && own.marked_unread && own.pinned && own.muted_until === 'forever',
        );
    await two.socket.until('the own state', isThere);
  });

  it('is heard of people one watches, and typing of who shares the chat', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    expect(await a.ask('watch', { user_ids: [bob.id] })).toMatchObject({ type: 'done' });
    expect(a.all('presence')[0]!.rows).toMatchObject([{ user_id: bob.id }]);
    const b = await speak(bob);
    await a.socket.until('bob', () => a.all('presence').some(({ rows }) => rows.some(({ online }) => online)));
    expect(await b.ask('typing', { chat_id: chatId })).toMatchObject({ type: 'done' });
    expect(await a.hear('typing')).toEqual([{ type: 'typing', chat_id: chatId, user_id: bob.id }]);
  });
});

describe('chats', () => {
  it('are opened, made, changed, left and deleted, and everybody concerned is told', async () => {
    const [a, b] = [await speak(alice), await speak(bob)];
    const opened = await a.ask('open_direct', { user_id: bob.id });
    expect(opened).toMatchObject({ type: 'opened', created: true });
    expect(await b.ask('open_direct', { user_id: alice.id })).toMatchObject({ ...opened, created: false });
    const group = await a.ask('create_group', { name: 'Car', user_ids: [bob.id] });
    const chat = { chat_id: String(group['chat_id']) };
    expect(await a.ask('update_group', { ...chat, name: 'Door' })).toMatchObject({ type: 'done', version: 2 });
    expect(await a.ask('set_role', { ...chat, user_id: bob.id, role: 'admin' })).toMatchObject({ version: 3 });
    expect(await b.ask('add_members', { ...chat, user_ids: [mallory.id] })).toMatchObject({ version: 4 });
    expect(await b.ask('remove_member', { ...chat, user_id: mallory.id })).toMatchObject({ version: 5 });
    expect(await a.ask('get_chat', chat)).toMatchObject({ type: 'chat', chat: { name: 'Door', version: 5 } });
    expect(await b.ask('leave', chat)).toMatchObject({ type: 'done', version: 6 });
    expect(await a.ask('delete_group', chat)).toMatchObject({ type: 'done', version: 7 });
    const ofGroup = (socket: FullSpeaker) =>
      socket.frames.flatMap((frame) => ('version' in frame && frame.type !== 'done' ? [frame] : []));
    await a.hear('chat_deleted');
    const types = [
      'group_created',
      'group_changed',
      'role_changed',
      'members_added',
      'member_removed',
      'member_removed',
    ];
    expect(ofGroup(a).map(({ type }) => type)).toEqual(['direct_opened', ...types, 'chat_deleted']);
    expect(ofGroup(b).map(({ type }) => type)).toEqual(['direct_opened', ...types]);
    expect(a.all('group_changed')[0]).toMatchObject({ ...chat, version: 2, group: { name: 'Door', avatar_url: null } });
    expect(await a.ask('get_chat', chat)).toMatchObject({ type: 'error', code: 'no_chat' });
  });

  it('are listed page by page, and people by their ids', async () => {
    const [fresh] = await createActors(server, 'Fresh');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await createGroup(server, [fresh, bob])).chatId);
    const socket = await speak(fresh);
    const seen: string[] = [];
    for (let before: string | undefined; ;) {
      const page = await socket.ask('list_chats', { limit: 2, ...(before !== undefined && { before }) });
      seen.push(...(page['rows'] as { id: string }[]).map(({ id }) => id));
      if (page['next'] === null) break;
      before = page['next'] as string;
    }
    expect(seen).toEqual(ids);
    const people = await socket.ask('get_users', { user_ids: [bob.id, randomUUID()] });
    expect(people['rows']).toMatchObject([{ id: bob.id, name: 'Bob' }]);
  });

  it('an event is encoded once for all sockets of the dialect', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const sockets = await Promise.all(Array.from({ length: 10 }, () => speak(bob)));
    const a = await speak(alice);
    const count = async (): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/messenger_encodings_total\{dialect="full"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    for (let i = 0; i < 5; i++) await a.say(chatId, `${i}`);
    for (const socket of sockets) await socket.hear('message', 5);
    expect((await count()) - before).toBe(5);
  });
});

it('a server that goes away says when to come back, and closes', async () => {
  await using leaving = await startTestServer();
  const [eve] = await createActors(leaving, 'Eve');
  const socket = await FullSpeaker.logIn(leaving, eve);
  const drained = leaving.drain();
  expect(await socket.socket.closed()).toBe(4009);
  const [closing] = socket.all('closing');
  expect(closing!.after_ms).toBeLessThan(limits.drain.comeBackWithinMs);
  await drained;
});
