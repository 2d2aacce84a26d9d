import { randomUUID } from 'node:crypto';
import request from 'supertest';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createLobbyPerson, logInByForm, newPhone, newUsername, type OldPerson } from './old-clients.ts';

describe('people of the lobby dialect', () => {
  let server: TestServer;
  let alice: OldPerson;

  beforeAll(async () => {
    server = await startTestServer();
    alice = await createLobbyPerson(server, 'alice');
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  const create = (body: object) => request(server.url).post('/users/create').send(body);
  const get = (path: string, person: OldPerson = alice) => request(server.url).get(path).set(person.authorization);
  const update = (person: OldPerson, body: object) =>
    request(server.url).post('/users/update').set(person.authorization).send(body);
  const detailOf = (response: { body: unknown }): unknown => (response.body as { detail: unknown }).detail;

  describe('001.1 creating an account', () => {
    it('001.1 answers 200 with id, username and address, and no password', async () => {
      const username = newUsername('created');
      const email = `${username}@example.com`;
      const { body } = await create({ email, username, password: 'sesame' }).expect(200);
      expect(body).toMatchObject({ user_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, username, email });
      expect(JSON.stringify(body)).not.toMatch(/password|hash|sesame/);
    });

    it('001.1 a taken username or address is a 400', async () => {
      const { username = '', email = '' } = alice;
      for (const body of [
        { username: username.toUpperCase(), email: `${randomUUID()}@example.com` },
        { username: newUsername('other'), email: email.toUpperCase() },
      ]) {
        const answer = await create({ ...body, password: 'sesame' });
        expect([answer.status, detailOf(answer)]).toEqual([400, 'User with this email or username already exists']);
      }
    });

    it('001.1 a username has 5 to 50 characters, a password 5 to 24', async () => {
      const tryOut = async (username: string, password: string): Promise<number> =>
        (await create({ username, password, email: `${randomUUID()}@example.com` })).status;
      const tail = randomUUID().slice(0, 4);
      expect(await tryOut(tail, 'sesame')).toBe(422);
      expect(await tryOut(`x${tail}`, 'sesame')).toBe(200);
      expect(await tryOut(tail.padEnd(50, 'x'), 'sesame')).toBe(200);
      expect(await tryOut(tail.padEnd(51, 'x'), 'sesame')).toBe(422);
      expect(await tryOut(newUsername('short'), '1234')).toBe(422);
      expect(await tryOut(newUsername('short'), '12345')).toBe(200);
      expect(await tryOut(newUsername('long'), 'x'.repeat(24))).toBe(200);
      expect(await tryOut(newUsername('long'), 'x'.repeat(25))).toBe(422);
    });

    it('001.1 what could not stand in an address or a line is no username', async () => {
      for (const username of ['update', 'create', 'add_picture', '../../x', 'two words', 'a/b/c/d', randomUUID()]) {
        const { status } = await create({ username, password: 'sesame', email: `${randomUUID()}@example.com` });
        expect([username, status]).toEqual([username, 422]);
      }
    });

    it('of twenty at once with one username exactly one succeeds', async () => {
      const username = newUsername('raced');
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          create({ username, password: 'sesame', email: `${i}${username}@example.com` }),
        ),
      );
      expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    });

    it('a username of 50 characters can log in', async () => {
      const username = newUsername('long').padEnd(50, 'x');
      await create({ username, password: 'sesame', email: `${randomUUID()}@example.com` }).expect(200);
      await logInByForm(server, username, 'sesame');
    });
  });

  it('001.4 /users/me has every key of the system, and is for those who are logged in', async () => {
    const { body } = await get('/users/me').expect(200);
    expect(body).toMatchObject({
      user_id: alice.id,
      username: alice.username,
      email: alice.email,
      first_name: null,
      last_name: null,
      phone: null,
      picture: null,
    });
    await request(server.url).get('/users/me').expect(401);
  });

  describe('001.5 changing oneself', () => {
    it('001.5 changes names, number and address; what is absent stays', async () => {
      const person = await createLobbyPerson(server, 'updating');
      const phone = newPhone();
      const email = `new-${person.email}`;
      const whole = await update(person, { email, first_name: 'Ада', last_name: 'Лавлейс', phone }).expect(200);
      expect(whole.body).toMatchObject({ email, first_name: 'Ада', last_name: 'Лавлейс', phone });
      const partial = await update(person, { first_name: null }).expect(200);
      expect(partial.body).toMatchObject({ email, first_name: null, last_name: 'Лавлейс', phone });
      expect((await get('/users/me', person)).body).toEqual(partial.body);
    });

    it('001.5 an address of null, a malformed and a taken one are refused, and the account survives', async () => {
      const person = await createLobbyPerson(server, 'survivor');
      await update(person, { email: null, first_name: 'X', last_name: null, phone: null }).expect(422);
      await update(person, { email: 'nowhere' }).expect(422);
      const taken = await update(person, { email: alice.email! });
      expect([taken.status, detailOf(taken)]).toEqual([400, 'User with this email or username already exists']);
      expect((await get('/users/me', person).expect(200)).body).toMatchObject({
        email: person.email,
        first_name: null,
      });
      await logInByForm(server, person.username!, person.password);
    });

    it('001.5 is for those who are logged in', async () => {
      await request(server.url).post('/users/update').send({ first_name: 'X' }).expect(401);
    });
  });

  describe('001.6 a person by username', () => {
    it('001.6 is one object, with and without a slash, also for who has no names yet', async () => {
      const fresh = await createLobbyPerson(server, 'fresh');
      const { body } = await get(`/users/${fresh.username}`).expect(200);
      expect(body).toMatchObject({ username: fresh.username, first_name: null, last_name: null, picture: null });
      expect((await get(`/users/${fresh.username}/`).expect(200)).body).toEqual(body);
      expect((await get(`/users/${fresh.username!.toUpperCase()}`).expect(200)).body).toEqual(body);
    });

    it('001.6 shows neither number nor address', async () => {
      const person = await createLobbyPerson(server, 'private');
      await update(person, { phone: newPhone() }).expect(200);
      expect((await get(`/users/${person.username}`)).body).toMatchObject({
        phone: null,
        email: null,
        phone_number: null,
      });
    });

    it('001.6 nobody with that name is a 404, and nobody without a token learns it', async () => {
      const unknown = await get('/users/nobody-at-all').expect(404);
      expect(detailOf(unknown)).toBe("User 'nobody-at-all' not found");
      await get(`/users/${alice.username!.slice(0, -1)}`).expect(404);
      await request(server.url).get(`/users/${alice.username}`).expect(401);
      for (const name of ['%27%3B--', '%25', 'x'.repeat(1_000), '%E2%98%83']) await get(`/users/${name}`).expect(404);
    });
  });

  describe('001.7 the picture', () => {
    const picture = () =>
      sharp({ create: { width: 9, height: 9, channels: 3, background: 'plum' } })
        .jpeg()
        .toBuffer();

    it('001.7 is set by PATCH and by POST, and can be fetched', async () => {
      for (const method of ['patch', 'post'] as const) {
        const asker = request(server.url);
        const { body } = await asker[method]('/users/add_picture')
          .set(alice.authorization)
          .attach('file', await picture(), '../../me.jpg')
          .expect(200);
        const { message, picture: url } = body as { message: string; picture: string };
        expect(message).toBe('Изображение успешно добавлено к пользователю');
        expect((await fetch(url)).headers.get('content-type')).toBe('image/webp');
        expect((await get('/users/me')).body).toMatchObject({ picture: url });
      }
    });

    it('001.7 needs a token, and is an image', async () => {
      await request(server.url)
        .patch('/users/add_picture')
        .attach('file', await picture(), 'me.jpg')
        .expect(401);
      await request(server.url)
        .patch('/users/add_picture')
        .set(alice.authorization)
        .attach('file', Buffer.from('<?php echo 1;'), 'me.jpg')
        .expect(400);
    });
  });
});
