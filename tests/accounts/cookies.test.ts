import { createConnection } from 'node:net';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/server/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, password, register, tryLogIn, type RegisteredPerson } from './cast.ts';

let server: TestServer;
let alice: RegisteredPerson;
beforeAll(async () => {
  server = await startTestServer();
  alice = await register(server.url, 'alice');
});
afterAll(() => server[Symbol.asyncDispose]());

/** Logs in as a browser does; answers the Set-Cookie headers and the Cookie header that follows from them. */
async function openBrowser(url = server.url, headers: Record<string, string> = {}) {
  const response = await tryLogIn(url, { email: alice.email, password, cookie: true }).set(headers).expect(200);
  const set = response.headers['set-cookie'] as unknown as string[];
  return { set, cookie: set.map((line) => line.split(';')[0]).join('; '), body: response.body as object };
}

const ownOrigin = () => server.url;
const list = (cookie: string) => request(server.url).get('/api/v1/sessions').set('cookie', cookie);
const endOthers = (cookie: string, headers: Record<string, string> = {}) =>
  request(server.url)
    .delete('/api/v1/sessions')
    .set({ cookie, ...headers });

describe('a login by cookie', () => {
  it('hides both tokens from the scripts of the page', async () => {
    const { set, body, cookie } = await openBrowser();
    expect(Object.keys(body).sort()).toEqual(['expires_in', 'name', 'token_type', 'user_id']);
    expect(set).toHaveLength(2);
    for (const line of set)
      expect(line).toMatch(/^messenger_(access|refresh)=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    await list(cookie).expect(200);
  });

  it('sets no cookie unless it is asked for', async () => {
    const response = await tryLogIn(server.url, { email: alice.email, password }).expect(200);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it.each<[string, Partial<Config>, Record<string, string>]>([
    ['PUBLIC_URL says so', { publicUrl: 'https://chat.example.org' }, {}],
    ['a proxy says so', { trustProxy: 1 }, { 'x-forwarded-proto': 'https' }],
  ])('binds the cookies to host and TLS where %s', async (_why, config, headers) => {
    await using secure = await startTestServer({ config, database: { url: server.databaseUrl } });
    const { set, cookie } = await openBrowser(secure.url, headers);
    for (const line of set) expect(line).toMatch(/^__Host-messenger_.*; Secure$/);
    const ask = (value: string) =>
      request(secure.url)
        .get('/api/v1/sessions')
        .set({ cookie: value, ...headers });
    await ask(cookie).expect(200);
    await ask(cookie.replaceAll('__Host-', '')).expect(401);
  });

  it('from the page of another origin is refused', async () => {
    const response = await tryLogIn(server.url, { email: alice.email, password, cookie: true }).set(
      'origin',
      'http://evil.example',
    );
    expect([response.status, codeOf(response)]).toEqual([403, 'csrf']);
  });

  it('ends with the session, and the browser forgets it', async () => {
    const { cookie } = await openBrowser();
    const response = await request(server.url)
      .post('/api/v1/auth/logout')
      .set({ cookie, 'sec-fetch-site': 'same-origin' })
      .expect(204);
    for (const line of response.headers['set-cookie'] as unknown as string[]) expect(line).toMatch(/=; .*Max-Age=0$/);
    expect(codeOf(await list(cookie))).toBe('session_revoked');
  });

  it('goes on by its refresh cookie, for the own page only', async () => {
    const { cookie } = await openBrowser();
    const refresh = (headers: Record<string, string>) =>
      request(server.url)
        .post('/api/v1/auth/refresh')
        .set({ cookie, ...headers });
    expect(codeOf(await refresh({}))).toBe('csrf');
    expect(codeOf(await refresh({ 'sec-fetch-site': 'cross-site' }))).toBe('csrf');
    const response = await refresh({ 'sec-fetch-site': 'same-origin' }).expect(200);
    expect(Object.keys(response.body as object).sort()).toEqual(['expires_in', 'name', 'token_type', 'user_id']);
    const next = (response.headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]).join('; ');
    expect(next).not.toContain(/messenger_refresh=([\w-]+)/.exec(cookie)![1]);
    await list(next).expect(200);
  });
});

describe('a request by cookie that changes something', () => {
  it.each<[string, (own: string) => Record<string, string>]>([
    ['the browser calls it same-origin', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['its Origin is exactly this server', (own) => ({ origin: own })],
    ['it says both', (own) => ({ 'sec-fetch-site': 'same-origin', origin: own })],
  ])('is done when %s', async (_why, headers) => {
    await endOthers((await openBrowser()).cookie, headers(ownOrigin())).expect(204);
  });

  it.each<[string, (own: string) => Record<string, string>]>([
    ['nothing says where it comes from', () => ({})],
    ['the browser calls it cross-site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['it comes from a neighbour under the same name', () => ({ 'sec-fetch-site': 'same-site' })],
    ['the person typed it', () => ({ 'sec-fetch-site': 'none' })],
    ['the browser calls it cross-site with our Origin', (own) => ({ 'sec-fetch-site': 'cross-site', origin: own })],
    ['its Origin is another', () => ({ origin: 'http://evil.example' })],
    ['its Origin begins like ours', (own) => ({ origin: `${own}.evil.example` })],
    ['its Origin has another port', () => ({ origin: 'http://127.0.0.1:1' })],
    ['its Origin has another scheme', (own) => ({ origin: own.replace('http:', 'https:') })],
    ['its Origin is hidden', () => ({ origin: 'null' })],
  ])('is refused when %s', async (_why, headers) => {
    const response = await endOthers((await openBrowser()).cookie, headers(ownOrigin()));
    expect([response.status, codeOf(response)]).toEqual([403, 'csrf']);
  });

  it('is refused with a body that a form could send', async () => {
    const { cookie } = await openBrowser();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const response = await request(server.url)
        .post('/api/v1/auth/logout')
        .set({ cookie, 'sec-fetch-site': 'same-origin', 'content-type': type })
        .send('{}');
      expect(response.status).toBe(415);
    }
    await list(cookie).expect(200);
  });

  it('under a foreign host name is refused on loopback, whatever else it says', async () => {
    const { cookie } = await openBrowser();
    const port = new URL(server.url).port;
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '']) {
      const answer = await request(server.url).get('/api/v1/sessions').set({ cookie, host });
      expect(answer.status).not.toBe(200);
    }
    for (const host of [`localhost:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
      const answer = await request(server.url).get('/api/v1/sessions').set({ cookie, host });
      expect(answer.status).toBe(200);
    }
  });

  it('with a bad Bearer token is not saved by a good cookie', async () => {
    const { cookie } = await openBrowser();
    for (const authorization of ['Bearer x', 'bearer', 'Bearer a b'])
      expect((await list(cookie).set('authorization', authorization)).status).toBe(401);
    expect((await list(cookie).set('authorization', 'Basic YTpi')).status).toBe(200);
  });
});

describe('a WebSocket handshake', () => {
  /** The status line's number. */
  const shake = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port, host } = new URL(server.url);
      const all = {
        host,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      const stream = createConnection(Number(port), hostname, () =>
        stream.write(`GET /ws HTTP/1.1\r\n${lines.join('')}\r\n`),
      );
      stream.once('data', (data) => {
        resolve(Number(data.toString().split(' ')[1]));
        stream.destroy();
      });
      stream.once('error', reject);
    });

  it('by cookie is for the own page only', async () => {
    const { cookie } = await openBrowser();
    expect(await shake({ cookie, origin: ownOrigin() })).toBe(101);
    expect(await shake({ cookie })).toBe(101);
    expect(await shake({ cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await shake({ cookie, origin: 'null' })).toBe(403);
  });

  it('without a cookie that counts is for any page', async () => {
    expect(await shake({ origin: 'http://evil.example' })).toBe(101);
    expect(await shake({ cookie: 'messenger_access=old', origin: 'http://evil.example' })).toBe(101);
  });

  it('with a bad Bearer token is refused', async () => {
    expect(await shake({ authorization: 'Bearer x' })).toBe(401);
  });
});
