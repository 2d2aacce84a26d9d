/** Many at once want what only one can have. */
import { randomInt, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

const crowd = 20;
const password = 'long enough for anybody';

describe('identity races', () => {
  let server: TestServer;
  let sql: postgres.Sql;

  beforeAll(async () => {
    server = await startTestServer();
    sql = postgres(server.databaseUrl, { max: 2 });
  });
  afterAll(async () => {
    await sql.end();
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  const ask = async (method: string, path: string, body: unknown, as?: Actor): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...as?.authorization },
      body: JSON.stringify(body),
    });
  const times = <T>(make: (i: number) => Promise<T>, count = crowd): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => make(i)));

  /** The same letters in other cases. */
  const inCase = (text: string, i: number): string =>
    i % 3 === 0 ? text : i % 3 === 1 ? text.toUpperCase() : text.replace(/[a-z]/, (letter) => letter.toUpperCase());

  /** Every way to register, with the statuses of the one who gets the identifier and of those who do not. */
  const ways = {
    canonical: { path: '/api/v1/auth/register', toBody: (own: object) => ({ name: 'New', password, ...own }) },
    'by e-mail at the root': { path: '/auth/register', toBody: (own: object) => ({ name: 'New', password, ...own }) },
    'by phone at the root': {
      path: '/auth/register',
      toBody: ({ phone, ...own }: { phone?: string }) => ({ phone_number: phone ?? newPhone(), password, ...own }),
    },
    'of system 001': {
      path: '/users/create',
      toBody: (own: object) => ({ username: newName(), email: `${newName()}@example.com`, password: 'sesame', ...own }),
    },
  };
  const newName = (): string => `name${randomUUID().slice(0, 8)}`;
  const newPhone = (): string => `+7${randomInt(1_000_000_000, 9_999_999_999)}`;

  const expectOneWinner = (statuses: number[]): void => {
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status >= 300 && status !== 400 && status !== 409)).toEqual([]);
  };
  const countOf = async (column: string, value: string): Promise<number> => {
    const rows = await sql`select from users where lower(${sql(column)}) = lower(${value})`;
    return rows.length;
  };

  const wanted = [
    ['canonical', 'email'],
    ['canonical', 'phone'],
    ['canonical', 'username'],
    ['by e-mail at the root', 'email'],
    ['by phone at the root', 'phone'],
    ['by phone at the root', 'email'],
    ['by phone at the root', 'username'],
    ['of system 001', 'email'],
    ['of system 001', 'username'],
  ] as const;
  const makeValue = { email: () => `${newName()}@example.com`, phone: newPhone, username: newName };

  it.each(wanted)('twenty register %s with one %s: one gets it', async (way, key) => {
    const { path, toBody } = ways[way];
    const value = makeValue[key]();
    const answers = await times((i) => ask('POST', path, toBody({ [key]: inCase(value, i) })));
    expectOneWinner(answers.map(({ status }) => status));
    expect(await countOf(key, value)).toBe(1);
  });

  it.each(['email', 'username'] as const)('twenty register by all ways with one %s: one gets it', async (key) => {
    const value = makeValue[key]();
    const all = Object.values(ways).filter(({ path }) => key === 'email' || path !== '/auth/register');
    const answers = await times((i) => {
      const { path, toBody } = all[i % all.length]!;
      return ask('POST', path, toBody({ [key]: inCase(value, i) }));
    });
    expectOneWinner(answers.map(({ status }) => status));
    expect(await countOf(key, value)).toBe(1);
  });

  it.each([
    ['/api/v1/users/me', 'PATCH', true],
    ['/users/me', 'PATCH', false],
  ] as const)('twenty people take one username at %s: one gets it', async (path, method, needsProof) => {
    const people = await times(() => createActor(server, 'Renamed'));
    const username = newName();
    const answers = await times((i) => {
      const proof = needsProof ? { current_password: people[i]!.password } : {};
      return ask(method, path, { username: inCase(username, i), ...proof }, people[i]);
    });
    expectOneWinner(answers.map(({ status }) => status));
    expect(await countOf('username', username)).toBe(1);
    const winner = people[answers.findIndex(({ status }) => status === 200)]!;
    const [row] = await sql<
      { username: string }[]
    >`select lower(username) as username from users where id = ${winner.id}`;
    expect(row!.username).toBe(username);
  });

  it('a person is deleted while twenty register with the address: at most one gets it, and nobody else’s account is touched', async () => {
    for (let round = 0; round < 5; round++) {
      const leaving = await createActor(server, 'Leaving');
      const [deleted, ...answers] = await Promise.all([
        ask('DELETE', '/api/v1/users/me', { current_password: leaving.password }, leaving),
        ...Array.from({ length: crowd }, (_, i) =>
          ask('POST', '/api/v1/auth/register', ways.canonical.toBody({ email: inCase(leaving.email, i) })),
        ),
      ]);
      expect(deleted.status).toBe(204);
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200 && status !== 400)).toEqual([]);
      const won = statuses.filter((status) => status === 200).length;
      expect(won).toBeLessThanOrEqual(1);
      expect(await countOf('email', leaving.email)).toBe(won);
      // The old password belongs to nobody any more.
      const { email } = leaving;
      const login = await ask('POST', '/api/v1/auth/token', { email, password: leaving.password });
      expect(login.status).toBe(401);
      const [gone] = await sql<{ email: string | null }[]>`select email from users where id = ${leaving.id}`;
      expect(gone!.email).toBeNull();
    }
  });

  it('two people open their direct chat by every road at once: there is one', async () => {
    for (let round = 0; round < 5; round++) {
      const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
      const [lobby, line] = await Promise.all([
        TestSocket.open(`${server.wsUrl}/messenger/ws/?token=${alice.token}`),
        TestSocket.open(`${server.wsUrl}/ws/${alice.id}/${bob.token}`),
      ]);
      lobby.send(`/pm ${bob.email} by the lobby`);
      line.send('by the direct socket');
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => ask('POST', '/api/v1/chats/personal', { member_ids: [bob.id] }, alice)),
        ...Array.from({ length: 5 }, () => ask('POST', '/api/v1/chats/personal', { member_ids: [alice.id] }, bob)),
        ...Array.from({ length: 5 }, () => ask('POST', '/chats', { user_id: bob.id }, alice)),
        ...Array.from({ length: 5 }, () => ask('POST', '/api/v1/chats', { user_id: alice.id }, bob)),
      ]);
      const canonical = await Promise.all(
        answers.slice(0, 10).map(async (answer) => [answer.status, await answer.json()]),
      );
      expect(new Set(canonical.map(([status]) => status))).toEqual(new Set([200]));
      expect(new Set(canonical.map(([, body]) => (body as { id: string }).id)).size).toBe(1);
      const others = answers.slice(10).map(({ status }) => status);
      expect(others.filter((status) => status !== 201 && status !== 409)).toEqual([]);
      expect(others.filter((status) => status === 201).length).toBeLessThanOrEqual(1);
      const key = [alice.id, bob.id].toSorted().join(':');
      const texts = (): Promise<{ text: string }[]> => sql<{ text: string }[]>`
        select m.text from messages m join chats c on c.id = m.chat_id where c.direct_key = ${key} order by m.text`;
      await expect
        .poll(async () => (await texts()).map(({ text }) => text))
        .toEqual(['by the direct socket', 'by the lobby']);
      const chats = await sql`select from chats where direct_key = ${key}`;
      expect(chats).toHaveLength(1);
      await Promise.all([lobby.close(), line.close()]);
    }
  });

  it('one blocks and unblocks while the other writes: what was refused is not stored, and what was stored was acknowledged', async () => {
    const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const opened = await ask('POST', '/api/v1/chats/personal', { member_ids: [bob.id] }, alice);
    const { id: chatId } = (await opened.json()) as { id: string };
    const socket = await logIn(server, bob);
    const frames = Array.from({ length: 200 }, (_, i) => messageFrame(bob, chatId, `text ${i}`));
    for (const frame of frames.slice(0, 100)) socket.send(frame);
    const toggles = times((i) => ask(i % 2 ? 'DELETE' : 'PUT', `/api/v1/users/${bob.id}/block`, {}, alice), 40);
    for (const frame of frames.slice(100)) socket.send(frame);
    expect(new Set((await toggles).map(({ status }) => status))).toEqual(new Set([204]));
    await socket.until('answers', () => socket.received.length === frames.length + 1);
    const answers = socket.received.slice(1).map((text) => JSON.parse(text) as Record<string, unknown>);
    const refused = answers.filter(({ type }) => type === 'error');
    for (const { detail } of refused) expect(detail).toMatchObject({ code: 'blocked' });
    const acked = answers.flatMap(({ client_id: id }) => (typeof id === 'string' ? [id] : []));
    const stored = await sql<
      { id: string }[]
    >`select client_id as id from messages where chat_id = ${chatId} order by seq`;
    expect(stored.map(({ id }) => id)).toEqual(acked);
    // The chat and the list of blocked people agree, whatever the order was.
    const [row] = await sql<{ agrees: boolean }[]>`
      select c.blocked = is_blocked(${alice.id}, ${bob.id}) as agrees from chats c where c.id = ${chatId}`;
    expect(row!.agrees).toBe(true);
    await socket.close();
  });
});
