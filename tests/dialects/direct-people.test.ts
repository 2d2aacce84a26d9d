import { createHash, randomUUID } from 'node:crypto';
import request from 'supertest';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectPerson } from '../../src/protocol/entry.ts';
import { limits } from '../../src/protocol/limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createDirectPerson, logInByForm, newPhone, newUsername, type OldPerson } from './old-clients.ts';

describe('people of the direct dialect', () => {
  let server: TestServer;
  let alice: OldPerson;

  beforeAll(async () => {
    server = await startTestServer();
    alice = await createDirectPerson(server);
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  const get = (path: string, person: OldPerson = alice) => request(server.url).get(path).set(person.authorization);
  const change = (person: OldPerson, body: object) =>
    request(server.url).patch('/users/me').set(person.authorization).send(body);

  it('000.5 /users/me answers oneself in the words of every older system, and nobody without a token', async () => {
    const { body } = await get('/users/me').expect(200);
    expect(body).toMatchObject({ id: alice.id, user_id: alice.id, phone_number: alice.phone, phone: alice.phone });
    const slashed = await get('/users/me/').expect(200);
    expect(slashed.body).toEqual(body);
    const refused = await request(server.url).get('/users/me').expect(401);
    expect(refused.body).toMatchObject({ detail: 'Unauthorized' });
  });

  it('000.5 username, address, number, words about oneself and the password change', async () => {
    const person = await createDirectPerson(server);
    const username = newUsername('changed');
    const email = `${username}@example.com`;
    const phone_number = newPhone();
    const { body } = await change(person, { username, email, phone_number, about_me: 'New here' }).expect(200);
    expect(body).toMatchObject({ username, email, phone_number, about_me: 'New here' });
    expect((await get('/users/me', person)).body).toEqual(body);
    await change(person, { password: 'another' }).expect(200);
    await logInByForm(server, phone_number, 'another');
    await get('/users/me', person).expect(200);
  });

  it('000.5 a changed password ends the other sessions', async () => {
    const person = await createDirectPerson(server);
    const { access_token: other } = await logInByForm(server, person.phone!, person.password);
    await change(person, { password: 'another' }).expect(200);
    await get('/users/me', { ...person, authorization: { authorization: `Bearer ${other}` } }).expect(401);
  });

  it('000.5 the own unchanged username is fine, a taken one is a 400', async () => {
    const username = newUsername('owner');
    const email = `${username}@example.com`;
    const owner = await createDirectPerson(server, { username, email });
    await change(owner, { username, email, phone_number: owner.phone }).expect(200);
    const other = await createDirectPerson(server);
    const taken = [
      [{ username }, 'User with this username already exists'],
      [{ email: email.toUpperCase() }, 'UPDATE_USER_EMAIL_ALREADY_EXISTS'],
      [{ phone_number: owner.phone }, 'User with this phone number already exists'],
    ] as const;
    for (const [body, detail] of taken) {
      const answer = await change(other, body);
      expect([answer.status, (answer.body as { detail: unknown }).detail]).toEqual([400, detail]);
    }
    expect((await get('/users/me', other)).body).toMatchObject({ username: null, email: null });
  });

  it('000.5 what is not valid is refused and changes nothing', async () => {
    const person = await createDirectPerson(server);
    const short = await change(person, { password: 'ab' }).expect(400);
    expect(short.body).toMatchObject({ detail: { code: 'UPDATE_USER_INVALID_PASSWORD' } });
    for (const body of [
      { username: 'me' },
      { email: 'nowhere' },
      { phone_number: '1' },
      { about_me: '' },
      [],
      { username: 5 },
    ])
      await change(person, body).expect(422);
    await change(person, { phone_number: null }).expect(409);
    expect((await get('/users/me', person)).body).toMatchObject({ phone_number: person.phone, username: null });
  });

  it('by the cookie of a page what needs the current password is refused', async () => {
    const person = await createDirectPerson(server, { email: `${randomUUID()}@example.com` });
    const login = await request(server.url)
      .post('/api/v1/auth/token')
      .send({ email: person.email, password: person.password, cookie: true })
      .expect(200);
    const cookie = [login.get('set-cookie') ?? []]
      .flat()
      .map((text) => text.split(';')[0])
      .join('; ');
    const changeAs = (path: string, body: object) => {
      const asker = request(server.url);
      const call = path === '/users/me' ? asker.patch(path) : asker.post(path);
      return call.set({ cookie, 'sec-fetch-site': 'same-origin' }).send(body);
    };
    await changeAs('/users/me', { about_me: 'By cookie' }).expect(200);
    for (const body of [{ password: 'stolen' }, { email: 'thief@example.com' }, { phone_number: newPhone() }])
      await changeAs('/users/me', body).expect(422);
    await changeAs('/users/update', { email: 'thief@example.com' }).expect(422);
    await changeAs('/users/update', { first_name: 'By cookie' }).expect(200);
  });

  it('somebody else is nobody’s to read, change or delete by id', async () => {
    for (const method of ['get', 'patch', 'delete'] as const)
      for (const id of [alice.id, randomUUID()]) {
        const { status, body } = await request(server.url)[method](`/users/${id}`).set(alice.authorization);
        expect([method, status, (body as { detail: unknown }).detail]).toEqual([method, 403, 'Forbidden']);
      }
    await get('/users/me').expect(200);
  });

  describe('000.6 the picture', () => {
    const send = (bytes: Buffer, name: string, field = 'avatar') =>
      request(server.url).post('/users/avatar').set(alice.authorization).attach(field, bytes, name);
    const png = () =>
      sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
        .png()
        .toBuffer();

    it('000.6 is stored under an address of the host that was asked, and can be fetched', async () => {
      const { body } = await send(await png(), 'me.png').expect(200);
      const { avatar_url } = body as { avatar_url: string };
      expect(avatar_url).toMatch(new RegExp(`^${server.url}/media/[0-9a-f]{64}-256\\.webp$`));
      const picture = await fetch(avatar_url);
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
      expect((await get('/users/me')).body).toMatchObject({ avatar_url, picture: avatar_url });
    });

    it('000.6 only what is an image becomes one, whatever it is called', async () => {
      const page = Buffer.from('<html><script>alert(1)</script></html>');
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
      for (const [bytes, name] of [
        [page, 'page.png'],
        [svg, 'picture.svg'],
        [Buffer.alloc(0), 'nothing.png'],
      ] as const)
        expect((await send(bytes, name)).status).toBe(400);
      await send(Buffer.alloc(6 * 1024 * 1024, 1), 'large.png').expect(413);
      await request(server.url)
        .post('/users/avatar')
        .attach('avatar', await png(), 'me.png')
        .expect(401);
    });

    it('000.6 a name that climbs out of the folder does no harm', async () => {
      const { body } = await send(await png(), '../../../../etc/passwd.html').expect(200);
      expect((body as { avatar_url: string }).avatar_url).toMatch(/\/media\/[0-9a-f]{64}-256\.webp$/);
    });

    it('000.6 another field, or no file, is a 422', async () => {
      await send(await png(), 'me.png', 'picture').expect(422);
    });
  });

  describe('000.7 searching', () => {
    const prefix = `find${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 6)}`;
    let people: OldPerson[];
    const search = async (query: string): Promise<DialectPerson[]> =>
      (await get(`/users/?${query}`).expect(200)).body as DialectPerson[];
    const idsOf = (found: DialectPerson[]): string[] => found.map(({ id }) => id);

    beforeAll(async () => {
      people = [];
      for (const tail of ['_a', '_b', '.c', 'd', 'E'])
        people.push(
          await createDirectPerson(server, { username: prefix + tail, email: `${prefix}${tail}@example.com` }),
        );
    });

    it('000.7 finds by the beginning of a username, whatever its case', async () => {
      expect(new Set(idsOf(await search(`username=${prefix}`)))).toEqual(new Set(people.map(({ id }) => id)));
      expect(idsOf(await search(`username=${prefix.toUpperCase()}D`))).toEqual([people[3]!.id]);
      expect(new Set(idsOf(await search(`username=${prefix}_`)))).toEqual(new Set([people[0]!.id, people[1]!.id]));
      expect(await search(`username=${prefix}_a_`)).toEqual([]);
    });

    it('000.7 finds by the whole number or address, and shows just that one', async () => {
      const [first] = people;
      const byPhone = await search(`phone_number=${encodeURIComponent(first!.phone!)}`);
      expect(byPhone).toMatchObject([{ id: first!.id, phone_number: first!.phone, phone: first!.phone, email: null }]);
      // A + that nobody encoded is a space.
      expect(idsOf(await search(`phone_number=${first!.phone}`))).toEqual([first!.id]);
      const byEmail = await search(`email=${first!.email!.toUpperCase()}`);
      expect(byEmail).toMatchObject([{ id: first!.id, email: first!.email, phone: null, phone_number: null }]);
      const byName = await search(`username=${prefix}_a`);
      expect(byName).toMatchObject([{ id: first!.id, email: null, phone_number: null, phone: null }]);
    });

    it('000.7 filters are all to be met', async () => {
      const [first, second] = people;
      expect(idsOf(await search(`username=${prefix}&email=${first!.email}`))).toEqual([first!.id]);
      expect(await search(`username=${second!.username}&email=${first!.email}`)).toEqual([]);
      const phone = encodeURIComponent(first!.phone!);
      expect(idsOf(await search(`phone_number=${phone}&email=${first!.email}`))).toEqual([first!.id]);
      expect(await search(`phone_number=${phone}&email=${second!.email}`)).toEqual([]);
    });

    it('000.7 a beginning of a number or address finds nobody, and neither do patterns', async () => {
      expect(await search('phone_number=%2B7999')).toEqual([]);
      for (const pattern of ['.*', '(', '%25', '_', '[a-z]%2B', '\\', "'; drop table users; --"]) {
        const text = encodeURIComponent(decodeURIComponent(pattern));
        expect(await search(`email=${text}`)).toEqual([]);
        expect(await search(`phone_number=${text}`)).toEqual([]);
        expect(await search(`username=${text}`)).toEqual([]);
      }
    });

    it('000.7 no filter, and none but an empty one, finds nobody', async () => {
      expect(await search('')).toEqual([]);
      expect(await search('username=&email=')).toEqual([]);
      expect((await get('/users').expect(200)).body).toEqual([]);
    });

    it('000.7 pages are bounded', async () => {
      const all = idsOf(await search(`username=${prefix}`));
      expect(idsOf(await search(`username=${prefix}&limit=2`))).toEqual(all.slice(0, 2));
      expect(idsOf(await search(`username=${prefix}&limit=2&offset=4`))).toEqual(all.slice(4));
      for (const query of ['limit=0', 'limit=201', 'offset=-1', 'offset=1001', 'username=a&username=b'])
        await get(`/users/?${query}`).expect(422);
    });

    it('000.7 no answer has a hash, and nobody finds who is not active', async () => {
      expect(JSON.stringify(await search(`username=${prefix}`))).not.toMatch(/hash|\$2[aby]\$/);
      const gone = await createDirectPerson(server, { username: `${prefix}gone` });
      await request(server.url)
        .post('/api/v1/users/me/deactivate')
        .set(gone.authorization)
        .send({ current_password: gone.password })
        .expect(204);
      expect(await search(`username=${gone.username}`)).toEqual([]);
      expect(await search(`phone_number=${encodeURIComponent(gone.phone!)}`)).toEqual([]);
      await request(server.url).get(`/users/?username=${prefix}`).expect(401);
    });
  });

  it('000.13 /docs is there', async () => {
    await request(server.url).get('/docs').expect(200);
  });
});

describe('with rates', () => {
  it('000.7 searching and looking up usernames share one rate', async () => {
    await using server = await startTestServer({ config: { rateLimits: true } });
    const person = await createDirectPerson(server);
    const ask = async (path: string): Promise<number> =>
      (await request(server.url).get(path).set(person.authorization)).status;
    for (let i = 0; i < limits.rates.searchesPerMinute; i++)
      expect(await ask(i % 2 === 0 ? '/users/?username=x' : '/users/nobody-at-all')).toBe(i % 2 === 0 ? 200 : 404);
    expect([await ask('/users/?username=x'), await ask('/users/nobody-at-all')]).toEqual([429, 429]);
    expect(await ask('/users/me')).toBe(200);
    expect(server.bugs).toEqual([]);
  });
});
