import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProfile, profile } from '../../src/protocol/users.ts';
import { codeOf as codeOfResponse, mistakesOf, statusesOf, tokensOf, tryLogIn } from '../accounts/cast.ts';
import { createActor, createGroup, logIn, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, createAsk, ownProfileOf, profileOf } from './cast.ts';

let server: TestServer;
const { get, patch, put } = createAsk(() => server);

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const uniqueName = (): string => `u${randomUUID().slice(0, 8)}`;

describe("one's own profile", () => {
  it('shows what one registered with and takes what one adds', async () => {
    const alice = await createActor(server, 'Alice');
    expect(ownProfile.parse(await ownProfileOf(get(alice, '/users/me').expect(200)))).toMatchObject({
      id: alice.id,
      name: 'Alice',
      email: alice.email,
      phone: null,
      username: null,
      about: null,
      avatar_url: null,
    });
    const about = `${'я'.repeat(254)}\n!`;
    const change = { name: 'Алиса', first_name: 'Алиса', last_name: 'Ли', about, language: 'pt-BR' };
    expect(await ownProfileOf(patch(alice, '/users/me', change).expect(200))).toMatchObject(change);
    expect(await ownProfileOf(patch(alice, '/users/me', { about: null }).expect(200))).toMatchObject({
      ...change,
      about: null,
    });
    expect(await ownProfileOf(get(alice, '/users/me'))).toMatchObject({ ...change, about: null });
  });

  it('names every mistake at once', async () => {
    const alice = await createActor(server, 'Alice');
    const wrong = {
      name: null,
      about: 'x'.repeat(257),
      language: 'Russian!',
      phone: '12',
      username: 'me',
      email: 'no',
    };
    expect(mistakesOf(await patch(alice, '/users/me', wrong)).map((mistake) => mistake.split(' ')[0])).toEqual([
      'name',
      'username',
      'username',
      'about',
      'email',
      'phone',
      'language',
    ]);
  });

  it('changes identifiers only for who knows the present password', async () => {
    const alice = await createActor(server, 'Alice');
    const username = uniqueName();
    expect(mistakesOf(await patch(alice, '/users/me', { username }))).toEqual(['current_password missing']);
    expect(await codeOf(patch(alice, '/users/me', { username, current_password: 'a guess' }).expect(403))).toBe(
      'wrong_password',
    );
    expect(await ownProfileOf(get(alice, '/users/me'))).toMatchObject({ username: null });
    const change = { username, email: null, current_password: alice.password };
    expect(await ownProfileOf(patch(alice, '/users/me', change).expect(200))).toMatchObject({ username, email: null });
    await tryLogIn(server.url, { username: username.toUpperCase(), password: alice.password }).expect(200);
    // What is sent back as it is needs nothing.
    await patch(alice, '/users/me', { username, email: null, about: 'Back' }).expect(200);
  });

  it('keeps at least one identifier', async () => {
    const alice = await createActor(server, 'Alice');
    const change = { email: null, current_password: alice.password };
    expect(await codeOf(patch(alice, '/users/me', change).expect(409))).toBe('identifier_needed');
    await tryLogIn(server.url, { email: alice.email, password: alice.password }).expect(200);
  });

  it('of twenty who want one name at once gives it to one', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, (_, i) => createActor(server, `Racer${i}`)));
    const username = uniqueName();
    const answers = await Promise.all(
      people.map((person, i) =>
        patch(person, '/users/me', {
          username: i % 2 === 0 ? username : username.toUpperCase(),
          current_password: person.password,
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array<number>(19).fill(409),
    ]);
    const loser = answers.find(({ status }) => status === 409)!;
    expect(codeOfResponse(loser)).toBe('identifier_taken');
  });

  it('counts guesses of the password as guesses at a login', async () => {
    // Dear enough for all to have come before the fifth has failed: what is refused is so for a second only.
    await using limited = await startTestServer({ config: { rateLimits: true, bcryptCost: 8 } });
    const alice = await createActor(limited, 'Alice');
    const ask = createAsk(() => limited);
    const guess = () => ask.patch(alice, '/users/me', { username: 'alice', current_password: 'a guess' });
    const guesses = await Promise.all(Array.from({ length: 6 }, guess));
    expect(statusesOf(guesses)).toEqual([403, 403, 403, 403, 403, 429]);
  });
});

