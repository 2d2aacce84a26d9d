import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { build, compiled } from '../support/programs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { askWith, codeOf, logIn, mistakesOf, password, register, statusesOf, tryLogIn } from './cast.ts';

let server: TestServer;
beforeAll(async () => {
  // Dear enough for two uses of one link to be hashed at the same time.
  server = await startTestServer({ config: { bcryptCost: 8 } });
  build();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What `npm run user -- …` says and how it ends. */
function user(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiled('scripts/user.ts'), ...args], {
      env: { ...process.env, DATABASE_URL: server.databaseUrl, PUBLIC_URL: '', REGISTRATION: '', ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

const stateOf = (listed: string, id: string): string | undefined =>
  listed
    .split('\n')
    .find((line) => line.startsWith(id))
    ?.split('\t')[5];

// Each command is a process of its own, which takes seconds on a busy machine.
describe('npm run user', { timeout: 60_000 }, () => {
  it('explains itself, and says what is wrong in a line', async () => {
    const [help, unknown, frobnicate, nothing] = await Promise.all([
      user(['--help']),
      user(['reset', 'nobody@example.com']),
      user(['frobnicate']),
      user(['reset']),
    ]);
    expect(help.code).toBe(0);
    for (const word of ['list', 'reset', 'deactivate', 'activate', 'invite', 'ban', 'unban', 'reports'])
      expect(help.out).toContain(word);
    expect([unknown.code, unknown.err.trim().split('\n').length]).toEqual([1, 1]);
    expect(unknown.err).toContain('nobody@example.com');
    expect(frobnicate.code).toBe(1);
    expect(nothing.code).toBe(1);
  });

  it('refuses a data folder without a database instead of making one there', async () => {
    const folder = join(tmpdir(), `mistyped-${randomUUID()}`);
    const where = { DATABASE_URL: '', DATA_DIR: folder };
    const answers = await Promise.all([
      user(['list'], where),
      user(['ban', 'bob'], where),
      user(['reports', 'close', randomUUID()], where),
    ]);
    for (const { code, out, err } of answers) {
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`There is no database in ${folder}`);
    }
    expect(existsSync(folder)).toBe(false);
  });

  it('lists everybody, one a line', async () => {
    const alice = await register(server.url, 'alice');
    const { code, out } = await user(['list']);
    expect(code).toBe(0);
    const line = out.split('\n').find((text) => text.startsWith(alice.id));
    expect(line?.split('\t').slice(1, 6)).toEqual(['alice', alice.email, alice.phone, alice.username, 'active']);
  });

  it('resets a password by a link that works once, logs the person out everywhere and closes their sockets', async () => {
    const bob = await register(server.url, 'bob');
    const { access_token } = await logIn(server.url, bob);
    const socket = new WebSocket(`${server.wsUrl}/ws`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    const said = new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ email: bob.email, password }));
    await said;

    const { code, out } = await user(['reset', bob.username.toUpperCase()], { PUBLIC_URL: 'https://chat.example.org' });
    expect(code).toBe(0);
    const token = /^https:\/\/chat\.example\.org\/reset#([\w-]{32})$/m.exec(out)?.[1];
    expect(await closed).toBe(4502);
    await expect.poll(async () => (await askWith(server.url, access_token)).status, { timeout: 1_500 }).toBe(401);

    const meanwhile = await logIn(server.url, bob);
    const reset = (body: object) => request(server.url).post('/api/v1/auth/password-reset').send(body);
    expect(mistakesOf(await reset({ token, password: 'short' }))).toEqual(['password weak_password']);
    const attempts = await Promise.all(
      ['the first new one', 'the other new one'].map((text) => reset({ token, password: text })),
    );
    expect(statusesOf(attempts)).toEqual([204, 403]);
    expect(codeOf(attempts.find(({ status }) => status === 403)!)).toBe('link_invalid');
    expect(codeOf(await askWith(server.url, meanwhile.access_token))).toBe('session_revoked');
    await tryLogIn(server.url, { email: bob.email, password }).expect(401);
    const winner = attempts[0]!.status === 204 ? 'the first new one' : 'the other new one';
    await tryLogIn(server.url, { email: bob.email, password: winner }).expect(200);
  });

  it('deactivates: nobody logs in any more, until activated again', async () => {
    const carol = await register(server.url, 'carol');
    const { access_token } = await logIn(server.url, carol);
    expect((await user(['deactivate', carol.phone])).out).toContain('1 sessions ended');
    await expect.poll(async () => (await askWith(server.url, access_token)).status, { timeout: 1_500 }).toBe(401);
    const refused = await tryLogIn(server.url, { email: carol.email, password });
    expect([refused.status, codeOf(refused)]).toEqual([401, 'wrong_credentials']);
    expect((await user(['activate', carol.id])).code).toBe(0);
    await logIn(server.url, carol);
  });

  it('bans: nobody logs in any more, and only lifting the ban changes that', async () => {
    const dora = await register(server.url, 'dora');
    await logIn(server.url, dora);
    expect((await user(['ban', dora.email, '--reason', 'Sells watches'])).out).toContain('1 sessions ended');
    await tryLogIn(server.url, { email: dora.email, password }).expect(401);
    const [activated, listed, shown] = await Promise.all([
      user(['activate', dora.id]),
      user(['list']),
      user(['reports', '--all']),
    ]);
    expect([activated.code, activated.err]).toEqual([1, expect.stringContaining('npm run user -- unban')]);
    expect(stateOf(listed.out, dora.id)).toBe('banned');
    expect(shown.out).toContain(dora.id);
    expect(shown.out).toContain('by the operator');
    expect(shown.out).toContain('Sells watches');
    await tryLogIn(server.url, { email: dora.email, password }).expect(401);
    expect((await user(['unban', dora.username])).code).toBe(0);
    await logIn(server.url, dora);
    const again = await user(['unban', dora.username]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('is not banned')]);
  });

  it('lists deleted accounts, and activates none of them', async () => {
    const erin = await register(server.url, 'erin');
    const { access_token: token } = await logIn(server.url, erin);
    await request(server.url)
      .delete('/api/v1/users/me')
      .set('authorization', `Bearer ${token}`)
      .send({ current_password: password })
      .expect(204);
    const [listed, activated, banned] = await Promise.all([
      user(['list']),
      user(['activate', erin.id]),
      user(['ban', erin.id]),
    ]);
    expect(stateOf(listed.out, erin.id)).toBe('deleted');
    expect([activated.code, activated.err]).toEqual([1, expect.stringContaining('cannot be activated')]);
    expect(banned.code).toBe(1);
  });

  it('shows open reports, the oldest first and whole, until they are closed', async () => {
    const [fay, gus] = [await register(server.url, 'fay'), await register(server.url, 'gus')];
    const { access_token: token } = await logIn(server.url, fay);
    const report = async (reason: string): Promise<string> => {
      const answer = await request(server.url)
        .post('/api/v1/reports')
        .set('authorization', `Bearer ${token}`)
        .send({ user_id: gus.id, reason })
        .expect(201);
      return (answer.body as { id: string }).id;
    };
    const first = await report('The first\n00000000-0000-0000-0000-000000000000  forged');
    const second = await report('The second');
    const open = await user(['reports']);
    expect(open.out.indexOf(first)).toBeLessThan(open.out.indexOf(second));
    expect(open.out).toContain(`about gus (${gus.id}), by fay`);
    expect(open.out).toContain('The first');
    expect(open.out).not.toMatch(/^0000/m);

    expect((await user(['reports', 'close', first])).out).toContain('is closed');
    const [rest, all, again, unknown] = await Promise.all([
      user(['reports']),
      user(['reports', '--all']),
      user(['reports', 'close', first]),
      user(['reports', 'close', 'nonsense']),
    ]);
    expect(rest.out).not.toContain(first);
    expect(rest.out).toContain(second);
    expect(all.out).toContain(first);
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('was closed before')]);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('nonsense')]);
  });

  it('makes invites, each good for one registration', async () => {
    await using invited = await startTestServer({
      config: { registration: 'invite' },
      database: { url: server.databaseUrl },
    });
    const tryRegister = (body: object) =>
      request(invited.url)
        .post('/api/v1/auth/register')
        .send({ name: 'Guest', password, ...body });
    const { code, out, err } = await user(['invite'], { REGISTRATION: 'invite' });
    expect([code, err]).toEqual([0, '']);
    const invite = out.trim().split('\n').at(-1)!;

    for (const wrong of [{}, { invite: 'made up' }, { invite: '' }])
      expect(codeOf(await tryRegister({ username: 'guest', ...wrong }))).toBe('invite_needed');
    const dave = await register(server.url, 'dave');
    expect(codeOf(await tryRegister({ email: dave.email, invite }))).toBe('identifier_taken');
    const attempts = await Promise.all([1, 2, 3, 4, 5].map((n) => tryRegister({ username: `guest${n}`, invite })));
    expect(statusesOf(attempts)).toEqual([200, 403, 403, 403, 403]);
  });
});
