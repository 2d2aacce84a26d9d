import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commonPasswords } from '../../src/server/accounts/common-passwords.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, mistakesOf, password, register, statusesOf, tryLogIn } from './cast.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const tryRegister = (body: object) => request(server.url).post('/api/v1/auth/register').send(body);
const someone = (over: object) => ({ name: 'Somebody', password, ...over });

describe('registering', () => {
  it.each([
    ['an e-mail address', { email: 'only.mail@example.com' }],
    ['a phone number', { phone: '+79990001122' }],
    ['a username', { username: 'only-name' }],
    ['a Cyrillic username', { username: 'марина_2' }],
  ])('needs nothing but a name, a password and %s', async (_what, identifier) => {
    const response = await tryRegister(someone(identifier)).expect(200);
    const account = response.body as object;
    expect(account).toMatchObject({ name: 'Somebody', ...identifier });
    expect(Object.keys(account).sort()).toEqual(['email', 'id', 'name', 'phone', 'username']);
    await tryLogIn(server.url, { ...identifier, password }).expect(200);
  });

  it('tells all mistakes at once', async () => {
    const response = await tryRegister({ name: ' ', email: 'x', phone: '12', username: 'a b', password: 'short' });
    expect(mistakesOf(response)).toEqual([
      'name string_value',
      'email value_error',
      'phone string_pattern_mismatch',
      'username string_pattern_mismatch',
      'password weak_password',
    ]);
    expect(mistakesOf(await tryRegister({}))).toEqual(['name missing', 'password missing', 'email missing']);
  });

  it('never repeats the password that was sent', async () => {
    const { text } = await tryRegister(someone({ email: 'x', password: 'hunter2' }));
    expect(text).not.toContain('hunter2');
  });

  it.each([
    'me',
    'ME',
    'create',
    'update',
    'add_picture',
    'avatar',
    'ab',
    'a'.repeat(33),
    '.dots',
    'a@b',
    '+7999',
    'ｗｉｄｅ',
  ])('refuses the username %s', async (username) => {
    expect((await tryRegister(someone({ username }))).status).toBe(422);
  });

  it('refuses a username that looks like an id', async () => {
    expect((await tryRegister(someone({ username: 'd61d47bb2cd24c1d8975938263836086' }))).status).toBe(422);
  });

  it.each(['79990001122', '+7999000', '+7999000112233445', '+7 999 000 11 22', '+7999000112２'])(
    'refuses the phone number %s',
    async (phone) => {
      expect((await tryRegister(someone({ phone }))).status).toBe(422);
    },
  );

  it.each(['', 'nobody', '@example.com', 'a@', 'a b@example.com', 'a@b@c', `${'a'.repeat(250)}@b.cd`])(
    'refuses the e-mail address "%s"',
    async (email) => {
      expect((await tryRegister(someone({ email }))).status).toBe(422);
    },
  );

  it('refuses NUL, control characters and half surrogate pairs in every field', async () => {
    for (const bad of ['a\u0000bcdefgh', 'a\u0007bcdefgh', 'abcdefgh\ud800']) {
      for (const field of ['name', 'email', 'phone', 'username', 'password', 'invite']) {
        const response = await tryRegister({ email: 'fine@example.com', ...someone({}), [field]: bad });
        expect(mistakesOf(response).some((mistake) => mistake.startsWith(field))).toBe(true);
      }
    }
  });

  it('takes keys of the prototype for what they are: unknown fields', async () => {
    const body =
      '{"name":"Proto","password":"a long enough one","__proto__":{"email":"p@example.com"},"constructor":1}';
    const response = await request(server.url)
      .post('/api/v1/auth/register')
      .set('content-type', 'application/json')
      .send(body);
    expect(mistakesOf(response)).toEqual(['email missing']);
  });
});

describe('a new password', () => {
  it('of 72 bytes is taken, of 73 is refused with the reason', async () => {
    const longest = 'я'.repeat(36);
    await tryRegister(someone({ email: 'long@example.com', password: longest })).expect(200);
    await tryLogIn(server.url, { email: 'long@example.com', password: longest }).expect(200);
    const response = await tryRegister(someone({ email: 'longer@example.com', password: `${longest}x` }));
    expect(mistakesOf(response)).toEqual(['password string_too_long']);
    expect(response.text).toContain('at most 72 bytes');
    expect((await tryLogIn(server.url, { email: 'long@example.com', password: `${longest}x` })).status).toBe(422);
  });

  it('is refused when everybody tries it first, in any case', async () => {
    expect(commonPasswords.size).toBeGreaterThan(100);
    for (const common of ['password', 'PASSWORD123', '12345678', 'йцукенгш'])
      expect(mistakesOf(await tryRegister(someone({ username: 'weak', password: common })))).toEqual([
        'password weak_password',
      ]);
  });

  it('may not be shorter than PASSWORD_MIN_LENGTH', async () => {
    await using strict = await startTestServer({ config: { passwordMinLength: 12 } });
    const attempt = (text: string) =>
      request(strict.url)
        .post('/api/v1/auth/register')
        .send(someone({ username: 'strict', password: text }));
    expect(mistakesOf(await attempt('elevenchars'))).toEqual(['password weak_password']);
    await attempt('twelve chars').expect(200);
  });
});

describe('an identifier', () => {
  it('belongs to one person, whatever the case of its letters', async () => {
    const alice = await register(server.url, 'alice');
    for (const taken of [
      { email: alice.email.toUpperCase() },
      { phone: alice.phone },
      { username: alice.username.toUpperCase() },
    ]) {
      const response = await tryRegister(someone(taken));
      expect([response.status, codeOf(response)]).toEqual([400, 'identifier_taken']);
    }
  });

  it('registered by twenty at once is given to exactly one', async () => {
    const attempts = Array.from({ length: 20 }, () => tryRegister(someone({ email: 'wanted@example.com' })));
    expect(statusesOf(await Promise.all(attempts))).toEqual([200, ...Array<number>(19).fill(400)]);
  });
});

describe('who may register', () => {
  it('nobody where registration is closed', async () => {
    await using closed = await startTestServer({ config: { registration: 'closed' } });
    const response = await request(closed.url)
      .post('/api/v1/auth/register')
      .send(someone({ username: 'late' }));
    expect([response.status, codeOf(response)]).toEqual([403, 'registration_closed']);
  });

  it('at most twenty an hour from one address', async () => {
    await using limited = await startTestServer({ config: { rateLimits: true } });
    const attempt = (n: number) =>
      request(limited.url)
        .post('/api/v1/auth/register')
        .send(someone({ username: `number${n}` }));
    for (let n = 0; n < 20; n++) await attempt(n).expect(200);
    const response = await attempt(20);
    expect([response.status, codeOf(response)]).toEqual([429, 'rate_limited']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });
});
