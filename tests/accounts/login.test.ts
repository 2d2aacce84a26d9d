import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogin } from '../../src/server/accounts/login.ts';
import { openCredentials, type Credentials } from '../../src/server/accounts/credentials.ts';
import { openDatabase, openPool } from '../../src/server/db/client.ts';
import { createRateLimits } from '../../src/server/http/rate-limit.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  askWith,
  tokensOf,
  codeOf,
  logIn,
  mistakesOf,
  password,
  register,
  statusesOf,
  tryLogIn,
  type RegisteredPerson,
} from './cast.ts';

let server: TestServer;
let alice: RegisteredPerson;
beforeAll(async () => {
  server = await startTestServer();
  alice = await register(server.url, 'alice');
});
afterAll(() => server[Symbol.asyncDispose]());

describe('logging in', () => {
  it('works by any identifier, e-mail address and username in any case', async () => {
    const ways = [
      { email: alice.email.toLowerCase() },
      { phone: alice.phone },
      { username: alice.username.toUpperCase() },
      { identifier: alice.email },
      { identifier: alice.phone },
      { identifier: alice.username },
    ];
    for (const way of ways) {
      const tokens = tokensOf(await tryLogIn(server.url, { ...way, password }).expect(200));
      expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 1800, user_id: alice.id, name: 'alice' });
      await askWith(server.url, tokens.access_token).expect(200);
    }
  });

  it('tells nobody whether an identifier exists', async () => {
    const wrong = await tryLogIn(server.url, { email: alice.email, password: 'a wrong password' });
    const unknown = await tryLogIn(server.url, { email: 'nobody@example.com', password: 'a wrong password' });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({
      detail: 'Неверный email или пароль',
      message: 'user not authenticated',
      code: 'wrong_credentials',
    });
    expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text]);
    expect(unknown.headers['www-authenticate']).toBe('Bearer');
  });

  it('lists every mistake of its body', async () => {
    expect(mistakesOf(await tryLogIn(server.url, {}))).toEqual(['password missing', 'email missing']);
    expect(mistakesOf(await tryLogIn(server.url, { email: 5, password: 'x\u0000' }))).toEqual([
      'email string_type',
      'password string_value',
    ]);
    for (const bad of ['\u0000', 'half\udc00', 'x'.repeat(300)])
      for (const field of ['email', 'phone', 'username', 'identifier', 'password'])
        expect((await tryLogIn(server.url, { identifier: 'a', password, [field]: bad })).status).toBe(422);
  });

  it('leaves nobody with more than twenty devices: the longest unused is logged out', async () => {
    await using limited = await startTestServer({ config: { rateLimits: true } });
    const bob = await register(limited.url, 'bob');
    const first = await logIn(limited.url, bob);
    const later = await Promise.all(Array.from({ length: 20 }, () => logIn(limited.url, bob)));
    const response = await askWith(limited.url, later[0]!.access_token).expect(200);
    expect(response.body).toHaveLength(20);
    expect(codeOf(await askWith(limited.url, first.access_token))).toBe('session_revoked');
  });

  it('makes a dearer hash once the cost has been raised', async () => {
    await using dearer = await startTestServer({ config: { bcryptCost: 5 }, database: { url: server.databaseUrl } });
    const sql = postgres(server.databaseUrl, { max: 1 });
    const costs = async () =>
      (await sql<{ cost: string }[]>`select substr(password_hash, 5, 2) as cost from users where id = ${alice.id}`)[0]
        ?.cost;
    expect(await costs()).toBe('04');
    await Promise.all([logIn(dearer.url, alice), logIn(dearer.url, alice)]);
    expect(await costs()).toBe('05');
    await logIn(dearer.url, alice);
    await sql.end();
  });
});

