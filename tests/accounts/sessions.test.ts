import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Session } from '../../src/protocol/accounts.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  askWith,
  tokensOf,
  codeOf,
  logIn,
  mistakesOf,
  password,
  register,
  tryLogIn,
  type RegisteredPerson,
} from './cast.ts';

let server: TestServer;
let neighbour: TestServer;
let alice: RegisteredPerson;
beforeAll(async () => {
  server = await startTestServer();
  neighbour = await startTestServer({ database: { url: server.databaseUrl } });
});
beforeEach(async () => {
  alice = await register(server.url, 'alice');
});
afterAll(async () => {
  await neighbour[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const listSessions = async (token: string) => (await askWith(server.url, token).expect(200)).body as Session[];
const end = (token: string, path: string) => request(server.url).delete(path).set('authorization', `Bearer ${token}`);

/** A socket that is logged in by its handshake, and the code it was closed with. */
async function openSocket(url: string, token: string): Promise<{ closed: Promise<number> }> {
  const socket = new WebSocket(`${url}/ws`, { headers: { authorization: `Bearer ${token}` } });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
  return { closed };
}

describe('the list of sessions', () => {
  it('shows each device, the last used first, and which one asks', async () => {
    const phone = await tryLogIn(server.url, { email: alice.email, password }).set('user-agent', 'phone').expect(200);
    const desk = await tryLogIn(server.url, { email: alice.email, password }).set('user-agent', 'desk').expect(200);
    const rows = await listSessions(tokensOf(phone).access_token);
    expect(rows.map(({ user_agent, current }) => [user_agent, current])).toEqual([
      ['desk', false],
      ['phone', true],
    ]);
    expect(rows[0]).toMatchObject({ ip: '127.0.0.1' });
    expect(rows[0]!.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(desk.status).toBe(200);
  });

  it('cuts what a client calls itself', async () => {
    const login = tryLogIn(server.url, { email: alice.email, password }).set('user-agent', 'x'.repeat(5_000));
    const { access_token } = tokensOf(await login.expect(200));
    expect((await listSessions(access_token))[0]?.user_agent).toHaveLength(400);
  });

  it('does not show what has ended', async () => {
    const [phone, desk] = [await logIn(server.url, alice), await logIn(server.url, alice)];
    await request(server.url)
      .post('/api/v1/auth/logout')
      .set('authorization', `Bearer ${desk.access_token}`)
      .expect(204);
    expect(await listSessions(phone.access_token)).toHaveLength(1);
  });
});

describe('ending sessions', () => {
  it('ends one device and leaves the others', async () => {
    const [phone, desk] = [await logIn(server.url, alice), await logIn(server.url, alice)];
    const other = (await listSessions(phone.access_token)).find(({ current }) => !current)!;
    await end(phone.access_token, `/api/v1/sessions/${other.id}`).expect(204);
    expect(codeOf(await askWith(server.url, desk.access_token))).toBe('session_revoked');
    await askWith(server.url, phone.access_token).expect(200);
    await end(phone.access_token, `/api/v1/sessions/${other.id.toUpperCase()}`).expect(204);
  });

  it("does not reach anybody else's", async () => {
    const mallory = await logIn(server.url, await register(server.url, 'mallory'));
    const { access_token } = await logIn(server.url, alice);
    const [session] = await listSessions(access_token);
    for (const id of [session!.id, randomUUID()]) {
      const response = await end(mallory.access_token, `/api/v1/sessions/${id}`);
      expect([response.status, codeOf(response)]).toEqual([404, 'not_found']);
    }
    expect(mistakesOf(await end(mallory.access_token, '/api/v1/sessions/none'))).toEqual(['sessionId uuid_parsing']);
    await end(mallory.access_token, '/api/v1/sessions').expect(204);
    await askWith(server.url, access_token).expect(200);
  });

  it('ends all other devices at once', async () => {
    const [phone, desk, tablet] = [
      await logIn(server.url, alice),
      await logIn(server.url, alice),
      await logIn(server.url, alice),
    ];
    await end(phone.access_token, '/api/v1/sessions').expect(204);
    expect((await askWith(server.url, desk.access_token)).status).toBe(401);
    expect((await askWith(server.url, tablet.access_token)).status).toBe(401);
    await askWith(server.url, phone.access_token).expect(200);
  });

  it('needs a login', async () => {
    for (const [method, path] of [
      ['get', '/api/v1/sessions'],
      ['delete', '/api/v1/sessions'],
      ['delete', `/api/v1/sessions/${randomUUID()}`],
      ['post', '/api/v1/auth/logout'],
    ] as const)
      expect(codeOf(await request(server.url)[method](path))).toBe('not_authenticated');
  });

  it('closes the sockets of the session on every node within a second', async () => {
    const [phone, desk] = [await logIn(server.url, alice), await logIn(server.url, alice)];
    const sockets = await Promise.all([
      openSocket(server.wsUrl, desk.access_token),
      openSocket(neighbour.wsUrl, desk.access_token),
    ]);
    await askWith(neighbour.url, desk.access_token).expect(200);
    const startedAt = performance.now();
    await end(phone.access_token, '/api/v1/sessions').expect(204);
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4502, 4502]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await expect
      .poll(async () => (await askWith(neighbour.url, desk.access_token)).status, { timeout: 1_000 })
      .toBe(401);
  });
});
