import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createDirectPerson, createLobbyPerson, logInByForm, newPhone, newUsername } from './old-clients.ts';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

const secondsOf = (token: string): number => {
  const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
    exp: number;
    iat: number;
  };
  return exp - iat;
};

describe('registering and logging in as the older systems do', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  const register = (body: object) => request(server.url).post('/auth/register').send(body);
  const logIn = (body: object) => request(server.url).post('/auth/login').send(body);
  const logInForm = (body: object, path = '/auth/login') => request(server.url).post(path).type('form').send(body);
  const getSelf = (token: string) => request(server.url).get('/users/me').set('authorization', `Bearer ${token}`);
  const tokensOf = (response: { body: unknown }): Tokens => response.body as Tokens;

  describe('000.1 by phone number', () => {
    it('000.1 answers 201 with an id and no password, and every key of the system', async () => {
      const phone_number = newPhone();
      const { status, body } = await register({ phone_number, password: 'password' });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        email: null,
        is_active: true,
        is_superuser: false,
        is_verified: false,
        phone_number,
        username: null,
        about_me: null,
        avatar_url: null,
      });
      expect(JSON.stringify(body)).not.toMatch(/password|hash/);
    });

    it('000.1 keeps what else is said about oneself, and no claim to be a superuser', async () => {
      const username = newUsername('keeper');
      const email = `${username}@example.com`;
      const person = await createDirectPerson(server, { email, username, about_me: 'Here', is_superuser: true });
      const { body } = await getSelf(person.token).expect(200);
      expect(body).toMatchObject({ email, username, about_me: 'Here', is_superuser: false, name: username });
    });

    it('nobody sees the number in the name of somebody without one', async () => {
      const { id, phone } = await createDirectPerson(server);
      const sql = postgres(server.databaseUrl, { max: 1 });
      const [row] = await sql<{ name: string }[]>`select name from users where id = ${id}`;
      await sql.end();
      expect(row!.name).toMatch(/^User \d{4}$/);
      expect(phone).not.toContain(row!.name);
    });
  });

  it('000.2 the number must be + and 8 to 15 digits', async () => {
    for (const phone_number of ['79999999999', '+7999', '+7999999999999999', '+7 999 999', '(', 12, {}]) {
      const { status, body } = await register({ phone_number, password: 'password' });
      expect([phone_number, status]).toEqual([phone_number, 422]);
      expect((body as { detail: { loc: string[] }[] }).detail[0]!.loc).toEqual(['body', 'phone_number']);
    }
  });

  it('000.2 a password below 3 characters is a 400 in the words of the system', async () => {
    for (const password of ['', 'ab']) {
      const { status, body } = await register({ phone_number: newPhone(), password });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        detail: { code: 'REGISTER_INVALID_PASSWORD', reason: 'Password should be at least 3 characters' },
      });
    }
    await register({ phone_number: newPhone(), password: 'abc' }).expect(201);
  });

  it('000.2 a taken number, address or username is a 400 that names it', async () => {
    const username = newUsername('taken');
    const email = `${username}@example.com`;
    const { phone } = await createDirectPerson(server, { email, username });
    const tries = [
      [{ phone_number: phone }, 'User with this phone number already exists'],
      [{ phone_number: newPhone(), email }, 'User with this email already exists'],
      [{ phone_number: newPhone(), username }, 'User with this username already exists'],
    ] as const;
    for (const [identifiers, detail] of tries) {
      const { status, body } = await register({ ...identifiers, password: 'password' });
      expect([status, (body as { detail: unknown }).detail]).toEqual([400, detail]);
    }
  });

  it('000.2 of twenty registrations of one number at once exactly one succeeds', async () => {
    const phone_number = newPhone();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => register({ phone_number, password: 'password' })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array.from({ length: 19 }, () => 400),
    ]);
  });

  it('000.3 a number and a password log in by the form of /auth/login and of /auth/jwt/login', async () => {
    const { phone, password, id } = await createDirectPerson(server);
    for (const path of ['/auth/login', '/auth/jwt/login']) {
      const { status, body } = await logInForm({ username: phone, password, grant_type: 'password' }, path);
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'bearer' });
      expect((await getSelf(tokensOf({ body }).access_token).expect(200)).body).toMatchObject({ id });
    }
  });

  it('000.3 wrong and unknown are answered alike, with 400', async () => {
    const { phone } = await createDirectPerson(server);
    for (const [path, detail] of [
      ['/auth/login', 'Incorrect username or password'],
      ['/auth/jwt/login', 'LOGIN_BAD_CREDENTIALS'],
    ] as const) {
      const answers = await Promise.all(
        [phone, newPhone()].map((username) => logInForm({ username, password: 'not the one' }, path)),
      );
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
      expect(answers[0]!.body).toMatchObject({ detail });
      expect(answers[0]!.body).toEqual(answers[1]!.body);
    }
  });

  it('a login without an identifier or with a strange body is a 422, never a 5xx', async () => {
    for (const body of [{}, { password: 'x' }, { username: 'x' }, { email: 5, password: 'x' }, []])
      expect((await logIn(body)).status).toBe(422);
    for (const body of [{}, { username: 'x' }]) expect((await logInForm(body, '/auth/jwt/login')).status).toBe(422);
    await request(server.url).post('/auth/jwt/login').send({ username: 'x', password: 'y' }).expect(415);
  });

  it('000.3 logging out by /auth/jwt/logout ends the session', async () => {
    const { token, refreshToken } = await createDirectPerson(server);
    const out = request(server.url).post('/auth/jwt/logout').set('authorization', `Bearer ${token}`);
    await out.expect(204);
    await getSelf(token).expect(401);
    await request(server.url).post('/auth/refresh').send({ refresh_token: refreshToken }).expect(403);
  });

  it('003.1 with name and address the password has 8 characters and a taken address is a 409', async () => {
    const email = `${newUsername('eve')}@example.com`;
    const answer = await register({ name: 'Eve', email, password: 'password123' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ id: expect.any(String) as string, name: 'Eve', email });
    const again = await register({ name: 'Eve', email: email.toUpperCase(), password: 'password123' });
    expect([again.status, (again.body as { detail: unknown }).detail]).toEqual([409, 'User already exists']);
    await register({ name: 'Eve', email: `other-${email}`, password: '1234567' }).expect(422);
  });

  it('003.1 what is missing is told at once', async () => {
    const { status, body } = await register({ password: '1234567' });
    expect(status).toBe(422);
    const { detail } = body as { detail: { loc: string[]; type: string }[] };
    expect(detail.map(({ loc, type }) => `${loc.at(-1)} ${type}`)).toEqual([
      'name missing',
      'email missing',
      'password string_too_short',
    ]);
    for (const wrong of [[], 'text', 5, null, { phone_number: null }])
      expect(
        (
          await request(server.url)
            .post('/auth/register')
            .set('content-type', 'application/json')
            .send(JSON.stringify(wrong))
        ).status,
      ).toBe(422);
  });

  it('003.2 JSON logs in by any identifier; what is wrong is a 401', async () => {
    const username = newUsername('json');
    const email = `${username}@example.com`;
    const { phone, password } = await createDirectPerson(server, { email, username });
    const ways = [{ email }, { username }, { phone }, { phone_number: phone }, { username: email }];
    for (const way of ways) {
      const { status, body } = await logIn({ ...way, password });
      expect([way, status]).toEqual([way, 200]);
      await getSelf(tokensOf({ body }).access_token).expect(200);
    }
    const answers = await Promise.all(
      [email, 'nobody@example.com'].map((to) => logIn({ email: to, password: 'not the one' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers[0]!.body).toMatchObject({ detail: 'Invalid token' });
    expect(answers[0]!.body).toEqual(answers[1]!.body);
  });

  it('001.2 a form logs in by username or address and answers two tokens', async () => {
    const { username = '', email = '', password } = await createLobbyPerson(server, 'alice');
    for (const identifier of [username, email, username.toUpperCase()]) {
      const tokens = await logInByForm(server, identifier, password);
      expect(tokens.access_token).not.toBe(tokens.refresh_token);
      await getSelf(tokens.access_token).expect(200);
    }
  });

  it('001.2 wrong and unknown are answered alike', async () => {
    const { username = '' } = await createLobbyPerson(server, 'bob');
    const answers = await Promise.all(
      [username, 'nobody'].map((name) => logInForm({ username: name, password: 'not the one' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    expect(answers[0]!.body).toMatchObject({ detail: 'Incorrect username or password' });
    expect(answers[0]!.body).toEqual(answers[1]!.body);
  });

  describe('001.3 /auth/refresh', () => {
    const refresh = (body: unknown) =>
      request(server.url).post('/auth/refresh').set('content-type', 'application/json').send(JSON.stringify(body));

    it('001.3 takes the token as a bare string or in an object, and answers a new pair', async () => {
      const { refreshToken } = await createLobbyPerson(server, 'carol');
      const first = tokensOf(await refresh(refreshToken).expect(200));
      await getSelf(first.access_token).expect(200);
      const second = tokensOf(await refresh({ refresh_token: first.refresh_token }).expect(200));
      expect(new Set([refreshToken, first.refresh_token, second.refresh_token]).size).toBe(3);
      await getSelf(second.access_token).expect(200);
    });

    it('001.3 refuses an access token, and what never was one', async () => {
      const { token } = await createLobbyPerson(server, 'dave');
      for (const text of [token, 'made up', '']) {
        const { status, body } = await refresh(text);
        expect([status, (body as { detail: unknown }).detail]).toEqual([403, 'Invalid token']);
      }
      for (const body of [{}, 5, null, ['x'], { refresh_token: 5 }]) expect((await refresh(body)).status).toBe(422);
    });

    it('001.3 a refresh token is no Bearer token', async () => {
      const { refreshToken } = await createLobbyPerson(server, 'erin');
      await getSelf(refreshToken).expect(401);
    });
  });
});

describe('with the variables of the older systems', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({
      config: {
        jwtLifetimeSeconds: 1,
        tokenLifetime: 15,
        refreshTokenLifetime: 10_080,
        jwtAccessTokenExpiresMinutes: 45,
      },
    });
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('000.4 a token of a number lives as long as JWT_LIFETIME_SECONDS says', async () => {
    const { token } = await createDirectPerson(server);
    const ask = () => request(server.url).get('/users/me').set('authorization', `Bearer ${token}`);
    expect(secondsOf(token)).toBe(1);
    await expect.poll(async () => (await ask()).status).toBe(401);
    expect((await ask()).body).toMatchObject({ detail: 'Unauthorized' });
  });

  it('001.3 15 minutes and 7 days are those of TOKEN_LIFETIME and REFRESH_TOKEN_LIFETIME', async () => {
    const { token, refreshToken, id } = await createLobbyPerson(server, 'frank');
    expect(secondsOf(token)).toBe(15 * 60);
    const sql = postgres(server.databaseUrl, { max: 1 });
    const readIdleDays = async (): Promise<number> => {
      const [row] = await sql<{ days: string }[]>`
        select extract(epoch from expires_at - last_used_at) / 86400 as days from sessions where user_id = ${id}`;
      return Number(row!.days);
    };
    expect(await readIdleDays()).toBeCloseTo(7, 3);
    const answer = await request(server.url).post('/auth/refresh').send({ refresh_token: refreshToken }).expect(200);
    expect(secondsOf((answer.body as Tokens).access_token)).toBe(15 * 60);
    expect(await readIdleDays()).toBeCloseTo(7, 3);
    await sql.end();
  });

  it('a login by JSON has JWT_ACCESS_TOKEN_EXPIRES_MINUTES, one of the product its own', async () => {
    const { email, password } = await createLobbyPerson(server, 'grace');
    const logIn = async (path: string) =>
      (await request(server.url).post(path).send({ email, password }).expect(200)).body as Tokens;
    expect(secondsOf((await logIn('/auth/login')).access_token)).toBe(45 * 60);
    expect(secondsOf((await logIn('/api/v1/auth/token')).access_token)).toBe(30 * 60);
  });
});
