import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionRecord, Session } from '../../src/protocol/accounts.ts';
import { ConnectionRecorder } from '../../src/server/accounts/connections.ts';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { createActor, logIn, type Actor } from '../support/cast.ts';
import { DatabaseProxy } from '../support/proxy.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let neighbour: TestServer;
let sql: postgres.Sql;

beforeAll(async () => {
  server = await startTestServer();
  neighbour = await startTestServer({ database: { url: server.databaseUrl } });
  sql = postgres(server.databaseUrl, { max: 2 });
});
afterAll(async () => {
  expect([...server.bugs, ...neighbour.bugs]).toEqual([]);
  await sql.end();
  await neighbour[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const ask = (path: string, { authorization }: Actor, method = 'GET'): Promise<Response> =>
  fetch(`${server.url}${path}`, { method, headers: authorization });

const listConnections = async (actor: Actor, query = ''): Promise<ConnectionRecord[]> =>
  (await (await ask(`/api/v1/connections${query}`, actor)).json()) as ConnectionRecord[];

const listSessions = async (actor: Actor): Promise<Session[]> =>
  (await (await ask('/api/v1/sessions', actor)).json()) as Session[];

/** A socket of a device, logged in by its handshake. */
async function openSocket({ wsUrl }: TestServer, actor: Actor, userAgent = 'a test'): Promise<TestSocket> {
  const socket = await TestSocket.open(`${wsUrl}/ws`, { ...actor.authorization, 'user-agent': userAgent });
  expect((await socket.next()).type).toBe('auth_success');
  return socket;
}

describe('the list of devices', () => {
  it('says how many sockets each has open, on all nodes', async () => {
    const alice = await createActor(server, 'Alice');
    expect(await listSessions(alice)).toMatchObject([{ connections: 0 }]);
    const sockets = [
      await openSocket(server, alice),
      await openSocket(server, alice),
      await openSocket(neighbour, alice),
    ];
    const count = async (): Promise<unknown> => (await listSessions(alice))[0]?.connections;
    await expect.poll(count).toBe(3);
    await Promise.all([sockets[0]!.close(), sockets[2]!.close()]);
    await expect.poll(count).toBe(1);
    await sockets[1]!.close();
  });
});

describe('the history of connections', () => {
  it('tells others when somebody was last there', async () => {
    const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const findLastSeen = async (): Promise<string | null> =>
      ((await (await ask(`/api/v1/users/${alice.id}`, bob)).json()) as { last_seen_at: string | null }).last_seen_at;
    expect(await findLastSeen()).toBeNull();
    const socket = await openSocket(server, alice);
    await socket.close();
    await expect.poll(findLastSeen).not.toBeNull();
    const [left] = await listConnections(alice);
    expect(await findLastSeen()).toBe(left!.disconnected_at);
  });

  it('shows who connected from where and when, and how it ended', async () => {
    const alice = await createActor(server, 'Alice');
    const [session] = await listSessions(alice);
    const socket = await openSocket(server, alice, 'a phone');
    await expect.poll(() => listConnections(alice)).toHaveLength(1);
    const [open] = await listConnections(alice);
    expect(open).toEqual({
      id: expect.any(String) as string,
      session_id: session!.id,
      dialect: 'plain',
      ip: '127.0.0.1',
      user_agent: 'a phone',
      connected_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/) as string,
      disconnected_at: null,
      close_code: null,
    });
    socket.ws.close(4321);
    await expect
      .poll(() => listConnections(alice))
      .toEqual([{ ...open, disconnected_at: expect.any(String) as string, close_code: 4321 }]);
    const [closed] = await listConnections(alice);
    expect(Date.parse(closed!.disconnected_at!)).toBeGreaterThanOrEqual(Date.parse(closed!.connected_at));
  });

  it('knows a login on the plain socket, and that another person took the socket over', async () => {
    const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const socket = await logIn(server, alice);
    expect((await socket.ask({ email: bob.email, password: bob.password })).type).toBe('auth_success');
    await expect.poll(async () => (await listConnections(alice))[0]?.disconnected_at).toEqual(expect.any(String));
    expect(await listConnections(bob)).toMatchObject([{ disconnected_at: null }]);
    expect((await listConnections(alice))[0]?.session_id).not.toBe((await listSessions(alice))[0]?.id);
    await socket.close();
    await expect.poll(async () => (await listConnections(bob))[0]?.disconnected_at).toEqual(expect.any(String));
  });

  it('says which sockets were closed because their device was logged out, wherever they were', async () => {
    const alice = await createActor(server, 'Alice');
    const sockets = await Promise.all([openSocket(server, alice), openSocket(neighbour, alice)]);
    const [session] = await listSessions(alice);
    const response = await fetch(`${server.url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: alice.email, password: alice.password }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const elsewhere = { ...alice, authorization: { authorization: `Bearer ${token}` } };
    expect((await ask(`/api/v1/sessions/${session!.id}`, elsewhere, 'DELETE')).status).toBe(204);
    expect((await ask('/api/v1/connections', alice)).status).toBe(401);
    expect(await Promise.all(sockets.map((socket) => socket.closed()))).toEqual([4502, 4502]);
    await expect
      .poll(async () => (await listConnections(elsewhere)).map((row) => row.close_code))
      .toEqual([4502, 4502]);
  });

  it('is the own only, the newest first, in pages', async () => {
    const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    await sql`
      insert into connections (id, user_id, session_id, node_id, dialect, connected_at, disconnected_at)
      select gen_random_uuid(), ${alice.id}, gen_random_uuid(), gen_random_uuid(), 'plain',
        now() - make_interval(mins => n / 3), now() from generate_series(1, 130) n`;
    const rows: ConnectionRecord[] = [];
    for (let page = await listConnections(alice); page.length > 0;) {
      expect(page.length).toBeLessThanOrEqual(50);
      rows.push(...page);
      page = await listConnections(alice, `?before=${rows.at(-1)!.id}`);
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(130);
    const times = rows.map((row) => row.connected_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(await listConnections(alice, '?limit=7')).toEqual(rows.slice(0, 7));
    expect(await listConnections(alice, `?limit=200&before=${randomUUID()}`)).toEqual([]);
    expect(await listConnections(bob, `?before=${rows[0]!.id}`)).toEqual([]);
    expect(await listConnections(bob)).toEqual([]);
    for (const query of ['?limit=0', '?limit=201', '?limit=x', '?before=x'])
      expect((await ask(`/api/v1/connections${query}`, alice)).status, query).toBe(422);
  });

  it('is written to the end when a server stops', async () => {
    const alice = await createActor(server, 'Alice');
    const stopping = await startTestServer({ database: { url: server.databaseUrl } });
    const sockets = await Promise.all([1, 2, 3].map(() => openSocket(stopping, alice)));
    await stopping[Symbol.asyncDispose]();
    expect(await Promise.all(sockets.map((socket) => socket.closed()))).toEqual([1012, 1012, 1012]);
    expect(await listConnections(alice)).toMatchObject(
      [1, 2, 3].map(() => ({ close_code: 1012, disconnected_at: expect.any(String) as string })),
    );
  });
});

describe('the recorder', () => {
  const log = pino({ level: 'silent' });
  const socketOf = (actor: Actor) => ({
    userId: actor.id,
    sessionId: randomUUID(),
    dialect: 'plain',
    ip: '::1',
    userAgent: 'Täst "agent" \\, {NULL}',
  });
  const withPool = async (url: string, use: (pool: Sql) => Promise<void>): Promise<void> => {
    const pool = openPool(url, 2);
    try {
      await use(pool);
    } finally {
      await pool.end({ timeout: 1 });
    }
  };

  it('writes thousands of short connections in few statements', async () => {
    const alice = await createActor(server, 'Alice');
    await withPool(server.databaseUrl, async (pool) => {
      let statements = 0;
      const counted = new Proxy(pool, {
        apply(target, self, args): unknown {
          statements++;
          return Reflect.apply(target, self, args);
        },
      });
      const recorder = new ConnectionRecorder({ sql: counted, nodeId: randomUUID(), log });
      for (let i = 0; i < 5_000; i++) {
        const socket = {};
        recorder.opened(socket, socketOf(alice));
        recorder.closed(socket, 1000);
      }
      await recorder[Symbol.asyncDispose]();
      expect(statements).toBeLessThanOrEqual(10);
    });
    const [row] = await sql`
      select count(*)::int as rows, count(disconnected_at)::int as closed, min(user_agent) as agent
        from connections where user_id = ${alice.id}`;
    expect(row).toEqual({ rows: 5_000, closed: 5_000, agent: socketOf(alice).userAgent });
  });

  it('writes when the database is back what happened while it was away, with the time it happened', async () => {
    const alice = await createActor(server, 'Alice');
    await using proxy = await DatabaseProxy.open(server.databaseUrl);
    await withPool(proxy.url, async (pool) => {
      let nowMs = 0;
      const recorder = new ConnectionRecorder({
        sql: pool,
        nodeId: randomUUID(),
        log,
        collectMs: 10,
        nowMs: () => nowMs,
      });
      await pool`select 1`;
      proxy.cutNextReplies(2);
      const [one, two] = [{}, {}];
      recorder.opened(one, socketOf(alice));
      await expect.poll(() => proxy.cut).toBe(2);
      recorder.opened(two, socketOf(alice));
      recorder.closed(one, 1001);
      nowMs += 3_600_000;
      await expect.poll(async () => (await listConnections(alice)).map((row) => row.close_code)).toContain(1001);
      await recorder[Symbol.asyncDispose]();
    });
    const rows = await sql<{ close_code: number | null; long_ago: boolean }[]>`
      select close_code, extract(epoch from now() - connected_at) > 3590 as long_ago from connections
       where user_id = ${alice.id} order by id`;
    // The first was stored by the call whose answer was lost; storing it again has changed nothing.
    expect(rows.map((row) => [row.close_code, row.long_ago])).toEqual([
      [1001, false],
      [null, true],
    ]);
  });

  it('keeps no more than its bound and loses the oldest', async () => {
    const alice = await createActor(server, 'Alice');
    await withPool(server.databaseUrl, async (pool) => {
      const recorder = new ConnectionRecorder({ sql: pool, nodeId: randomUUID(), log, maxWaiting: 10 });
      for (let i = 0; i < 25; i++) recorder.opened({}, { ...socketOf(alice), userAgent: `${i}` });
      await recorder[Symbol.asyncDispose]();
    });
    const rows = await listConnections(alice);
    expect(rows.map((row) => Number(row.user_agent)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, i) => i + 15),
    );
  });

  it('closes what a node that died left open, and nothing of those that live', async () => {
    const [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const socket = await openSocket(neighbour, bob);
    await expect.poll(() => listConnections(bob)).toHaveLength(1);
    await withPool(server.databaseUrl, async (pool) => {
      const dead = new ConnectionRecorder({ sql: pool, nodeId: randomUUID(), log });
      for (let i = 0; i < 3; i++) dead.opened({}, socketOf(alice));
      await dead[Symbol.asyncDispose]();
      const session = (await listSessions(alice))[0]!;
      await sql`update connections set session_id = ${session.id} where user_id = ${alice.id}`;
      // Already before: what a dead node holds is not open.
      expect(await listSessions(alice)).toMatchObject([{ connections: 0 }]);
      const living = new ConnectionRecorder({ sql: pool, nodeId: randomUUID(), log, silentMs: 10 });
      await living.keepHouse();
    });
    expect(await listConnections(alice)).toMatchObject(
      [1, 2, 3].map(() => ({ disconnected_at: expect.any(String) as string, close_code: null })),
    );
    expect(await listConnections(bob)).toMatchObject([{ disconnected_at: null }]);
    await socket.close();
  });

  it('forgets after 90 days', async () => {
    const alice = await createActor(server, 'Alice');
    await sql`
      insert into connections (id, user_id, session_id, node_id, dialect, connected_at, disconnected_at)
      select gen_random_uuid(), ${alice.id}, gen_random_uuid(), gen_random_uuid(), 'plain',
        now() - make_interval(days => n), now() - make_interval(days => n) from unnest(array[1, 89, 91, 400]) n`;
    await withPool(server.databaseUrl, (pool) =>
      new ConnectionRecorder({ sql: pool, nodeId: randomUUID(), log, silentMs: 10 }).keepHouse(),
    );
    expect(await listConnections(alice)).toHaveLength(2);
  });
});
