import { utimes, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import pino from 'pino';
import postgres from 'postgres';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Avatar } from '../../src/protocol/media.ts';
import { openPool } from '../../src/server/db/client.ts';
import { FolderStorage } from '../../src/server/media/folder-storage.ts';
import { createMedia } from '../../src/server/media/media.ts';
import { listUsedPictures } from '../../src/server/media/references.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openBucket } from './bucket.ts';
import { listFolder, makeOwnPicture, makePicture, putAvatar, putForm } from './files.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 1 });
  [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await sql.end();
  await server[Symbol.asyncDispose]();
});

const avatarOf = async (actor: Actor): Promise<string | null> =>
  (await sql<{ avatar: string | null }[]>`select avatar from users where id = ${actor.id}`)[0]!.avatar;

async function change(actor: Actor, picture?: Buffer, { url } = server): Promise<Avatar> {
  const response = await putAvatar(url, actor, picture ?? (await makeOwnPicture()));
  expect(response.status).toBe(200);
  return (await response.json()) as Avatar;
}

const remove = (actor: Actor): Promise<Response> =>
  fetch(`${server.url}/api/v1/users/me/avatar`, { method: 'DELETE', headers: actor.authorization });

/** As fetch would not send it: the path untouched. */
const askRaw = (path: string): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    get({ hostname, port, path }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject);
  });

