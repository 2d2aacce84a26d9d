/** What a stranger may find out about who is here by logging in and by invites. */
import { randomInt, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { banAccount, createInvite } from '../../src/server/accounts/operator.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { measureWork } from '../support/work.ts';
import { logInForToken, password, post, readAnswer, register, type Answer, type Login } from './strangers.ts';

const postForm = (url: string, fields: Record<string, string>): Promise<Response> =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields) });

/** Every way to log in with a password. */
const ways: Record<string, (server: TestServer, login: Login, socket: TestSocket) => Promise<Answer>> = {
  'POST /api/v1/auth/token': async ({ url }, login) => readAnswer(await post(`${url}/api/v1/auth/token`, login)),
  'POST /api/v1/auth/login': async ({ url }, login) => readAnswer(await post(`${url}/api/v1/auth/login`, login)),
  'POST /auth/login as JSON': async ({ url }, login) => readAnswer(await post(`${url}/auth/login`, login)),
  'POST /auth/login as a form': async ({ url }, { email, password: typed }) =>
    readAnswer(await postForm(`${url}/auth/login`, { username: email, password: typed })),
  'POST /auth/jwt/login': async ({ url }, { email, password: typed }) =>
    readAnswer(await postForm(`${url}/auth/jwt/login`, { username: email, password: typed })),
  'a frame of the plain dialect': async (_server, login, socket) => ({
    status: 0,
    body: JSON.stringify(await socket.ask(login)),
  }),
};

