import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { createDirectPerson, LineSocket, logInByForm, openDirect, type OldPerson } from './old-clients.ts';

describe('the direct dialect', () => {
  let server: TestServer;
  let alice: OldPerson;
  let bob: OldPerson;

  beforeAll(async () => {
    server = await startTestServer();
    [alice, bob] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  interface Row {
    sender_id: string;
    receiver_id: string;
    content: string;
    timestamp: string;
  }

  const list = async (person: OldPerson, other: { id: string }, query = ''): Promise<Row[]> =>
    (await request(server.url).get(`/messages/${other.id}${query}`).set(person.authorization).expect(200))
      .body as Row[];

  const waitForMessages = (person: OldPerson, other: { id: string }, count: number): Promise<void> =>
    expect.poll(async () => (await list(person, other)).length).toBe(count);

  it('000.8 a text arrives as the same text, both ways, without an echo and without JSON', async () => {
    const [a, b] = await Promise.all([openDirect(server, alice, bob), openDirect(server, bob, alice)]);
    a.send('Привет, Bob! {"not":"json"}');
    expect(await b.next()).toBe('Привет, Bob! {"not":"json"}');
    b.send('  hello  ');
    expect(await a.next()).toBe('  hello  ');
    await Promise.all([a.expectNothingElse(), b.expectNothingElse()]);
    await Promise.all([a.close(), b.close()]);
  });

  it('000.8 three hundred texts sent without waiting arrive in order', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const [c, d] = await Promise.all([openDirect(server, carol, dave), openDirect(server, dave, carol)]);
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`);
    for (const text of texts) c.send(text);
    expect(await d.take(300)).toEqual(texts);
    await Promise.all([c.close(), d.close()]);
  });

  it('000.9 an invalid or expired token, an unknown or malformed receiver and oneself are refused at the handshake', async () => {
    const short = await startTestServer({ config: { jwtLifetimeSeconds: 1 }, database: { url: server.databaseUrl } });
    const expired = (await logInByForm(short, alice.phone!, alice.password)).access_token;
    await short[Symbol.asyncDispose]();
    const open = (path: string): Promise<TestSocket> => TestSocket.open(server.wsUrl + path);
    await expect
      .poll(async () => (await request(server.url).get('/users/me').auth(expired, { type: 'bearer' })).status)
      .toBe(401);
    await expect(open(`/ws/${bob.id}/${expired}`)).rejects.toThrow('401');
    await expect(open(`/ws/${bob.id}/made-up`)).rejects.toThrow('401');
    await expect(open(`/ws/${bob.id}/${bob.refreshToken}`)).rejects.toThrow('401');
    await expect(open(`/ws/${randomUUID()}/${alice.token}`)).rejects.toThrow('404');
    await expect(open(`/ws/nobody/${alice.token}`)).rejects.toThrow('404');
    await expect(open(`/ws/%00/${alice.token}`)).rejects.toThrow('404');
    await expect(open(`/ws/${alice.id}/${alice.token}`)).rejects.toThrow('400');
    await (await open(`/ws/${bob.id.replaceAll('-', '').toUpperCase()}/${alice.token}`)).close();
  });

  it('000.9 a session that is ended closes its sockets', async () => {
    const gone = await createDirectPerson(server);
    const socket = await openDirect(server, gone, bob);
    await request(server.url).post('/auth/jwt/logout').set(gone.authorization).expect(204);
    expect(await socket.closed()).toBe(4502);
    await expect(openDirect(server, gone, bob)).rejects.toThrow('401');
  });

  it('000.10 sent texts are stored and listed for both, the oldest first', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const [c, d] = await Promise.all([openDirect(server, carol, dave), openDirect(server, dave, carol)]);
    c.send('one');
    await d.next();
    d.send('two');
    await c.next();
    const rows = await list(carol, dave);
    expect(rows).toEqual([
      { sender_id: carol.id, receiver_id: dave.id, content: 'one', timestamp: expect.any(String) as string },
      { sender_id: dave.id, receiver_id: carol.id, content: 'two', timestamp: expect.any(String) as string },
    ]);
    for (const { timestamp } of rows) expect(Math.abs(Date.now() - Date.parse(timestamp))).toBeLessThan(60_000);
    expect(await list(dave, carol)).toEqual(rows);
    expect(await list(alice, dave)).toEqual([]);
    await Promise.all([c.close(), d.close()]);
  });

  it('000.10 pages have 50 unless asked, and the offset works with the limit', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const c = await openDirect(server, carol, dave);
    for (let i = 0; i < 60; i++) c.send(`n${i}`);
    await waitForMessages(carol, dave, 50);
    await expect.poll(async () => (await list(carol, dave, '?offset=59')).length).toBe(1);
    const contents = async (query: string) => (await list(carol, dave, query)).map(({ content }) => content);
    expect(await contents('')).toEqual(Array.from({ length: 50 }, (_, i) => `n${i}`));
    expect(await contents('?limit=10&offset=10')).toEqual(Array.from({ length: 10 }, (_, i) => `n${i + 10}`));
    expect(await contents('?limit=10&offset=55')).toEqual(['n55', 'n56', 'n57', 'n58', 'n59']);
    expect(await contents('?offset=9007199254740991')).toEqual([]);
    const ask = (path: string) => request(server.url).get(path).set(carol.authorization);
    for (const query of ['limit=0', 'limit=-1', 'limit=201', 'offset=-1', 'limit=x', 'offset=9223372036854775808'])
      await ask(`/messages/${dave.id}?${query}`).expect(422);
    await ask('/messages/not-an-id').expect(422);
    await request(server.url).get(`/messages/${dave.id}`).expect(401);
    expect((await ask(`/messages/${randomUUID()}`).expect(200)).body).toEqual([]);
    expect((await ask(`/messages/${carol.id}`).expect(200)).body).toEqual([]);
    await c.close();
  });

  it('000.11 a text to somebody who is away is stored', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const c = await openDirect(server, carol, dave);
    c.send('are you there?');
    await waitForMessages(dave, carol, 1);
    expect((await list(dave, carol))[0]!.content).toBe('are you there?');
    await c.close();
  });

  it('000.11 two devices of one person both hear, and closing the old one does not close the new', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const c = await openDirect(server, carol, dave);
    const old = await openDirect(server, dave, carol);
    const young = await openDirect(server, dave, carol);
    c.send('to both');
    expect([await old.next(), await young.next()]).toEqual(['to both', 'to both']);
    young.send('from the new one');
    expect(await c.next()).toBe('from the new one');
    await old.expectNothingElse();
    await old.close();
    c.send('to the new one');
    expect(await young.next()).toBe('to the new one');
    await Promise.all([c.close(), young.close()]);
  });

  it('000.11 what a third person writes never appears on a socket that is open for somebody else', async () => {
    const [carol, dave, erin] = await Promise.all([1, 2, 3].map(() => createDirectPerson(server)));
    const forCarol = await openDirect(server, dave!, carol!);
    const forErin = await openDirect(server, dave!, erin!);
    const e = await openDirect(server, erin!, dave!);
    e.send('from Erin');
    expect(await forErin.next()).toBe('from Erin');
    await forCarol.expectNothingElse();
    await Promise.all([forCarol.close(), forErin.close(), e.close()]);
  });

  it('000.11 thirty sockets of one person all hear', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const sockets = await Promise.all(Array.from({ length: 30 }, () => openDirect(server, dave, carol)));
    const c = await openDirect(server, carol, dave);
    c.send('to all of you');
    for (const socket of sockets) expect(await socket.next()).toBe('to all of you');
    await Promise.all([c, ...sockets].map((socket) => socket.close()));
  });

  it('a group that both are in stays out of it', async () => {
    const [carol, dave] = await Promise.all([createActor(server, 'Carol'), createActor(server, 'Dave')]);
    const { chatId } = await createGroup(server, [carol, dave]);
    const socket = await LineSocket.open(`${server.wsUrl}/ws/${carol.id}/${dave.token}`);
    const [c, d] = await Promise.all([logIn(server, carol), logIn(server, dave)]);
    await c.ask(messageFrame(carol, chatId, 'to the group'));
    expect((await d.next())['text']).toBe('to the group');
    await socket.expectNothingElse();
    await Promise.all([socket.close(), c.close(), d.close()]);
  });

  it('what cannot be sent is answered by a marked line, and the socket lives', async () => {
    const [a, b] = await Promise.all([openDirect(server, alice, bob), openDirect(server, bob, alice)]);
    for (const text of ['', ' \n\t ', 'x'.repeat(8_001), 'nul \u0000', 'bell \u0007'])
      expect(await a.ask(text)).toMatch(/^⚠ Text must/);
    a.sendBinary(Buffer.from([1, 2, 3]));
    expect(await a.next()).toMatch(/^⚠ Send text frames/);
    a.send('still here');
    expect(await b.next()).toBe('still here');
    await b.expectNothingElse();
    await Promise.all([a.close(), b.close()]);
  });

  it('a person who blocked the sender gets nothing, and the sender is told', async () => {
    const [carol, dave] = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const [c, d] = await Promise.all([openDirect(server, carol, dave), openDirect(server, dave, carol)]);
    c.send('before');
    expect(await d.next()).toBe('before');
    await request(server.url).put(`/api/v1/users/${carol.id}/block`).set(dave.authorization).expect(204);
    expect(await c.ask('after')).toMatch(/^⚠ .*blocked/);
    await d.expectNothingElse();
    await Promise.all([c.close(), d.close()]);
  });
});
