/** How fast somebody may ask whether identifiers are taken. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { logInForToken, password, post, register } from './strangers.ts';

describe('at the rates of strangers', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ config: { rateLimits: true, trustProxy: 'loopback' } });
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('an address registers twenty times an hour, whatever way it takes', async () => {
    const registrations: ((i: number) => [path: string, body: object])[] = [
      (i) => ['/api/v1/auth/register', { name: 'New', email: `a${i}@example.com`, password }],
      (i) => ['/auth/register', { name: 'New', email: `b${i}@example.com`, password }],
      (i) => ['/auth/register', { phone_number: `+7900000000${i}`, password }],
      (i) => ['/users/create', { username: `person-${i}`, email: `c${i}@example.com`, password: 'sesame' }],
    ];
    const from = { 'x-forwarded-for': '10.3.0.1' };
    const statuses: number[] = [];
    for (let i = 0; i < limits.rates.registrationsPerHour; i++) {
      const [path, body] = registrations[i % registrations.length]!(i % 8);
      statuses.push((await post(server.url + path, body, from)).status);
    }
    expect(statuses).not.toContain(429);
    for (const way of registrations) {
      const [path, body] = way(9);
      expect([path, (await post(server.url + path, body, from)).status]).toEqual([path, 429]);
    }
  });

  it.each([
    ['a search', (own: string) => ({ method: 'GET', path: `/api/v1/users?q=${own}` })],
    ['a search of system 000', (own: string) => ({ method: 'GET', path: `/users/?email=${own}` })],
    ['a username', (own: string) => ({ method: 'GET', path: `/users/${own.split('@')[0]}` })],
    ['a new address of one’s own', (own: string) => ({ method: 'PATCH', path: '/users/me', body: { email: own } })],
    [
      'one by the way of system 001',
      (own: string) => ({ method: 'POST', path: '/users/update', body: { email: own } }),
    ],
  ] as const)('a person asks for an identifier thirty times a minute: %s', async (_what, toAsk) => {
    const token = await logInForToken(server, await register(server));
    const ask = (i: number): Promise<Response> => {
      const asked: { method: string; path: string; body?: object } = toAsk(`q${i}-${randomUUID()}@example.com`);
      return fetch(server.url + asked.path, {
        method: asked.method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(asked.body && { body: JSON.stringify(asked.body) }),
      });
    };
    const statuses: number[] = [];
    for (let i = 0; i <= limits.rates.searchesPerMinute; i++) statuses.push((await ask(i)).status);
    expect(statuses.indexOf(429)).toBe(limits.rates.searchesPerMinute);
  });

  it('a person writes to unknown addresses in the lobby no faster than they may search', async () => {
    const token = await logInForToken(server, await register(server));
    const socket = await TestSocket.open(`${server.wsUrl}/messenger/ws/?token=${token}`);
    const count = limits.rates.searchesPerMinute + 1;
    for (let i = 0; i < count; i++) socket.send(`/pm nobody-${i}@example.com are you there?`);
    await socket.until('answers', () => socket.received.length === count);
    expect(socket.received.filter((line) => line.includes('не найден'))).toHaveLength(count - 1);
    expect(socket.received.at(-1)).toContain('Слишком много');
    await socket.close();
  });
});
