import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame } from '../support/cast.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { behindStamp, createLobbyPerson, openLobby, type OldPerson } from './old-clients.ts';

const awayLine = (user: string | undefined): string =>
  `Пользователь '${user}' сейчас не в сети, он увидит Ваше сообщение когда зайдет в чат.`;

describe('the lobby dialect', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  const cast = (...names: string[]): Promise<OldPerson[]> =>
    Promise.all(names.map((name) => createLobbyPerson(server, name)));

  it('001.8 refuses who has no token or a bad one, before the handshake', async () => {
    const [alice] = await cast('alice');
    const open = (query: string): Promise<TestSocket> => TestSocket.open(`${server.wsUrl}/messenger/ws/${query}`);
    for (const query of ['', '?token=', '?token=made-up', `?token=${alice!.refreshToken}`])
      await expect(open(query)).rejects.toThrow('401');
    await (await open(`?token=${alice!.token}`)).close();
    await (await TestSocket.open(`${server.wsUrl}/messenger/ws?token=${alice!.token}`)).close();
  });

  it('001.9 a text reaches everybody in the lobby, the sender too, and nobody else', async () => {
    const [alice, bob, carol] = await cast('alice', 'bob', 'carol');
    const [a, b] = await Promise.all([openLobby(server, alice!), openLobby(server, bob!)]);
    const plain = await TestSocket.open(`${server.wsUrl}/ws`, carol!.authorization);
    await plain.next();
    a.send('{"text":"Привет"}');
    const line = `${alice!.username}: {"text":"Привет"}`;
    expect([behindStamp(await a.next()), behindStamp(await b.next())]).toEqual([line, line]);
    await plain.expectNothingElse();
    await Promise.all([a.close(), b.close(), plain.close()]);
  });

  it('001.9 who has no username is called by the address up to the @', async () => {
    const actor = await createActor(server, 'Nameless');
    const socket = await openLobby(server, actor);
    expect(behindStamp(await socket.ask('hi'))).toBe(`${actor.email.split('@')[0]}: hi`);
    await socket.close();
  });

  it('001.9 who was renamed is called by the new name', async () => {
    const [alice] = await cast('alice');
    const socket = await openLobby(server, alice!);
    expect(behindStamp(await socket.ask('before'))).toBe(`${alice!.username}: before`);
    const renamed = `new_${alice!.username}`;
    await request(server.url).patch('/users/me').set(alice!.authorization).send({ username: renamed }).expect(200);
    expect(behindStamp(await socket.ask('after'))).toBe(`${renamed}: after`);
    await socket.close();
  });

  it('001.10 a private text reaches the two and nobody else, and is stored', async () => {
    const [alice, bob, carol] = await cast('alice', 'bob', 'carol');
    const [a, b, c] = await Promise.all([
      openLobby(server, alice!),
      openLobby(server, bob!),
      openLobby(server, carol!),
    ]);
    a.send(`/pm ${bob!.username} only for  you\nreally`);
    const line = `${alice!.username} для ${bob!.username}: only for  you\nreally`;
    expect([behindStamp(await a.next()), behindStamp(await b.next())]).toEqual([line, line]);
    await c.expectNothingElse();
    const { body } = await request(server.url).get(`/messages/${bob!.id}`).set(alice!.authorization).expect(200);
    expect(body).toMatchObject([{ sender_id: alice!.id, receiver_id: bob!.id, content: 'only for  you\nreally' }]);
    await Promise.all([a.close(), b.close(), c.close()]);
  });

  it('001.10 a person is found by username whatever its case, and by address', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const [a, b] = await Promise.all([openLobby(server, alice!), openLobby(server, bob!)]);
    for (const name of [bob!.username!.toUpperCase(), bob!.email!]) {
      a.send(`/pm ${name} hello`);
      expect(behindStamp(await b.next())).toBe(`${alice!.username} для ${bob!.username}: hello`);
      await a.next();
    }
    await Promise.all([a.close(), b.close()]);
  });

  it('001.10 to oneself is refused and not stored', async () => {
    const [alice] = await cast('alice');
    const a = await openLobby(server, alice!);
    expect(await a.ask(`/pm ${alice!.username} hello me`)).toBe('Вы не можете отправлять личные сообщения себе.');
    const sql = postgres(server.databaseUrl, { max: 1 });
    expect(await sql`select from messages where sender_id = ${alice!.id}`).toHaveLength(0);
    await sql.end();
    await a.close();
  });

  it('001.10 to somebody who is away: first that they are, then the text; it waits for them', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const a = await openLobby(server, alice!);
    a.send(`/pm ${bob!.username} see you`);
    expect(await a.next()).toBe(awayLine(bob!.username));
    expect(behindStamp(await a.next())).toBe(`${alice!.username} для ${bob!.username}: see you`);
    const b = await openLobby(server, bob!);
    expect(behindStamp(await b.next())).toBe(`${alice!.username} для ${bob!.username}: see you`);
    await b.expectNothingElse();
    a.send(`/pm ${bob!.username} there you are`);
    expect(behindStamp(await a.next())).toContain('there you are');
    await Promise.all([a.close(), b.close()]);
  });

  it('001.10 who is there by another dialect is not away', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const plain = await TestSocket.open(`${server.wsUrl}/ws`, bob!.authorization);
    await plain.next();
    const a = await openLobby(server, alice!);
    expect(behindStamp(await a.ask(`/pm ${bob!.username} hi`))).toBe(`${alice!.username} для ${bob!.username}: hi`);
    await Promise.all([a.close(), plain.close()]);
  });

  it('001.11 the last 20 private texts one was sent come first, in their order; the own do not', async () => {
    const [alice, bob, carol] = await cast('alice', 'bob', 'carol');
    const [b, c] = await Promise.all([openLobby(server, bob!), openLobby(server, carol!)]);
    const expected: string[] = [];
    for (let i = 0; i < 25; i++) {
      const [socket, from] = i % 3 === 0 ? ([c, carol!] as const) : ([b, bob!] as const);
      socket.send(`/pm ${alice!.username} n${i}`);
      expect(await socket.next()).toBe(awayLine(alice!.username));
      expect(behindStamp(await socket.next())).toContain(`n${i}`);
      expected.push(`${from.username} для ${alice!.username}: n${i}`);
    }
    const first = await openLobby(server, alice!);
    expect((await first.take(20)).map(behindStamp)).toEqual(expected.slice(5));
    await first.expectNothingElse();
    first.send(`/pm ${bob!.username} own`);
    await first.next();
    const second = await openLobby(server, alice!);
    expect((await second.take(20)).map(behindStamp)).toEqual(expected.slice(5));
    await second.expectNothingElse();
    await Promise.all([first.close(), second.close(), b.close(), c.close()]);
  });

  it('001.12 what is no private text is answered by a line, and the socket lives', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const [a, b] = await Promise.all([openLobby(server, alice!), openLobby(server, bob!)]);
    const usage = 'Личное сообщение пишется так: /pm имя текст.';
    for (const line of ['/pm', '/pm ', `/pm ${bob!.username}`, `/pm ${bob!.username}   `])
      expect(await a.ask(line)).toBe(usage);
    expect(await a.ask('/pm nobody_at_all x')).toBe("Пользователь 'nobody_at_all' не найден.");
    expect(await a.ask('/pm nobody@example.com x')).toBe("Пользователь 'nobody@example.com' не найден.");
    expect(await a.ask('   ')).toBe('Пустое сообщение не отправлено.');
    expect(await a.ask('bell \u0007')).toMatch(/недопустимые символы/);
    expect(await a.ask('x'.repeat(1_501))).toMatch(/не больше 1500/);
    expect(await a.ask(`/pm ${bob!.username} ${'x'.repeat(8_001)}`)).toMatch(/слишком длинное/);
    a.sendBinary(Buffer.from([0, 1]));
    expect(await a.next()).toBe('Принимаются только текстовые сообщения.');
    a.send('x'.repeat(1_500));
    expect(behindStamp(await b.next())).toBe(`${alice!.username}: ${'x'.repeat(1_500)}`);
    await Promise.all([a.close(), b.close()]);
  });

  it('001.12 /pmx is a text for the lobby', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const [a, b] = await Promise.all([openLobby(server, alice!), openLobby(server, bob!)]);
    a.send(`/pmx ${bob!.username} hello`);
    expect(behindStamp(await b.next())).toBe(`${alice!.username}: /pmx ${bob!.username} hello`);
    await Promise.all([a.close(), b.close()]);
  });

  it('001.12 a client that breaks off harms nobody', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const [a, b] = await Promise.all([openLobby(server, alice!), openLobby(server, bob!)]);
    b.send(`/pm nobody_at_all x`);
    b.socket.ws.terminate();
    expect(behindStamp(await a.ask('still here'))).toBe(`${alice!.username}: still here`);
    await a.close();
  });

  it('001.13 what was said in the lobby is not told again', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const a = await openLobby(server, alice!);
    await a.ask('gone with the wind');
    const b = await openLobby(server, bob!);
    await b.expectNothingElse();
    const sql = postgres(server.databaseUrl, { max: 1 });
    expect(await sql`select from messages where text = 'gone with the wind'`).toHaveLength(0);
    await sql.end();
    await Promise.all([a.close(), b.close()]);
  });

  it('both devices of one person hear, and closing one leaves the other', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const [old, young, a] = await Promise.all([bob!, bob!, alice!].map((person) => openLobby(server, person)));
    a!.send(`/pm ${bob!.username} to both`);
    for (const socket of [old!, young!]) expect(behindStamp(await socket.next())).toContain('to both');
    await old!.close();
    a!.send('to the new one');
    expect(behindStamp(await young!.next())).toBe(`${alice!.username}: to the new one`);
    await Promise.all([young!.close(), a!.close()]);
  });

  it('a person who blocked the writer gets nothing, and the writer does not learn who is there', async () => {
    const [alice, bob] = await cast('alice', 'bob');
    const a = await openLobby(server, alice!);
    a.send(`/pm ${bob!.username} before`);
    await a.take(2);
    await request(server.url).put(`/api/v1/users/${alice!.id}/block`).set(bob!.authorization).expect(204);
    const line = `Сообщение не отправлено: Вы или '${bob!.username}' заблокировали друг друга.`;
    expect(await a.ask(`/pm ${bob!.username} away`)).toBe(line);
    const b = await openLobby(server, bob!);
    expect(behindStamp(await b.next())).toContain('before');
    expect(await a.ask(`/pm ${bob!.username} there`)).toBe(line);
    await b.expectNothingElse();
    await Promise.all([a.close(), b.close()]);
  });

  it('messages of groups are not shown', async () => {
    const [erin, frank] = await Promise.all([createActor(server, 'Erin'), createActor(server, 'Frank')]);
    const { chatId } = await createGroup(server, [erin, frank]);
    const lobby = await openLobby(server, frank);
    const e = await logIn(server, erin);
    await e.ask(messageFrame(erin, chatId, 'to the group'));
    await lobby.expectNothingElse();
    await Promise.all([lobby.close(), e.close()]);
  });
});

