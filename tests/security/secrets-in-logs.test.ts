import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type Server } from '../../src/server/app.ts';
import { readConfig } from '../../src/server/config.ts';
import { createLog } from '../../src/server/log.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { signingKey } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let database: TestDatabase;
let server: Server;
let dataDir: string;
let alice: Actor;
let bob: Actor;
let chatId: string;
let inviteToken: string;
const lines: string[] = [];

const wsUrl = (): string => server.url.replace('http', 'ws');

beforeAll(async () => {
  database = await createDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'messenger-test-'));
  const config = readConfig({ PORT: '0', RATE_LIMITS: 'off', BCRYPT_COST: '4', LOG_LEVEL: 'trace' });
  server = await startServer({
    config: { ...config, port: 0, dataDir },
    databaseUrl: database.url,
    signingKey,
    log: createLog('trace', { write: (line: string) => void lines.push(line) }),
  });
  const place = { url: server.url, wsUrl: wsUrl() };
  [alice, bob] = await Promise.all([createActor(place, 'Alice'), createActor(place, 'Bob')]);
  ({ chatId } = await createGroup(place, [alice, bob]));
  const invite = await fetch(`${server.url}/api/v1/chats/${chatId}/invites`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...alice.authorization },
    body: '{}',
  });
  ({ token: inviteToken } = (await invite.json()) as { token: string });
});
afterAll(async () => {
  await server.drain();
  await database[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

/** What must not be found in any line: the token itself, and the part of it that proves it. */
const secretsOf = (token: string): string[] => [token, token.split('.').at(-1)!];

function expectNoSecret(...secrets: string[]): void {
  const text = lines.join('');
  for (const secret of secrets) {
    const at = text.indexOf(secret);
    expect(at === -1 ? '' : text.slice(Math.max(0, at - 200), at + 20)).toBe('');
  }
}

const addressesOf = (token: string): string[] => [
  `/ws?token=${token}`,
  `/ws/?token=${token}`,
  `/api/v1/ws?token=${token}`,
  `/ws?wire=string&token=${token}`,
  `/ws?TOKEN=${token}`,
  `/ws?t%6Fken=${token}`,
  `/ws?x=1;token=${token}`,
  `/ws?token=x&token=${token}`,
  `/ws/${chatId}?token=${token}`,
  `/ws/user?token=${token}`,
  `/ws/user?a=b&token=${token}#x`,
  `/ws/${bob.id}/${token}`,
  `/ws/${bob.id}/${token}/`,
  `/ws/${bob.id}/${token}?x=y`,
  `/ws/${bob.id}/${token}/more`,
  `/ws/nobody/${token}`,
  `/WS/${bob.id}/${token}`,
  `//ws/${bob.id}/${token}`,
  `/ws//${token}`,
  `/ws/${token}`,
  `/api/v1/ws/${bob.id}/${token}`,
  `/messenger/ws/?token=${token}`,
  `/messenger/ws?token=${token}`,
  `/messenger/ws/${token}`,
  `/chat?access_token=${token}`,
  `/nowhere?refresh_token=${token}`,
  `/api/v1/users/me?token=${token}`,
  `/api/v1/chats/${token}`,
  `/users/${token}`,
];

it.each([
  ['that works', () => alice.token],
  ['that does not', () => `${alice.token.slice(0, -4)}AAAA`],
  // Not of the form of a token, so only its place tells what it is.
  ['that is none at all', () => `opaque-${randomUUID()}`],
])('a token in an address %s stands in no line of the log', async (what, tokenOf) => {
  const token = tokenOf();
  const isOpaque = what === 'that is none at all';
  const inPlace = (address: string): boolean => !/^\/(ws|api\/v1\/chats|users|messenger\/ws)\/+opaque/.test(address);
  const addresses = addressesOf(token).filter((address) => !isOpaque || inPlace(address));
  const before = lines.length;
  for (const address of addresses) {
    await fetch(server.url + address).then((response) => response.arrayBuffer());
    await fetch(server.url + address, { method: 'POST', body: '{' }).then((response) => response.arrayBuffer());
    const socket = await TestSocket.open(wsUrl() + address.replace(/#.*/, '')).catch(() => undefined);
    socket?.send('{');
    socket?.ws.terminate();
    await socket?.closed();
  }
  expect(lines.length).toBeGreaterThan(before);
  expectNoSecret(...secretsOf(token));
});

it('nor when the request is no HTTP, or the address is too long', async () => {
  for (const head of [
    `GET /ws?token=${alice.token} HTTP/9.9\r\n\r\n`,
    `GET /ws?token=${alice.token}\r\n\r\n`,
    `GET /ws/${bob.id}/${alice.token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    `GET /ws?token=${alice.token}&${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET http://[/ws?token=${alice.token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  ]) {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(head);
    await closed;
  }
  expectNoSecret(...secretsOf(alice.token));
});

it('nor the token of an invite, a header, a cookie, a password or a refresh token', async () => {
  const login = await fetch(`${server.url}/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: alice.email, password: alice.password }),
  });
  const { refresh_token: refresh, access_token: access } = (await login.json()) as Record<string, string>;
  for (const path of [
    `/api/v1/invites/${inviteToken}`,
    `/api/v1/invites/${inviteToken}/`,
    `/api/v1/INVITES/${inviteToken}`,
  ])
    await fetch(server.url + path, { headers: { ...alice.authorization, cookie: `messenger_access=${access}` } });
  await fetch(`${server.url}/api/v1/invites/${inviteToken}/join`, { method: 'POST', headers: bob.authorization });
  for (const path of ['/auth/refresh', '/api/v1/auth/refresh'])
    await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: refresh }),
    });
  expect(lines.some((line) => line.includes('/invites/'))).toBe(true);
  expectNoSecret(inviteToken, refresh!, ...secretsOf(access!), alice.password, bob.password);
});