describe('a changed password', () => {
  it('ends the other sessions at once, sockets on every node too, and keeps the one that changed it', async () => {
    await using other = await startTestServer({ database: { url: server.databaseUrl } });
    const alice = await createActor(server, 'Alice');
    const { email, password } = alice;
    const elsewhere = tokensOf(await tryLogIn(server.url, { email, password }).expect(200));
    const [here, there] = await Promise.all([logIn(server, alice), logIn(other, alice)]);
    const change = { password: 'another long one', current_password: alice.password };
    await patch(alice, '/users/me', change).expect(200);
    expect(await here.closed()).toBe(4502);
    expect(await there.closed()).toBe(4502);
    const thief = { authorization: { authorization: `Bearer ${elsewhere.access_token}` } };
    expect(await codeOf(get(thief, '/users/me').expect(401))).toBe('session_revoked');
    await get(alice, '/users/me').expect(200);
    await tryLogIn(server.url, { email: alice.email, password: alice.password }).expect(401);
    await tryLogIn(server.url, { email: alice.email, password: change.password }).expect(200);
  });

  it('needs the present one and has to be good enough', async () => {
    const alice = await createActor(server, 'Alice');
    expect(mistakesOf(await patch(alice, '/users/me', { password: 'another long one' }))).toEqual([
      'current_password missing',
    ]);
    const weak = { password: 'short', current_password: alice.password };
    expect(mistakesOf(await patch(alice, '/users/me', weak))).toEqual(['password weak_password']);
    const guessed = { password: 'another long one', current_password: 'a guess' };
    expect(await codeOf(patch(alice, '/users/me', guessed).expect(403))).toBe('wrong_password');
    await tryLogIn(server.url, { email: alice.email, password: alice.password }).expect(200);
  });

  it('of two at once is one, and the other is told that the password is not right', async () => {
    const alice = await createActor(server, 'Alice');
    const passwords = ['the first new one', 'the other new one'];
    const answers = await Promise.all(
      passwords.map((password) => patch(alice, '/users/me', { password, current_password: alice.password })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
    const winner = passwords[answers.findIndex(({ status }) => status === 200)]!;
    await tryLogIn(server.url, { email: alice.email, password: winner }).expect(200);
  });

  it('makes links for a new password worthless', async () => {
    const alice = await createActor(server, 'Alice');
    const sql = postgres(server.databaseUrl, { max: 1 });
    await sql`insert into one_time_tokens (hash, purpose, user_id, expires_at)
      values (${Buffer.from(alice.id)}, 'password_reset', ${alice.id}, now() + interval '1 hour')`;
    await patch(alice, '/users/me', { password: 'another long one', current_password: alice.password }).expect(200);
    const [link] = await sql`select used_at is not null as used from one_time_tokens where user_id = ${alice.id}`;
    expect(link).toEqual({ used: true });
    await sql.end();
  });
});

describe('the profile of somebody else', () => {
  let alice: Actor;
  let bob: Actor;
  beforeAll(async () => {
    [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    await patch(bob, '/users/me', { phone: `+7${Date.now()}`, current_password: bob.password }).expect(200);
  });
  const bobFor = async (viewer: Actor) => profile.parse(await profileOf(get(viewer, `/users/${bob.id}`).expect(200)));

  it('has no e-mail address and no telephone number, but for oneself', async () => {
    expect(await bobFor(alice)).toMatchObject({ id: bob.id, name: 'Bob', email: null, phone: null, deleted: false });
    expect((await bobFor(bob)).phone).not.toBeNull();
  });

  it('has the e-mail address, but never the number, for who shares a chat and as long as they do', async () => {
    const [carol, { chatId }] = await Promise.all([createActor(server, 'Carol'), createGroup(server, [alice, bob])]);
    await put(alice, `/users/${bob.id}/block`).expect(204);
    expect(await bobFor(alice)).toMatchObject({ email: bob.email, phone: null, blocked: true });
    expect(await bobFor(carol)).toMatchObject({ email: null, phone: null, blocked: false });
    await createAsk(() => server)
      .post(alice, `/chats/${chatId}/leave`)
      .expect(200);
    expect(await bobFor(alice)).toMatchObject({ email: null });
  });

  it('is not there for an unknown id', async () => {
    expect(await codeOf(get(alice, `/users/${randomUUID()}`).expect(404))).toBe('unknown_user');
    await get(alice, '/users/nobody').expect(422);
  });

  it('says nothing of when somebody was there to who is blocked', async () => {
    const [dave, erin] = await Promise.all([createActor(server, 'Dave'), createActor(server, 'Erin')]);
    const sql = postgres(server.databaseUrl, { max: 1 });
    await sql`update users set last_seen_at = '2025-01-01Z' where id = ${dave.id}`;
    await sql.end();
    const daveFor = async (viewer: Actor) => (await profileOf(get(viewer, `/users/${dave.id}`))).last_seen_at;
    expect(await daveFor(erin)).toBe('2025-01-01T00:00:00Z');
    await put(dave, `/users/${erin.id}/block`).expect(204);
    expect(await daveFor(erin)).toBeNull();
  });
});