describe('the lobby on two nodes', () => {
  let database: TestDatabase;
  let one: TestServer;
  let two: TestServer;
  let alice: OldPerson;
  let bob: OldPerson;

  beforeAll(async () => {
    database = await createDatabase();
    [one, two] = await Promise.all([startTestServer({ database }), startTestServer({ database })]);
    [alice, bob] = await Promise.all([createLobbyPerson(one, 'alice'), createLobbyPerson(two, 'bob')]);
  });
  afterAll(async () => {
    expect([...one.bugs, ...two.bugs]).toEqual([]);
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
    await database[Symbol.asyncDispose]();
  });

  it('001.9 a text reaches everybody on both, once, in the order of its sender', async () => {
    const [a, b] = await Promise.all([openLobby(one, alice), openLobby(two, bob)]);
    const texts = Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(i % 2 === 0 ? 1_400 : 1)}`);
    for (const text of texts) a.send(text);
    const lines = texts.map((text) => `${alice.username}: ${text}`);
    for (const socket of [a, b]) {
      const heard = (await socket.take(50)).map(behindStamp);
      expect(heard.map((line) => lines.indexOf(line))).toEqual(lines.map((_line, i) => i));
    }
    await Promise.all([a.expectNothingElse(), b.expectNothingElse()]);
    await Promise.all([a.close(), b.close()]);
  });

  it('001.10 who is there on the other node is not away, and a private text reaches them', async () => {
    const carol = await createLobbyPerson(two, 'carol');
    const c = await openLobby(two, carol);
    const sql = postgres(database.url, { max: 1 });
    // The history of connections is what tells the other node, and it is a moment behind.
    const countOpen = async (): Promise<number> =>
      (await sql`select from connections where user_id = ${carol.id} and disconnected_at is null`).length;
    await expect.poll(countOpen).toBe(1);
    const a = await openLobby(one, alice);
    const line = `${alice.username} для ${carol.username}: across`;
    expect(behindStamp(await a.ask(`/pm ${carol.username} across`))).toBe(line);
    expect(behindStamp(await c.next())).toBe(line);
    await c.close();
    await expect.poll(countOpen).toBe(0);
    a.send(`/pm ${carol.username} later`);
    expect(await a.next()).toBe(awayLine(carol.username));
    await sql.end();
    await a.close();
  });

  it.each(['the same node', 'the other node'])(
    '001.11 who connects while texts keep coming hears each once and in order: %s',
    async (where) => {
      const [carol, dave] = await Promise.all([createLobbyPerson(one, 'carol'), createLobbyPerson(one, 'dave')]);
      const place = where === 'the same node' ? one : two;
      const d = await openLobby(one, dave);
      const send = (i: number): void => d.send(`/pm ${carol.username} n${i}`);
      for (let i = 0; i < 30; i++) send(i);
      await d.socket.until('thirty echoes', () => d.lines.some((line) => line.endsWith(': n29')));
      let sent = 30;
      const timer = setInterval(() => send(sent++), 3);
      const sockets = [];
      for (let i = 0; i < 12; i++) sockets.push(await openLobby(place, carol));
      clearInterval(timer);
      const last = sent - 1;
      for (const socket of sockets) {
        await socket.socket.until('the last text', () => socket.lines.some((line) => line.endsWith(`: n${last}`)));
        const numbers = socket.lines.map((line) => Number(/: n(\d+)$/.exec(line)![1]));
        expect(numbers.length).toBeGreaterThanOrEqual(20);
        expect(numbers).toEqual(Array.from({ length: last - numbers[0]! + 1 }, (_, i) => numbers[0]! + i));
        await socket.close();
      }
      await d.close();
    },
  );

  it('001.13 private texts survive a restart', async () => {
    const [erin, frank] = await Promise.all([createLobbyPerson(one, 'erin'), createLobbyPerson(one, 'frank')]);
    const before = await startTestServer({ database });
    const e = await openLobby(before, erin);
    e.send(`/pm ${frank.username} durable`);
    await e.take(2);
    await before[Symbol.asyncDispose]();
    expect(await e.closed()).toBe(1012);
    const after = await startTestServer({ database });
    const f = await openLobby(after, frank);
    expect(behindStamp(await f.next())).toBe(`${erin.username} для ${frank.username}: durable`);
    await f.close();
    await after[Symbol.asyncDispose]();
  });
});
