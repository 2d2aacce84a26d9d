import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';

/** Numbers are the lines of the checklist for system 002. */
describe('the plain dialect', () => {
  let server: TestServer;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;
  let mallory: Actor;
  const open: TestSocket[] = [];

  const connect = async (): Promise<TestSocket> => keep(await TestSocket.open(`${server.wsUrl}/ws`));
  const enter = async (actor: Actor): Promise<TestSocket> => keep(await logIn(server, actor));
  const keep = (socket: TestSocket): TestSocket => {
    open.push(socket);
    return socket;
  };
  const expectQuiet = (...sockets: TestSocket[]): Promise<unknown> =>
    Promise.all(sockets.map((socket) => socket.expectNothingElse()));
  const history = async (actor: Actor, chatId: string): Promise<Frame[]> => {
    const response = await fetch(`${server.url}/history/${chatId}?limit=200&offset=0`, {
      headers: actor.authorization,
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Frame[];
  };

  beforeAll(async () => {
    server = await startTestServer();
    [alice, bob, carol, mallory] = (await Promise.all(
      ['Alice', 'Bob', 'Carol', 'Mallory'].map((name) => createActor(server, name)),
    )) as [Actor, Actor, Actor, Actor];
  });
  afterAll(async () => {
    await Promise.all(open.map((socket) => socket.close()));
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('6: takes a connection without a token and says nothing first', async () => {
    await (await connect()).expectNothingElse();
  });

  it('7: answers a login with one frame', async () => {
    const socket = await connect();
    expect(await socket.ask({ email: alice.email, password: alice.password })).toEqual({
      type: 'auth_success',
      detail: null,
    });
    await socket.expectNothingElse();
  });

  it('8: answers a wrong password and an unknown address alike', async () => {
    const socket = await connect();
    const wrong = await socket.ask({ email: alice.email, password: 'not the password' });
    const unknown = await socket.ask({ email: 'nobody@example.com', password: 'not the password' });
    expect(wrong).toEqual({
      type: 'error',
      detail: { code: 'wrong_credentials', message: 'user not authenticated', retry: 'new' },
    });
    expect(unknown).toEqual(wrong);
  });

  it('9, 10, 11: acks a message once, delivers it once to every other socket of a member, and keeps it', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, a2, b, m] = await Promise.all([enter(alice), enter(alice), enter(bob), enter(mallory)]);
    const frame = messageFrame(alice, chatId, 'hello');
    const ack = await a.ask(frame);
    expect(ack).toEqual({ client_id: frame['client_id'], id: expect.any(String) as string, seq: 1 });
    const message = {
      id: ack['id'],
      sender_id: alice.id,
      chat_id: chatId,
      timestamp: '2025-05-04T04:45:50Z',
      text: 'hello',
    };
    expect(await b.next()).toEqual({ ...message, seq: 1 });
    expect(await a2.next()).toEqual({ ...message, seq: 1 });
    await expectQuiet(a, a2, b, m);
    expect(await history(bob, chatId)).toEqual([{ ...message, seen: false }]);
  });

  it('12: tells every online member of a new group, the creator included, and the chat works at once', async () => {
    const [a, b, m] = await Promise.all([enter(alice), enter(bob), enter(mallory)]);
    const group = await a.ask({ name: 'Car.', users: [bob.id, carol.id] });
    expect(group).toEqual({
      name: 'Car.',
      id: expect.any(String) as string,
      chat_id: expect.any(String) as string,
      creator_id: alice.id,
      user_group: expect.any(Array) as unknown[],
    });
    const members = group['user_group'] as { user_id: string; group_id: string }[];
    expect(new Set(members.map(({ user_id }) => user_id))).toEqual(new Set([alice.id, bob.id, carol.id]));
    expect(members.every(({ group_id }) => group_id === group['id'])).toBe(true);
    expect(await b.next()).toEqual(group);
    expect((await b.ask(messageFrame(bob, String(group['chat_id']), 'at once')))['seq']).toBe(1);
    expect((await a.next())['text']).toBe('at once');
    await expectQuiet(a, b, m);
  });

  it('13: refuses a group, a message and a mark before the login', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const socket = await connect();
    for (const frame of [
      { name: 'Sneaky', users: [bob.id] },
      messageFrame(alice, chatId, 'not me'),
      { message_id: randomUUID() },
    ]) {
      const answer = await socket.ask(frame);
      expect(answer).toMatchObject({ type: 'error', detail: { message: 'access denied' } });
    }
    expect(await history(alice, chatId)).toEqual([]);
  });

  it('14, 15: tells the sender once when the last member has read', async () => {
    const { chatId } = await createGroup(server, [alice, bob, carol]);
    const [a, b, c] = await Promise.all([enter(alice), enter(bob), enter(carol)]);
    const ack = await a.ask(messageFrame(alice, chatId, 'read me'));
    await Promise.all([b.next(), c.next()]);
    b.send({ message_id: ack['id'] });
    await expectQuiet(a, b, c);
    c.send({ message_id: ack['id'] });
    expect(await a.next()).toEqual({
      type: 'message_seen',
      detail: {
        id: ack['id'],
        sender_id: alice.id,
        chat_id: chatId,
        timestamp: '2025-05-04T04:45:50Z',
        text: 'read me',
        seq: 1,
        seen: true,
      },
    });
    c.send({ message_id: ack['id'] });
    await expectQuiet(a, b, c);
    expect(await history(alice, chatId)).toMatchObject([{ id: ack['id'], seen: true }]);
  });

  it('14: a mark at a message marks all before it, and each is announced in order', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = await Promise.all([enter(alice), enter(bob)]);
    const ids: unknown[] = [];
    for (const text of ['one', 'two', 'three']) ids.push((await a.ask(messageFrame(alice, chatId, text)))['id']);
    for (const _ of ids) await b.next();
    b.send({ message_id: ids[2] });
    const told = [await a.next(), await a.next(), await a.next()];
    expect(told.map((frame) => frame.detail?.['id'])).toEqual(ids);
    await expectQuiet(a, b);
  });

  it('16: answers an unknown shape with an error and stays usable', async () => {
    const socket = await connect();
    for (const frame of [{ any: 'Any string' }, {}, [1], 'null', '"x"', '5']) {
      const answer = await socket.ask(frame);
      expect(answer.type).toBe('error');
      expect(answer.detail).toMatchObject({ code: 'invalid_request' });
    }
    expect(await socket.ask({ email: alice.email, password: alice.password })).toMatchObject({ type: 'auth_success' });
  });

  it('17: answers text that is no JSON, and a binary frame, with an error', async () => {
    const socket = await connect();
    expect(await socket.ask('{"email":')).toMatchObject({ type: 'error', detail: { code: 'malformed_json' } });
    expect(await socket.ask(Buffer.from('{}'))).toMatchObject({ type: 'error', detail: { code: 'malformed_json' } });
    expect(await socket.ask({ email: alice.email, password: alice.password })).toMatchObject({ type: 'auth_success' });
  });

  it('18: refuses an unknown chat, a stranger and a borrowed sender, stores nothing and tells nobody', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, m] = await Promise.all([enter(alice), enter(bob), enter(mallory)]);
    const foreign = messageFrame(mallory, chatId, 'let me in');
    expect(await m.ask(foreign)).toEqual({
      type: 'error',
      detail: {
        code: 'no_chat',
        message: 'You are not a member of this chat.',
        retry: 'never',
        client_id: foreign['client_id'],
      },
    });
    expect(await m.ask(messageFrame(mallory, randomUUID(), 'hello?'))).toMatchObject({ detail: { code: 'no_chat' } });
    expect(await m.ask(messageFrame(alice, chatId, 'I am Alice'))).toMatchObject({
      detail: { code: 'sender_mismatch' },
    });
    await expectQuiet(a, b, m);
    expect(await history(alice, chatId)).toEqual([]);
  });

  it("19: a repeated mark says nothing, an unknown message and a stranger's mark are refused", async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b, m] = await Promise.all([enter(alice), enter(bob), enter(mallory)]);
    const ack = await a.ask(messageFrame(alice, chatId, 'read me'));
    await b.next();
    expect(await m.ask({ message_id: ack['id'] })).toMatchObject({
      type: 'error',
      detail: { code: 'no_message', message_id: ack['id'] },
    });
    expect(await b.ask({ message_id: randomUUID() })).toMatchObject({ detail: { code: 'no_message' } });
    await expectQuiet(a);
    b.send({ message_id: ack['id'] });
    expect((await a.next()).type).toBe('message_seen');
    b.send({ message_id: ack['id'] });
    await expectQuiet(a, b, m);
  });

  it('20: members who mark at the same instant cause one notification, 25 times over', async () => {
    const { chatId } = await createGroup(server, [alice, bob, carol, mallory]);
    const a = await enter(alice);
    const readers = await Promise.all([enter(bob), enter(carol), enter(mallory)]);
    for (let round = 0; round < 25; round++) {
      const ack = await a.ask(messageFrame(alice, chatId, `round ${round}`));
      await Promise.all(readers.map((reader) => reader.next()));
      for (const reader of readers) reader.send({ message_id: ack['id'] });
      expect((await a.next()).detail?.['id']).toBe(ack['id']);
      await expectQuiet(a, ...readers);
    }
  });

  it('21: 300 messages sent without waiting are 300 acks, rows and deliveries in order', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = await Promise.all([enter(alice), enter(bob)]);
    const frames = Array.from({ length: 300 }, (_, i) => messageFrame(alice, chatId, `message ${i}`));
    for (const frame of frames) a.send(frame);
    for (const [i, frame] of frames.entries())
      expect(await a.next()).toMatchObject({ client_id: frame['client_id'], seq: i + 1 });
    for (const frame of frames) expect((await b.next())['text']).toBe(frame['text']);
    expect((await history(alice, chatId)).map((row) => row['text'])).toEqual(
      frames.slice(0, 200).map((frame) => frame['text']),
    );
  });

  it('21: a group right behind the login answers after it', async () => {
    const socket = await connect();
    socket.send({ email: alice.email, password: alice.password });
    socket.send({ name: 'In a hurry', users: [] });
    expect((await socket.next()).type).toBe('auth_success');
    expect((await socket.next())['name']).toBe('In a hurry');
  });

  it('22: 60 people are logged in at once and HTTP still answers', async () => {
    const sockets = await Promise.all(
      [alice, bob, carol].flatMap((actor) => Array.from({ length: 20 }, () => enter(actor))),
    );
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    await expectQuiet(...sockets);
  });

  it('23: both sockets of a person receive, and closing the older leaves the newer hearing', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b1] = [await enter(alice), await enter(bob)];
    const b2 = await enter(bob);
    await a.ask(messageFrame(alice, chatId, 'to both'));
    expect((await b1.next())['text']).toBe('to both');
    expect((await b2.next())['text']).toBe('to both');
    await b1.close();
    await a.ask(messageFrame(alice, chatId, 'to the newer'));
    expect((await b2.next())['text']).toBe('to the newer');
  });

  it('23: a second login on a socket switches the person', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, socket] = [await enter(alice), await enter(bob)];
    expect(await socket.ask({ email: carol.email, password: carol.password })).toMatchObject({ type: 'auth_success' });
    await a.ask(messageFrame(alice, chatId, 'for Bob'));
    await expectQuiet(socket);
    expect(await socket.ask(messageFrame(bob, chatId, 'as Bob'))).toMatchObject({
      detail: { code: 'sender_mismatch' },
    });
  });

  it('24: a repeated or unknown person and an over-long name are errors and make nothing', async () => {
    const a = await enter(alice);
    const list = async () =>
      (await (
        await fetch(`${server.url}/api/v1/chats?limit=200`, { headers: alice.authorization })
      ).json()) as unknown[];
    const before = (await list()).length;
    const stranger = randomUUID();
    expect(await a.ask({ name: 'Twice', users: [bob.id, bob.id] })).toMatchObject({
      detail: { code: 'invalid_request' },
    });
    expect(await a.ask({ name: 'Unknown', users: [bob.id, stranger] })).toMatchObject({ detail: { code: 'no_user' } });
    expect(await a.ask({ name: 'x'.repeat(256), users: [bob.id] })).toMatchObject({
      detail: { code: 'invalid_request' },
    });
    expect(await list()).toHaveLength(before);
    expect(await a.ask({ name: 'Alone', users: [] })).toMatchObject({ user_group: [{ user_id: alice.id }] });
  });

  it('25: takes times with an offset in every form, and shows the instant in UTC', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = await Promise.all([enter(alice), enter(bob)]);
    const send = (timestamp: unknown) => a.ask({ ...messageFrame(alice, chatId, 'when'), timestamp });
    expect(await send('2025-05-04T04:45:50')).toMatchObject({ type: 'error', detail: { code: 'invalid_request' } });
    const times: [unknown, string][] = [
      ['2025-05-04T04:45:50Z', '2025-05-04T04:45:50Z'],
      ['2025-05-04T07:45:50+03:00', '2025-05-04T04:45:50Z'],
      ['2025-05-04 04:45:50.123456+00:00', '2025-05-04T04:45:50.123456Z'],
      [1746333950, '2025-05-04T04:45:50Z'],
    ];
    for (const [given, shown] of times) {
      await send(given);
      expect((await b.next())['timestamp']).toBe(shown);
    }
    expect((await history(bob, chatId)).map((row) => row['timestamp'])).toEqual(times.map(([, shown]) => shown));
    await send('9999-12-31T23:59:59Z');
    expect(Date.parse(String((await b.next())['timestamp']))).toBeLessThan(Date.now() + 60_000);
  });

  it('31: speaks the double-encoded form when asked to', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = await Promise.all([enter(alice), TestSocket.open(`${server.wsUrl}/ws?wire=string`)]);
    keep(b);
    const nextString = async (): Promise<Frame> => JSON.parse((await b.next()) as unknown as string) as Frame;
    b.send({ email: bob.email, password: 'wrong' });
    expect(await nextString()).toEqual({ type: 'error', detail: '{"detail": "user not authenticated"}' });
    b.send({ email: bob.email, password: bob.password });
    expect(await nextString()).toEqual({ type: 'auth_success', detail: null });
    await a.ask(messageFrame(alice, chatId, 'twice encoded'));
    expect(await nextString()).toMatchObject({ text: 'twice encoded', sender_id: alice.id });
    const frame = messageFrame(bob, chatId, 'and back');
    b.send(frame);
    const ack = await nextString();
    expect(ack).toMatchObject({ client_id: frame['client_id'] });
    await a.next();
    a.send({ message_id: ack['id'] });
    const seen = await nextString();
    expect(seen.type).toBe('message_seen');
    expect(JSON.parse(seen.detail as unknown as string)).toMatchObject({ text: 'and back', seen: true });
  });

  it('a retry gets the first ack and is delivered to nobody; another text under its client_id is a conflict', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = await Promise.all([enter(alice), enter(bob)]);
    const frame = messageFrame(alice, chatId, 'once');
    const ack = await a.ask(frame);
    await b.next();
    const elsewhere = await enter(alice);
    expect(await elsewhere.ask({ ...frame, timestamp: '2026-01-01T00:00:00Z' })).toEqual(ack);
    expect(await a.ask({ ...frame, text: 'another text' })).toMatchObject({
      type: 'error',
      detail: { code: 'conflict', client_id: frame['client_id'] },
    });
    await expectQuiet(a, b, elsewhere);
    expect(await history(alice, chatId)).toHaveLength(1);
  });

  it('equal sends that meet on the way are one message with one id', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const sockets = await Promise.all(Array.from({ length: 5 }, () => enter(alice)));
    const frame = messageFrame(alice, chatId, 'all at once');
    const acks = await Promise.all(
      sockets.map(async (socket) => {
        for (let i = 0; i < 4; i++) socket.send(frame);
        await socket.until(
          'four acks',
          () => socket.received.filter((text) => text.includes('client_id')).length === 4,
        );
        return socket.received.filter((text) => text.includes('client_id'));
      }),
    );
    expect(new Set(acks.flat()).size).toBe(1);
    expect(await history(alice, chatId)).toHaveLength(1);
  });

  it('a Bearer token at the handshake logs in, and a bad one is refused before there is a socket', async () => {
    const socket = keep(await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization));
    expect(await socket.next()).toEqual({ type: 'auth_success', detail: null });
    await expect(TestSocket.open(`${server.wsUrl}/ws`, { authorization: 'Bearer nonsense' })).rejects.toThrow('401');
    await expect(TestSocket.open(`${server.wsUrl}/nowhere`)).rejects.toThrow('404');
  });
});