describe('the rate of logins', () => {
  it('slows an address down at one account after five failures, and nobody else', async () => {
    // Dear enough for all to have come before the fifth has failed: what is refused is so for a second only.
    await using limited = await startTestServer({ config: { rateLimits: true, trustProxy: 1, bcryptCost: 8 } });
    const victim = await register(limited.url, 'victim');
    const tryFrom = (ip: string, text: string) =>
      tryLogIn(limited.url, { email: victim.email, password: text }).set('x-forwarded-for', ip);
    const guessing = Array.from({ length: 8 }, () => tryFrom('192.0.2.1', 'a wrong guess').then((answer) => answer));
    await Promise.race(guessing);
    const refused = await tryFrom('192.0.2.1', password);
    expect(statusesOf(await Promise.all(guessing))).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect([refused.status, codeOf(refused)]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers['retry-after'])).toBe(1);
    await tryFrom('192.0.2.2', password).expect(200);
  });

  it('does not hinder one person who logs in on many sockets at once', async () => {
    await using limited = await startTestServer({ config: { rateLimits: true } });
    const bob = await register(limited.url, 'bob');
    await Promise.all(Array.from({ length: 12 }, () => logIn(limited.url, bob)));
  });
});

it('says that the database is out of reach, and when to come back', async () => {
  const { access_token } = await logIn(server.url, alice);
  const sql = postgres(server.databaseUrl, { max: 1 });
  await sql.begin(async (hold) => {
    await hold`lock table sessions, users in access exclusive mode`;
    const answers = await Promise.all([
      askWith(server.url, access_token),
      tryLogIn(server.url, { email: alice.email, password }),
    ]);
    for (const answer of answers) {
      expect([answer.status, codeOf(answer)]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
  await sql.end();
  await logIn(server.url, alice);
});

describe('the check of a password', () => {
  /** The login of the server with a count of what costs time. */
  function openCounted() {
    const sql = openPool(server.databaseUrl, 2);
    const database = openDatabase(server.databaseUrl, 2);
    const real = openCredentials({ cost: 4 });
    const compared: string[] = [];
    let beforeAnswer = (): Promise<unknown> => Promise.resolve();
    const credentials: Credentials = {
      ...real,
      async verify(text, hash) {
        compared.push(hash === undefined ? 'stand-in' : 'real');
        const matches = await real.verify(text, hash);
        await beforeAnswer();
        return matches;
      },
    };
    const config = { refreshTokenTtlDays: 30, rateLimits: false };
    const begin = createLogin({
      db: database.db,
      sql,
      config,
      credentials,
      rateLimits: createRateLimits(config),
      announce: () => undefined,
    });
    return {
      sql,
      compared,
      whileChecking: (act: () => Promise<unknown>) => void (beforeAnswer = act),
      logIn: (identifier: string, text: string) =>
        begin(
          { identifier, password: text, ip: '127.0.0.1', userAgent: undefined },
          { id: randomUUID(), kind: 'socket', refreshHash: null, lifeSeconds: 60 },
        ),
      async [Symbol.asyncDispose]() {
        await real[Symbol.asyncDispose]();
        await database.close();
        await sql.end();
      },
    };
  }

  it('costs one comparison for a wrong password, an unknown identifier and a deactivated person alike', async () => {
    await using counted = openCounted();
    const gone = await register(server.url, 'gone');
    await counted.sql`select deactivate_user(${gone.id})`;
    for (const identifier of [alice.email, 'nobody@example.com', gone.email])
      await expect(counted.logIn(identifier, 'a wrong password')).rejects.toMatchObject({ code: 'wrong_credentials' });
    await expect(counted.logIn(gone.email, password)).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(counted.compared).toEqual(['real', 'stand-in', 'stand-in', 'stand-in']);
  });

  it('does not let an old password in that was changed while it was being checked', async () => {
    await using counted = openCounted();
    const carol = await register(server.url, 'carol');
    counted.whileChecking(
      () => counted.sql`
      update users set password_hash = (select password_hash from users where id = ${alice.id}) || '' where id = ${carol.id}`,
    );
    await counted.sql`update users set password_hash = overlay(password_hash placing 'x' from 60) where id = ${alice.id}`;
    await expect(counted.logIn(carol.email, password)).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(await counted.sql`select from sessions where user_id = ${carol.id}`).toHaveLength(0);
  });
});
