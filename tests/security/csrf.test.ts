/** What another page can make a browser send, with the cookies of somebody who is logged in here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { callsOfChats } from './matrix/calls-of-chats.ts';
import { callsOfPeople } from './matrix/calls-of-people.ts';
import { Stage, type World } from './matrix/world.ts';

const calls = { ...callsOfPeople, ...callsOfChats };
const idOf = ({ method, path }: Endpoint): string => `${method} ${path}`;
const unsafe = endpoints.filter(({ method, auth }) => method !== 'get' && auth === 'user');

/** What a browser says of a request that another page made. */
const foreign = {
  'another origin': { origin: 'https://evil.example' },
  'another site, as the browser says': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'a neighbour on the same site': { 'sec-fetch-site': 'same-site' },
  'no origin at all': {},
  'an origin that is none': { origin: 'null' },
};

/** What a form of another page can send without asking first. */
const forms = {
  form: { type: 'application/x-www-form-urlencoded', body: 'text=Hello' },
  'form with a file': { type: 'multipart/form-data; boundary=x', body: '--x--\r\n' },
  text: { type: 'text/plain', body: '{"text":"Hello"}' },
};

describe('a page of another origin', () => {
  let stage: Stage;
  let world: World;
  let owner: Actor;
  let newcomer: Actor;
  let cookie: string;

  beforeAll(async () => {
    stage = new Stage(await startTestServer());
    const cast = await stage.createCast();
    world = await stage.createWorld(cast, { withDeleted: false });
    ({ owner } = cast);
    newcomer = await createActor(stage.server, 'Newcomer');
    const login = await stage.ask('post', '/api/v1/auth/token', undefined, {
      email: owner.email,
      password: owner.password,
      cookie: true,
    });
    cookie = login.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    expect(cookie).toContain('messenger_access=');
  });
  afterAll(() => stage.close());

  const addressOf = (endpoint: Endpoint): { path: string; body: string | undefined } => {
    const { params = {}, body } = calls[idOf(endpoint)]?.make(world.things.other, { newcomer }) ?? {};
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => params[name]!);
    return { path, body: body === undefined ? undefined : JSON.stringify(body) };
  };
  const send = (endpoint: Endpoint, headers: Record<string, string>, body: string | undefined): Promise<Response> =>
    fetch(stage.server.url + addressOf(endpoint).path, {
      method: endpoint.method.toUpperCase(),
      headers: { cookie, ...headers },
      ...(body !== undefined && { body }),
    });

  it.each(Object.entries(foreign))('changes nothing by cookie: %s', async (_what, headers) => {
    const before = await stage.checksum();
    for (const endpoint of unsafe) {
      const { body } = addressOf(endpoint);
      const tries = [
        send(endpoint, { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) }, body),
        ...Object.values(forms).map((form) => send(endpoint, { ...headers, 'content-type': form.type }, form.body)),
      ];
      const statuses = (await Promise.all(tries)).map(({ status }) => status);
      // A text is refused as such, before anybody is asked who they are.
      expect([idOf(endpoint), ...statuses]).toEqual([idOf(endpoint), 403, 403, 403, 415]);
    }
    expect(await stage.checksum()).toEqual(before);
  });

  it.each(Object.entries(forms))(
    'its %s is refused even where the browser calls it the own page’s',
    async (what, form) => {
      const before = await stage.checksum();
      for (const endpoint of unsafe) {
        const headers = { 'sec-fetch-site': 'same-origin', origin: stage.server.url, 'content-type': form.type };
        const { status } = await send(endpoint, headers, form.body);
        // Only the own page may send a file, and this one is empty.
        const expected = what === 'form with a file' ? [415, 422] : [415];
        expect(expected, idOf(endpoint)).toContain(status);
      }
      expect(await stage.checksum()).toEqual(before);
    },
  );

  it('opens no socket by cookie', async () => {
    const headers = { cookie, origin: 'https://evil.example' };
    await expect(TestSocket.open(`${stage.server.wsUrl}/ws`, headers)).rejects.toThrow('403');
    await expect(TestSocket.open(`${stage.server.wsUrl}/ws?wire=string`, headers)).rejects.toThrow('403');
  });

  it('gets into no socket that wants its token in the address', async () => {
    const headers = { cookie, origin: stage.server.url };
    const { chatId, personId } = world.things.other;
    for (const [path, status] of [
      ['/messenger/ws/', 401],
      [`/ws/${chatId}`, 403],
      ['/ws/user', 403],
      [`/ws/${personId}/none`, 401],
    ] as const)
      await expect(TestSocket.open(stage.server.wsUrl + path, headers), path).rejects.toThrow(String(status));
    const socket = await TestSocket.open(`${stage.server.wsUrl}/api/v1/ws`, headers);
    expect(await socket.closed()).toBe(4001);
    expect(socket.received).toEqual([]);
  });

  it.each([
    ['/auth/login', 'application/x-www-form-urlencoded'],
    ['/auth/jwt/login', 'application/x-www-form-urlencoded'],
    ['/auth/login', 'application/json'],
    ['/api/v1/auth/login', 'application/json'],
  ])('logs nobody in to an account of its own: %s as %s sets no cookie', async (path, type) => {
    const fields =
      path === '/auth/jwt/login' || type.includes('form') ? { username: newcomer.email } : { email: newcomer.email };
    const body = { ...fields, password: newcomer.password, cookie: true };
    const response = await fetch(stage.server.url + path, {
      method: 'POST',
      headers: { 'content-type': type, origin: 'https://evil.example' },
      body: type.includes('json') ? JSON.stringify(body) : new URLSearchParams({ ...body, cookie: 'true' }).toString(),
    });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toHaveProperty('access_token');
  });

  it('gets no cookie by logging in to an account of its own, and none refreshed', async () => {
    const { email, password } = newcomer;
    const headers = { 'content-type': 'application/json', origin: 'https://evil.example' };
    const login = await fetch(`${stage.server.url}/api/v1/auth/token`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email, password, cookie: true }),
    });
    expect([login.status, login.headers.getSetCookie()]).toEqual([403, []]);
    for (const path of ['/api/v1/auth/refresh', '/auth/refresh']) {
      const refreshed = await fetch(stage.server.url + path, {
        method: 'POST',
        headers: { ...headers, cookie },
        body: '{}',
      });
      expect([path, refreshed.status, refreshed.headers.getSetCookie()]).toEqual([
        path,
        path === '/auth/refresh' ? 422 : 403,
        [],
      ]);
    }
  });
});
