import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuedTokens } from '../../src/server/accounts/accounts.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { askWith, codeOf, logIn, register, type RegisteredPerson } from './cast.ts';

let server: TestServer;
let sql: Sql;
let alice: RegisteredPerson;
beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 1 });
  alice = await register(server.url, 'alice');
});
afterAll(async () => {
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const tryRefresh = (token: string) => request(server.url).post('/api/v1/auth/refresh').send({ refresh_token: token });
const refresh = async (token: string) => (await tryRefresh(token).expect(200)).body as IssuedTokens;

/** Lets so much time pass for all sessions. */
const age = (seconds: number) =>
  sql`update sessions set rotated_at = rotated_at - make_interval(secs => ${seconds}), expires_at = expires_at - make_interval(secs => ${seconds}),
    created_at = created_at - make_interval(secs => ${seconds})`;

const day = 86_400;

describe('a refresh token', () => {
  it('is exchanged for a successor and a new access token', async () => {
    const first = await logIn(server.url, alice);
    const second = await refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second).toMatchObject({ token_type: 'bearer', expires_in: 1800, user_id: alice.id, name: 'alice' });
    await askWith(server.url, second.access_token).expect(200);
    await refresh(second.refresh_token);
  });

  it('gives two tabs that exchange it at once the same successor', async () => {
    const { refresh_token } = await logIn(server.url, alice);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)));
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1);
    await refresh(answers[0]!.refresh_token);
  });

  it('gives the same successor to a client whose answer was lost, for a minute', async () => {
    const { refresh_token } = await logIn(server.url, alice);
    const lost = await refresh(refresh_token);
    await age(55);
    expect((await refresh(refresh_token)).refresh_token).toBe(lost.refresh_token);
  });

  it('ends the session when it comes back later, for the thief and the owner alike', async () => {
    const first = await logIn(server.url, alice);
    const second = await refresh(first.refresh_token);
    await age(61);
    const reused = await tryRefresh(first.refresh_token);
    expect([reused.status, codeOf(reused)]).toEqual([401, 'session_revoked']);
    expect(codeOf(await tryRefresh(second.refresh_token))).toBe('session_revoked');
    expect(codeOf(await askWith(server.url, second.access_token))).toBe('session_revoked');
  });

  it('ends the session at once when it is older than the previous one', async () => {
    const first = await logIn(server.url, alice);
    const third = await refresh((await refresh(first.refresh_token)).refresh_token);
    expect(codeOf(await tryRefresh(first.refresh_token))).toBe('session_revoked');
    expect(codeOf(await tryRefresh(third.refresh_token))).toBe('session_revoked');
  });

  it('that was never made here ends nothing', async () => {
    const { refresh_token } = await logIn(server.url, alice);
    const bytes = Buffer.from(refresh_token, 'base64url');
    const forged = [19, 30, 60].map((at) =>
      Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))).toString('base64url'),
    );
    for (const token of [...forged, randomUUID(), '', 'ы', 'a'.repeat(91), refresh_token.slice(0, -4)])
      expect(codeOf(await tryRefresh(token))).toBe('not_authenticated');
    await refresh(refresh_token);
  });

  it('works for thirty days without use and for 180 days in all', async () => {
    const idle = await logIn(server.url, alice);
    await age(29 * day);
    let used = await refresh(idle.refresh_token);
    await age(31 * day);
    expect(codeOf(await tryRefresh(used.refresh_token))).toBe('session_revoked');
    used = await logIn(server.url, alice);
    for (let days = 25; days < 180; days += 25) {
      await age(25 * day);
      used = await refresh(used.refresh_token);
    }
    await age(6 * day);
    expect(codeOf(await tryRefresh(used.refresh_token))).toBe('session_revoked');
  });

  it('is kept as a hash only', async () => {
    const { refresh_token } = await logIn(server.url, alice);
    await refresh(refresh_token);
    const rows = await sql<{ row: string }[]>`select s::text as row from sessions s`;
    const bytes = Buffer.from(refresh_token, 'base64url').toString('hex');
    for (const { row } of rows) expect(row).not.toContain(bytes.slice(40));
  });

  it('of the wrong form is a mistake like any other', async () => {
    for (const refresh_token of [5, ['x'], 'a\u0000', 'x'.repeat(3_000)])
      expect((await request(server.url).post('/api/v1/auth/refresh').send({ refresh_token })).status).toBe(422);
    expect(codeOf(await request(server.url).post('/api/v1/auth/refresh'))).toBe('not_authenticated');
  });

  it('of a deactivated person is worth nothing', async () => {
    const gone = await register(server.url, 'gone');
    const { refresh_token } = await logIn(server.url, gone);
    await sql`select deactivate_user(${gone.id})`;
    expect(codeOf(await tryRefresh(refresh_token))).toBe('session_revoked');
  });
});