describe('a login', () => {
  let server: TestServer;
  let sql: postgres.Sql;
  let cases: Record<string, Login>;

  beforeAll(async () => {
    server = await startTestServer({ config: { bcryptCost: 10 } });
    sql = postgres(server.databaseUrl, { max: 2 });
    const [active, deactivated, banned, deleted, unset] = await Promise.all(
      Array.from({ length: 5 }, () => register(server)),
    );
    await sql`select deactivate_user(${deactivated!.id})`;
    await banAccount(sql, banned!.id, 'Sold watches');
    await sql`update users set password_hash = null where id = ${unset!.id}`;
    const access = await logInForToken(server, deleted!);
    await fetch(`${server.url}/api/v1/users/me`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${access}` },
      body: JSON.stringify({ current_password: password }),
    });
    const toLogin = ({ email }: Login, typed = password): Login => ({ email, password: typed });
    cases = {
      'a wrong password': toLogin(active!, 'another one altogether'),
      'an unknown address': toLogin({ email: `${randomUUID()}@example.com`, password }),
      'a deactivated account': toLogin(deactivated!),
      'a banned one': toLogin(banned!),
      'a deleted one': toLogin(deleted!),
      'one without a password': toLogin(unset!),
    };
    const works = await post(`${server.url}/api/v1/auth/token`, toLogin(active!));
    expect(works.status).toBe(200);
  });
  afterAll(async () => {
    await sql.end();
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it.each(Object.keys(ways))(
    'by %s says the same of everybody who may not, for the same work',
    { timeout: 180_000 },
    async (name) => {
      const socket = await TestSocket.open(`${server.wsUrl}/ws`);
      const worked: Record<string, number[]> = {};
      const answers: Record<string, Answer> = {};
      for (let round = 0; round < 3; round++) {
        for (const [what, login] of Object.entries(cases)) {
          const workMs = await measureWork(async () => (answers[what] = await ways[name]!(server, login, socket)));
          (worked[what] ??= []).push(workMs);
        }
      }
      await socket.close();
      const first = answers['a wrong password']!;
      expect(first.body).toMatch(/credentials|Invalid token|Incorrect/i);
      for (const [what, answer] of Object.entries(answers)) expect([what, answer]).toEqual([what, first]);
      // Of each the least: collecting garbage only adds to it.
      const usual = Math.min(...worked['a wrong password']!);
      for (const [what, values] of Object.entries(worked)) {
        const ratio = Math.min(...values) / usual;
        expect(ratio, `${what} costs ${ratio.toFixed(2)} times a wrong password`).toBeGreaterThan(0.4);
        expect(ratio, `${what} costs ${ratio.toFixed(2)} times a wrong password`).toBeLessThan(2.5);
      }
    },
  );

  it('makes whoever guesses at nobody wait like whoever guesses at somebody', async () => {
    await using limited = await startTestServer({ config: { rateLimits: true, trustProxy: 'loopback' } });
    const somebody = await register(limited);
    const statusesOf = async (email: string, ip: string): Promise<number[]> => {
      const statuses: number[] = [];
      // Up to the first that has to wait: how long it takes to ask again must not matter.
      while (statuses.at(-1) !== 429 && statuses.length < 8) {
        const guess = { email, password: 'a guess' };
        statuses.push((await post(`${limited.url}/api/v1/auth/token`, guess, { 'x-forwarded-for': ip })).status);
      }
      return statuses;
    };
    const guesses = await statusesOf(somebody.email, '10.1.0.1');
    expect(guesses).toContain(429);
    expect(await statusesOf('nobody@example.com', '10.2.0.1')).toEqual(guesses);
  });
});

describe('an invite', () => {
  const registrations: Record<string, (own: object) => [path: string, body: object]> = {
    canonical: (own) => ['/api/v1/auth/register', { name: 'New', password, ...own }],
    'by e-mail at the root': (own) => ['/auth/register', { name: 'New', password, ...own }],
    'by phone at the root': (own) => [
      '/auth/register',
      { phone_number: `+7${randomInt(1_000_000_000, 9_999_999_999)}`, password, ...own },
    ],
    'of system 001': (own) => ['/users/create', { username: `name${randomUUID().slice(0, 8)}`, password, ...own }],
  };

  it.each(Object.keys(registrations))(
    'to register %s that does not work says nothing more, not even of the address',
    async (way) => {
      await using server = await startTestServer({ config: { registration: 'invite' } });
      const sql = postgres(server.databaseUrl, { max: 1 });
      const [used, expired, revoked] = [await createInvite(sql), await createInvite(sql), await createInvite(sql)];
      const taken = `${randomUUID()}@example.com`;
      const send = async (own: object): Promise<Answer> => {
        const [path, body] = registrations[way]!(own);
        return readAnswer(await post(server.url + path, body));
      };
      expect((await send({ email: taken, invite: used })).status).toBeLessThan(300);
      await sql`update one_time_tokens set expires_at = now() - interval '1 day' where used_at is null`;
      const gone = await createInvite(sql);
      await sql`delete from one_time_tokens where used_at is null and expires_at > now()`;
      const answers: Answer[] = [];
      for (const invite of [undefined, '', 'made up', used, expired, revoked, gone]) {
        answers.push(
          await send({ email: `${randomUUID()}@example.com`, invite }),
          await send({ email: taken, invite }),
        );
      }
      expect(answers[0]!.status).toBe(403);
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await sql`select from users`).toHaveLength(1);
      await sql.end();
    },
  );

  it('into a group that does not work says nothing more', async () => {
    await using server = await startTestServer();
    const sql = postgres(server.databaseUrl, { max: 1 });
    const logged = async (): Promise<Record<string, string>> => {
      const access = await logInForToken(server, await register(server));
      return { authorization: `Bearer ${access}` };
    };
    const [owner, stranger, guest] = [await logged(), await logged(), await logged()];
    const make = async (path: string, body: object): Promise<Record<string, string>> =>
      (await (await post(server.url + path, body, owner)).json()) as Record<string, string>;
    const createGroup = async (): Promise<string> =>
      (await make('/api/v1/chats/group', { name: 'A group', member_ids: [] }))['id']!;
    const [chatId, deletedId] = [await createGroup(), await createGroup()];
    const invite = (id: string, body: object = {}): Promise<Record<string, string>> =>
      make(`/api/v1/chats/${id}/invites`, body);
    const [expired, revoked, used, lost] = [
      await invite(chatId),
      await invite(chatId),
      await invite(chatId, { max_uses: 1 }),
      await invite(deletedId),
    ];
    await sql`update chat_invites set expires_at = now() - interval '1 second' where id = ${expired['id']!}`;
    const remove = (path: string): Promise<Response> => fetch(server.url + path, { method: 'DELETE', headers: owner });
    expect((await remove(`/api/v1/chats/${chatId}/invites/${revoked['id']}`)).status).toBe(204);
    expect((await remove(`/api/v1/chats/${deletedId}`)).status).toBeLessThan(300);
    expect((await post(`${server.url}/api/v1/invites/${used['token']}/join`, {}, guest)).status).toBe(200);
    const tokens = [expired, revoked, used, lost].map((one) => one['token']!);
    const answers: Answer[] = [];
    for (const token of [...tokens, 'made-up-and-long-enough', 'x', '%20', 'a'.repeat(5_000)]) {
      const address = `${server.url}/api/v1/invites/${token}`;
      answers.push(await readAnswer(await fetch(address, { headers: stranger })));
      answers.push(await readAnswer(await post(`${address}/join`, {}, stranger)));
    }
    expect(answers[0]!.status).toBe(404);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await sql.end();
    expect(server.bugs).toEqual([]);
  });
});