describe('the own picture', () => {
  it('is kept in two sizes under names made of its content, and shown to everybody for ever', async () => {
    const answer = await change(alice, await makePicture('jpeg'));
    const name = await avatarOf(alice);
    expect(answer).toEqual({ avatar_url: `/media/${name}-256.webp`, avatar_small_url: `/media/${name}-64.webp` });
    for (const [path, side] of [
      [answer.avatar_url, 256],
      [answer.avatar_small_url, 64],
    ] as const) {
      const response = await fetch(`${server.url}${path}`);
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/webp',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'content-disposition': `inline; filename="${name}-${side}.webp"`,
      });
      const { format, width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
      expect({ format, width, height }).toEqual({ format: 'webp', width: side, height: side });
    }
  });

  it.each(['avatar', 'file'])('may stand in the field %s, with other short fields around it', async (name) => {
    const content = await makeOwnPicture();
    const response = await putForm(server.url, bob, [
      { name: 'title', content: 'me' },
      { name, filename: 'me.png', content },
      { name: 'note', content: 'x'.repeat(1_000) },
    ]);
    expect(response.status).toBe(200);
    expect(await listFolder(server.dataDir, 'uploads')).toEqual([]);
  });

  it('is replaced by the next and removed on demand', async () => {
    const first = await change(alice);
    const second = await change(alice);
    expect(second.avatar_url).not.toBe(first.avatar_url);
    for (let i = 0; i < 2; i++) {
      const response = await remove(alice);
      expect([response.status, await response.json()]).toEqual([200, { avatar_url: null, avatar_small_url: null }]);
      expect(await avatarOf(alice)).toBeNull();
    }
  });

  it('may be the same for two people', async () => {
    const picture = await makeOwnPicture();
    const [one, two] = await Promise.all([change(alice, picture), change(bob, picture)]);
    expect(one).toEqual(two);
    await remove(alice);
    expect((await fetch(`${server.url}${two.avatar_url}`)).status).toBe(200);
  });

  it('of twenty changes at once is one of them, and its files are there', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => change(bob)));
    const name = await avatarOf(bob);
    expect(answers.map(({ avatar_url: url }) => url)).toContain(`/media/${name}-256.webp`);
    expect((await fetch(`${server.url}/media/${name}-64.webp`)).status).toBe(200);
  });

  it('is not changed by a session that was ended meanwhile', async () => {
    const eve = await createActor(server, 'Eve');
    await sql`update sessions set revoked_at = now() where user_id = ${eve.id}`;
    const response = await putAvatar(server.url, eve, await makeOwnPicture());
    expect(response.status).toBe(401);
    expect(await avatarOf(eve)).toBeNull();
    expect(await listFolder(server.dataDir, 'uploads')).toEqual([]);
  });

  it('is changed by the own page with its cookie, and by no other page', async () => {
    const login = await fetch(`${server.url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email: bob.email, password: bob.password, cookie: true }),
    });
    const cookie = login.headers
      .getSetCookie()
      .map((text) => text.split(';')[0])
      .join('; ');
    const content = await makeOwnPicture();
    const put = async (headers: Record<string, string>): Promise<unknown> => {
      const nobody = { authorization: {} as { authorization: string } };
      const parts = [{ name: 'avatar', filename: 'a.png', content }];
      const response = await putForm(server.url, nobody, parts, { cookie, ...headers });
      return response.ok ? response.status : ((await response.json()) as { code: string }).code;
    };
    expect(await put({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await put({ 'sec-fetch-site': 'same-site' })).toBe('csrf');
    expect(await put({ 'sec-fetch-site': 'cross-site' })).toBe('csrf');
    expect(await put({})).toBe('csrf');
    // A browser too old to say whose page it is could be made to send a form; only JSON is believed of it.
    expect(await put({ origin: server.url })).toBe('unsupported_media_type');
  });
});

describe('the pictures of the server', () => {
  it('are deleted when no person and no group has them any more, and not before', async () => {
    const [alicesFirst, alicesSecond, bobs] = [await change(alice), await change(alice), await change(bob)];
    const { chatId } = await createGroup(server, [alice, bob]);
    await sql`update groups set avatar = ${await avatarOf(bob)} where chat_id = ${chatId}`;
    await remove(bob);
    const pool = openPool(server.databaseUrl, 1);
    const media = createMedia({
      storage: new FolderStorage(join(server.dataDir, 'media')),
      listUsed: (names) => listUsedPictures(pool, names),
      log: pino({ level: 'silent' }),
    });
    const statuses = (): Promise<number[]> =>
      Promise.all(
        [alicesFirst, alicesSecond, bobs].map(
          async ({ avatar_url: path }) => (await fetch(`${server.url}${path}`)).status,
        ),
      );
    await media.collectAll();
    expect(await statuses()).toEqual([200, 200, 200]);
    const anHourAgo = Date.now() / 1_000 - 3_600;
    for (const name of await listFolder(server.dataDir, 'media'))
      await utimes(join(server.dataDir, 'media', name), anHourAgo, anHourAgo);
    await media.collectAll();
    expect(await statuses()).toEqual([404, 200, 200]);
    await media[Symbol.asyncDispose]();
    await pool.end();
  });
});

describe('the address of a picture', () => {
  const none = '0'.repeat(64);
  it.each([
    `/media/${none}-256.webp`,
    `/media/${none}-128.webp`,
    '/media/..%2f..%2fpackage.json',
    '/media/../signing-key',
    '/media/..%5c..%5csigning-key',
    '/media/%2e%2e/%2e%2e/etc/passwd',
    '/media/....//signing-key',
    '/media/%2fetc%2fpasswd',
    `/media/${none}-256.webp%00.html`,
    `/media/${none}-256.webp%0a`,
    `/media/${none}-256.webp.html`,
    '/media/',
    '/media/.',
    `/media/${'a'.repeat(5_000)}`,
  ])('is nothing but that: %s', async (path) => {
    const { status, body } = await askRaw(path);
    expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([404, 'not_found']);
  });

  it('finds no other file that stands beside', async () => {
    const folder = join(server.dataDir, 'media');
    const [file = ''] = await listFolder(server.dataDir, 'media');
    for (const name of ['secret.txt', `${file}.part`]) await writeFile(join(folder, name), 'secret');
    const answers = await Promise.all([file, 'secret.txt', `${file}.part`].map((name) => askRaw(`/media/${name}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404]);
  });
});

describe('in a bucket', () => {
  it('pictures are shown by every node, and when it is gone the server says so and lives on', async () => {
    await using bucket = await openBucket();
    await using one = await startTestServer({ config: { ...bucket.place, s3Prefix: 'pictures/' } });
    await using two = await startTestServer({
      database: { url: one.databaseUrl },
      config: { ...bucket.place, s3Prefix: 'pictures/' },
    });
    const carol = await createActor(one, 'Carol');
    const { avatar_url: path } = await change(carol, undefined, one);
    expect((await fetch(`${two.url}${path}`)).status).toBe(200);
    expect(await listFolder(one.dataDir, 'media')).toEqual([]);
    await bucket.stop();
    const refused = await putAvatar(one.url, carol, await makeOwnPicture());
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'unavailable', retry: 'same' }]);
    expect((await fetch(`${one.url}${path}`)).status).toBe(503);
    expect((await fetch(`${one.url}/readyz`)).status).toBe(200);
    expect(one.bugs.every((line) => line.includes('the storage of pictures failed'))).toBe(true);
  });
});
