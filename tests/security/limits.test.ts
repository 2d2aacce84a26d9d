import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';

/** One over each limit; each test takes what is one less as well, where that is not plain from elsewhere. */
describe('one over the limit', () => {
  let server: TestServer;
  let sql: postgres.Sql;
  let alice: Actor;
  let bob: Actor;
  let chatId: string;
  let a: TestSocket;

  const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code?: string }).code;
  const ask = async (frame: unknown): Promise<unknown> => {
    const answer = await a.ask(frame);
    return answer.type === 'error' ? answer.detail?.['code'] : 'ok';
  };
  const insertPeople = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    await sql`insert into users (id, name, phone) select t, 'Somebody', '+' || (10000000 + floor(random() * 1e14)::bigint)
      from unnest(${ids}::uuid[]) t`;
    return ids;
  };

  beforeAll(async () => {
    server = await startTestServer({ config: { rateLimits: true, trustProxy: 'loopback' } });
    sql = postgres(server.databaseUrl, { max: 2 });
    [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    ({ chatId } = await createGroup(server, [alice, bob]));
    a = await logIn(server, alice);
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await a.close();
    await sql.end();
    await server[Symbol.asyncDispose]();
  });

  it.each([
    ['a text of 8,000 code points', '漢'.repeat(limits.message.maxCodePoints), 'ok'],
    ['of 8,001', '漢'.repeat(limits.message.maxCodePoints + 1), 'invalid_request'],
    ['of 8,000 that take two units each', '😀'.repeat(limits.message.maxCodePoints), 'ok'],
    ['of 8,001 that take two units each', '😀'.repeat(limits.message.maxCodePoints + 1), 'invalid_request'],
  ])('message: %s', async (_what, text, expected) => {
    expect(await ask(messageFrame(alice, chatId, text))).toBe(expected);
  });

  it('frame and body: 128 KiB, depth 16, 64 keys, 1,000 elements', async () => {
    const { maxBytes, maxDepth, maxKeys, maxElements } = limits.json;
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const keys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`;
    const elements = (count: number): string => `[${Array.from({ length: count }, () => 1).join(',')}]`;
    const sized = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;
    for (const [within, beyond] of [
      [nested(maxDepth), nested(maxDepth + 1)],
      [keys(maxKeys), keys(maxKeys + 1)],
      [elements(maxElements), elements(maxElements + 1)],
    ] as const) {
      expect(await ask(within)).toBe('invalid_request');
      expect(await ask(beyond)).toBe('too_deep');
      expect(await codeOf(await post('/api/v1/auth/refresh', beyond, from('10.0.0.1')))).toBe('too_deep');
    }
    expect(await ask(sized(maxBytes))).toBe('invalid_request');
    const socket = await TestSocket.open(`${server.wsUrl}/ws`);
    socket.send(sized(maxBytes + 1));
    expect(await socket.closed()).toBe(1009);
    const answer = await post('/api/v1/auth/refresh', sized(maxBytes + 1), from('10.0.0.1'));
    expect([answer.status, await codeOf(answer)]).toEqual([413, 'too_large']);
  });

  it('names, addresses and passwords', async () => {
    const register = async (change: object): Promise<number> => {
      const body = { name: 'N', email: `${randomUUID()}@example.com`, password: 'long enough for anybody', ...change };
      return (await post('/api/v1/auth/register', body, from('10.0.0.2'))).status;
    };
    const { maxNameCodePoints, maxUsernameCodePoints, minUsernameCodePoints, maxEmailBytes } = limits.text;
    const address = (bytes: number): string => `${'e'.repeat(bytes - 12)}@example.com`;
    expect(await register({ name: '漢'.repeat(maxNameCodePoints + 1) })).toBe(422);
    expect(await register({ username: 'u'.repeat(maxUsernameCodePoints + 1) })).toBe(422);
    expect(await register({ username: 'u'.repeat(minUsernameCodePoints - 1) })).toBe(422);
    expect(await register({ email: address(maxEmailBytes + 1) })).toBe(422);
    expect(await register({ password: 'p'.repeat(limits.password.minLength - 1) })).toBe(422);
    expect(await register({ password: 'ж'.repeat(limits.password.maxBytes / 2) + 'x' })).toBe(422);
    expect(
      await register({
        name: '漢'.repeat(maxNameCodePoints),
        username: `u${'n'.repeat(maxUsernameCodePoints - 1)}`,
        email: address(maxEmailBytes),
        password: 'ж'.repeat(limits.password.maxBytes / 2),
      }),
    ).toBe(200);
    expect(await ask({ name: '漢'.repeat(maxNameCodePoints + 1), users: [] })).toBe('invalid_request');
  });

  it('a page of 200', async () => {
    for (const path of [`/history/${chatId}`, '/api/v1/chats'])
      for (const [limit, status] of [
        [limits.page.maxRows, 200],
        [limits.page.maxRows + 1, 422],
      ] as const)
        expect((await fetch(`${server.url}${path}?limit=${limit}`, { headers: alice.authorization })).status).toBe(
          status,
        );
  });

  it('a clock more than a minute ahead', async () => {
    const b = await logIn(server, bob);
    const sendAt = async (aheadMs: number): Promise<number> => {
      const timestamp = new Date(Date.now() + aheadMs).toISOString();
      await a.ask({ ...messageFrame(alice, chatId, 'when'), timestamp });
      return Date.parse(String((await b.next())['timestamp'])) - Date.now();
    };
    expect(await sendAt(limits.clock.maxAheadMs - 10_000)).toBeGreaterThan(30_000);
    expect(await sendAt(limits.clock.maxAheadMs + 10_000)).toBeLessThan(10_000);
    await b.close();
  });

  it('a group of 1,000', async () => {
    const people = await insertPeople(limits.counts.membersPerGroup);
    expect(await ask({ name: 'Too many', users: people })).toBe('too_many_members');
    expect(await ask({ name: 'Far too many', users: [...people, bob.id] })).toBe('too_deep');
    const group = await a.ask({ name: 'Full', users: people.slice(1) });
    expect(group['user_group']).toHaveLength(limits.counts.membersPerGroup);
    const members = `/api/v1/chats/${String(group['chat_id'])}/members`;
    expect(await codeOf(await post(members, { user_ids: [bob.id] }, alice.authorization))).toBe('too_many_members');
  });

  it('2,000 chats of a person, whoever makes them', async () => {
    const full = await createActor(server, 'Full');
    await sql`with made as (insert into chats (id, type, version, members_version)
        select gen_random_uuid(), 'group', 1, 1 from generate_series(1, ${limits.counts.chatsPerUser}) returning id)
      insert into memberships (chat_id, user_id, role, version) select id, ${full.id}, 'owner', 1 from made`;
    expect(await ask({ name: 'One more', users: [full.id] })).toBe('too_many_chats');
    const own = await post('/api/v1/chats/group', { name: 'One more', member_ids: [] }, full.authorization);
    expect(await codeOf(own)).toBe('too_many_chats');
    const direct = await post('/api/v1/chats/personal', { member_ids: [full.id] }, alice.authorization);
    expect(await codeOf(direct)).toBe('too_many_chats');
    const added = await post(`/api/v1/chats/${chatId}/members`, { user_ids: [full.id] }, alice.authorization);
    expect(await codeOf(added)).toBe('too_many_chats');
    await sql`delete from memberships where user_id = ${full.id} and chat_id in (select chat_id from memberships where user_id = ${full.id} limit 1)`;
    expect(await ask({ name: 'Room again', users: [full.id] })).toBe('ok');
  });

  it('20 devices: the longest unused is logged out', async () => {
    const carol = await createActor(server, 'Carol');
    for (let i = 0; i < limits.counts.sessionsPerUser; i++) {
      expect((await fetch(`${server.url}/api/v1/sessions`, { headers: carol.authorization })).status).toBe(200);
      const login = { email: carol.email, password: carol.password };
      expect((await post('/api/v1/auth/token', login, from(`10.1.0.${i}`))).status).toBe(200);
    }
    expect((await fetch(`${server.url}/api/v1/sessions`, { headers: carol.authorization })).status).toBe(401);
  });

  it('50 sockets of a person: the oldest yields, even when it does not answer', async () => {
    const sockets: RawSocket[] = [];
    const { authorization } = bob.authorization;
    for (let i = 0; i < limits.counts.socketsPerUser + 10; i++)
      sockets.push(await RawSocket.open(`${server.wsUrl}/ws`, { authorization }));
    const closed = (): (number | undefined)[] => sockets.map((raw) => raw.closeCode);
    await expect.poll(() => closed().filter((code) => code === 1008).length).toBe(10);
    expect(closed().slice(0, 10)).toEqual(Array(10).fill(1008));
    for (const raw of sockets) raw.destroy();
  });

  it('2,000 sockets that have not logged in: the oldest of all yields', async () => {
    const open = (i: number): Promise<RawSocket> => RawSocket.open(`${server.wsUrl}/ws`, from(`10.2.${i % 100}.0`));
    const sockets = [await open(0)];
    while (sockets.length <= limits.sockets.anonymousPerProcess) {
      const count = Math.min(100, limits.sockets.anonymousPerProcess + 1 - sockets.length);
      sockets.push(...(await Promise.all(Array.from({ length: count }, (_, i) => open(i)))));
    }
    await expect.poll(() => sockets.filter((raw) => raw.closeCode === 1013).length).toBe(1);
    expect(sockets[0]!.closeCode).toBe(1013);
    for (const raw of sockets) raw.destroy();
  });

  it('sends: 300 at once, the rest at their rate, none lost and in order', async () => {
    const dave = await createActor(server, 'Dave');
    const { chatId: alone } = await createGroup(server, [dave]);
    const socket = await logIn(server, dave);
    const { burst, perSecond } = limits.rates.sends;
    const frames = Array.from({ length: burst + 20 }, (_, i) => messageFrame(dave, alone, `message ${i}`));
    const startedAt = performance.now();
    // One at a time reaches the server as one piece at a time, which it stops reading.
    for (const frame of frames) socket.send(frame);
    const acks: Frame[] = [];
    for (const _ of frames) acks.push(await socket.next());
    expect(acks.map((ack) => ack['client_id'])).toEqual(frames.map((frame) => frame['client_id']));
    expect(await socket.ask(messageFrame(dave, alone, 'behind the pause'))).toHaveProperty('client_id');
    expect(performance.now() - startedAt).toBeGreaterThan((20 / perSecond) * 1_000 * 0.8);
    await socket.close();
  });

  it.each([
    [
      'of a person',
      limits.rates.http.burst,
      () => fetch(`${server.url}/api/v1/sessions`, { headers: bob.authorization }),
    ],
    [
      'of a stranger',
      limits.rates.strangers.burst,
      () => post('/api/v1/auth/refresh', { refresh_token: 'x' }, from('10.3.0.1')),
    ],
    [
      'to register',
      limits.rates.registrationsPerHour,
      () =>
        post(
          '/api/v1/auth/register',
          { name: 'N', email: `${randomUUID()}@example.com`, password: 'long enough for anybody' },
          from('10.3.0.2'),
        ),
    ],
  ])('requests %s: 429 and when to come back', async (_what, burst, request) => {
    const answers = await Promise.all(Array.from({ length: burst + 5 }, request));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(answers.length - refused.length).toBeLessThanOrEqual(burst);
    for (const answer of refused) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(refused[0]!)).toBe('rate_limited');
  });

  it('wrong passwords: 5 at one account, 100 of one address; elsewhere the owner logs in', async () => {
    const socket = await TestSocket.open(`${server.wsUrl}/ws`, from('10.4.0.1'));
    const guess = async (email: string): Promise<unknown> =>
      (await socket.ask({ email, password: 'a guess' })).detail?.['code'];
    const { triesPerAccount, failuresPerAddressPerHour } = limits.rates.login;
    for (let i = 0; i < triesPerAccount; i++) expect(await guess(bob.email)).toBe('wrong_credentials');
    expect(await guess(bob.email)).toBe('rate_limited');
    const elsewhere = await TestSocket.open(`${server.wsUrl}/ws`, from('10.4.0.2'));
    expect(await elsewhere.ask({ email: bob.email, password: bob.password })).toMatchObject({ type: 'auth_success' });
    await elsewhere.close();
    for (let i = triesPerAccount; i < failuresPerAddressPerHour; i++)
      expect(await guess(`${randomUUID()}@example.com`)).toBe('wrong_credentials');
    expect(await guess(`${randomUUID()}@example.com`)).toBe('rate_limited');
    await socket.close();
  });

  it('a chat that stays locked: the same again later, and others go on', async () => {
    const { chatId: other } = await createGroup(server, [alice]);
    const held = await logIn(server, alice);
    const holder = await sql.reserve();
    await holder`begin`;
    await holder`select from chats where id = ${other} for update`;
    const startedAt = performance.now();
    const answer = await held.ask(messageFrame(alice, other, 'held up'));
    expect(answer.detail).toMatchObject({ code: 'unavailable', retry: 'same' });
    expect(performance.now() - startedAt).toBeLessThan(limits.writer.giveUpAfterMs + limits.postgres.lockMs + 1_500);
    await holder`rollback`;
    holder.release();
    expect(await held.ask(messageFrame(alice, other, 'and free'))).toHaveProperty('client_id');
    await held.close();
  });

  it('a connection that says nothing more after a request is closed', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const startedAt = performance.now();
    socket.resume();
    await once(socket, 'close');
    const elapsedMs = performance.now() - startedAt;
    expect(elapsedMs).toBeGreaterThan(limits.http.keepAliveMs * 0.8);
    expect(elapsedMs).toBeLessThan(limits.http.keepAliveMs + 5_000);
  });
});
