import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKnownTokens } from '../../src/server/accounts/known-tokens.ts';
import { createAccessTokens } from '../../src/server/accounts/access-tokens.ts';
import { signingKey, startTestServer, type TestServer } from '../support/server.ts';
import { askWith, codeOf, logIn, register, type RegisteredPerson } from './cast.ts';

let server: TestServer;
let alice: RegisteredPerson;
let good: jwt.JwtPayload;
beforeAll(async () => {
  server = await startTestServer();
  alice = await register(server.url, 'alice');
  good = jwt.decode((await logIn(server.url, alice)).access_token) as jwt.JwtPayload;
});
afterAll(() => server[Symbol.asyncDispose]());

const sign = (payload: object, key: KeyObject = signingKey, options: jwt.SignOptions = {}) =>
  jwt.sign(payload, key, { algorithm: 'HS256', ...options });

describe('an access token', () => {
  it('is a JWT with issuer, audience, kind, session and half an hour to live', () => {
    expect(good).toMatchObject({ iss: 'messenger', aud: 'messenger', typ: 'access', sub: alice.id });
    expect(good['sid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(good.exp! - good.iat!).toBe(1800);
  });

  it('made with our key and the same claims is ours', async () => {
    await askWith(server.url, sign(good)).expect(200);
  });

  const forgeries: Record<string, () => string> = {
    'without an algorithm': () => {
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(good)}.`;
    },
    'signed by another key': () => sign(good, createSecretKey(randomBytes(32))),
    'signed by another algorithm': () => sign(good, signingKey, { algorithm: 'HS512' }),
    'for another audience': () => sign({ ...good, aud: 'somebody' }),
    'of another issuer': () => sign({ ...good, iss: 'somebody' }),
    'of another kind': () => sign({ ...good, typ: 'refresh' }),
    'without a kind': () => sign({ ...good, typ: undefined }),
    'without a session': () => sign({ ...good, sid: undefined }),
    'without an end': () => {
      const { exp: _end, ...endless } = good;
      return sign(endless);
    },
    'out of date': () => sign({ ...good, exp: Math.floor(Date.now() / 1_000) - 1 }),
    'for a session that never was': () => sign({ ...good, sid: randomUUID() }),
    "for somebody else's session": () => sign({ ...good, sub: randomUUID() }),
    'with an id that is none': () => sign({ ...good, sub: "' or true --" }),
    'with a changed payload': () => {
      const [head, , seal] = sign(good).split('.');
      return `${head}.${Buffer.from(JSON.stringify({ ...good, sub: randomUUID() })).toString('base64url')}.${seal}`;
    },
    'that is empty': () => '',
    'that is very long': () => 'x'.repeat(5_000),
  };

  it.each(Object.keys(forgeries))('%s is refused', async (kind) => {
    const response = await askWith(server.url, forgeries[kind]!());
    expect([response.status, codeOf(response)]).toEqual([401, 'not_authenticated']);
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('cannot be replaced by a refresh token', async () => {
    const { refresh_token } = await logIn(server.url, alice);
    expect(codeOf(await askWith(server.url, refresh_token))).toBe('not_authenticated');
  });

  it('dies after its time', async () => {
    await using brief = await startTestServer({
      config: { accessTokenTtlSeconds: 1 },
      database: { url: server.databaseUrl },
    });
    const { access_token, expires_in } = await logIn(brief.url, alice);
    expect(expires_in).toBe(1);
    await expect.poll(async () => (await askWith(brief.url, access_token)).status).toBe(401);
  });
});

describe('what is remembered of tokens', () => {
  function openMemory(maxTokens = 10) {
    const clock = { now: 1_800_000_000_000 };
    const asked: string[] = [];
    const answers: ((state: 'live' | 'ended') => void)[] = [];
    const tokens = createAccessTokens({ signingKey, ttlSeconds: 60, clock: () => clock.now });
    const known = createKnownTokens({
      tokens,
      clock: () => clock.now,
      maxTokens,
      getState: ({ sessionId }) =>
        new Promise((resolve) => {
          asked.push(sessionId);
          answers.push(resolve);
        }),
    });
    const sessionId = randomUUID();
    return { clock, asked, answers, known, sessionId, tokens, token: tokens.sign(randomUUID(), sessionId) };
  }

  it('spares the database for a second', async () => {
    const { known, token, asked, answers, clock } = openMemory();
    const [first, second] = [known.authenticate(token), known.authenticate(token)];
    answers[0]?.('live');
    await Promise.all([first, second]);
    await known.authenticate(token);
    expect(asked).toHaveLength(1);
    clock.now += 1_000;
    void known.authenticate(token).catch(() => undefined);
    expect(asked).toHaveLength(2);
  });

  it('is gone at once when the session ends, even while the database is being asked', async () => {
    const { known, token, asked, answers, sessionId } = openMemory();
    const early = known.authenticate(token);
    known.drop([sessionId]);
    answers[0]?.('live');
    await early;
    const late = known.authenticate(token);
    expect(asked).toHaveLength(2);
    answers[1]?.('ended');
    await expect(late).rejects.toMatchObject({ code: 'session_revoked' });
  });

  it('does not outlive the token', async () => {
    const { known, token, answers, clock } = openMemory();
    const first = known.authenticate(token);
    answers[0]?.('live');
    await first;
    clock.now += 60_000;
    await expect(known.authenticate(token)).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('is bounded', async () => {
    const { known, tokens, asked, answers } = openMemory(2);
    const all = [1, 2, 3].map(() => tokens.sign(randomUUID(), randomUUID()));
    for (const [i, token] of all.entries()) {
      const answer = known.authenticate(token);
      answers[i]?.('live');
      await answer;
    }
    void known.authenticate(all[2]!);
    expect(asked).toHaveLength(3);
    void known.authenticate(all[0]!);
    expect(asked).toHaveLength(4);
  });
});
