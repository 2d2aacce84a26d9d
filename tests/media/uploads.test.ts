import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUploads } from '../../src/server/http/uploads.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { listFolder, makeOwnPicture, makePicture, putAvatar, putForm, toForm, type Part } from './files.ts';

const path = '/api/v1/users/me/avatar';
const maxBytes = 5 * 1024 * 1024;

let server: TestServer;
let mallory: Actor;
let picture: Buffer;

beforeAll(async () => {
  server = await startTestServer();
  mallory = await createActor(server, 'Mallory');
  picture = await makeOwnPicture();
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  expect(await listFolder(server.dataDir, 'uploads')).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const outcomeOf = async (response: Response): Promise<[number, string | undefined]> => [
  response.status,
  ((await response.json()) as { code?: string }).code,
];

const put = async (parts: Part[], headers?: Record<string, string>): Promise<[number, string | undefined]> => {
  const outcome = await outcomeOf(await putForm(server.url, mallory, parts, headers));
  // Whatever came of it, nothing is left of it.
  expect(await listFolder(server.dataDir, 'uploads')).toEqual([]);
  return outcome;
};
const avatar = (content: Buffer | string, filename = 'picture.png', type = 'image/png'): Part => ({
  name: 'avatar',
  filename,
  type,
  content,
});

describe('the type of a file', () => {
  it.each<[string, string, string]>([
    ['SVG', 'image/png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['HTML', 'image/jpeg', '<!doctype html><script>alert(1)</script>'],
    ['a script', 'image/webp', 'alert(1)'],
    ['a GIF that is a script', 'image/gif', 'GIF89a=1;alert(1);//'],
  ])('is what its content says: %s sent as %s', async (_what, type, content) => {
    expect(await put([avatar(content, 'picture.png', type)])).toEqual([400, 'invalid_image']);
  });

  it('is what its content says: a picture sent as HTML is a picture', async () => {
    expect(await put([avatar(picture, 'page.html', 'text/html')])).toEqual([200, undefined]);
  });

  it('that is a picture and a page at once comes back as a picture only', async () => {
    const evil = '<script>alert(document.domain)</script>';
    const response = await putAvatar(
      server.url,
      mallory,
      Buffer.concat([await makePicture('jpeg'), Buffer.from(evil)]),
    );
    const { avatar_url: url } = (await response.json()) as { avatar_url: string };
    const served = await fetch(`${server.url}${url}`);
    expect(served.headers.get('content-type')).toBe('image/webp');
    expect(await served.text()).not.toContain('script');
  });
});

describe('the name of a file', () => {
  it.each(['../../../etc/passwd', '..\\..\\evil', '/etc/passwd', 'con', '.', '..', 'ж'.repeat(2_000)])(
    'decides nothing: %j',
    async (filename) => {
      expect(await put([avatar(picture, filename)])).toEqual([200, undefined]);
    },
  );

  it('of a hundred kilobytes, or with a NUL, is refused', async () => {
    expect(await put([avatar(picture, 'a\0b.png')])).toEqual([422, 'invalid_request']);
    expect(await put([avatar(picture, 'x'.repeat(100_000))])).toEqual([422, 'invalid_request']);
  });
});

describe('a form', () => {
  it('with two files is refused', async () => {
    expect(await put([avatar(picture), avatar(picture)])).toEqual([422, 'invalid_request']);
    expect(await put([avatar(picture), { ...avatar(picture), name: 'file' }])).toEqual([422, 'invalid_request']);
  });

  it('without a file is refused, and so is a file in another field', async () => {
    expect(await put([])).toEqual([422, 'invalid_request']);
    expect(await put([{ name: 'avatar', content: 'text' }])).toEqual([422, 'invalid_request']);
    expect(await put([{ ...avatar(picture), name: 'picture' }])).toEqual([422, 'invalid_request']);
    const bare = await fetch(`${server.url}${path}`, { method: 'PUT', headers: mallory.authorization });
    expect(await outcomeOf(bare)).toEqual([422, 'invalid_request']);
  });

  it('with many, long or nested fields is refused', async () => {
    const fields = Array.from({ length: 50 }, (_, i) => ({ name: `f${i}`, content: 'x' }));
    expect(await put([...fields, avatar(picture)])).toEqual([422, 'invalid_request']);
    expect(await put([{ name: 'long', content: 'x'.repeat(2_000) }, avatar(picture)])).toEqual([
      422,
      'invalid_request',
    ]);
    expect(await put([{ name: 'n'.repeat(200), content: 'x' }, avatar(picture)])).toEqual([422, 'invalid_request']);
    expect(await put([{ name: 'a[b][c]', content: 'x' }, avatar(picture)])).toEqual([422, 'invalid_request']);
    expect(await put([{ name: '__proto__', content: 'x' }, avatar(picture)])).toEqual([200, undefined]);
  });

  it.each(['multipart/form-data; charset=utf-8', 'multipart/form-data; boundary=another'])(
    'whose boundary is missing is refused: %s',
    async (type) => {
      expect(await put([avatar(picture)], { 'content-type': type })).toEqual([422, 'invalid_request']);
    },
  );

  it('of another kind is refused', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=x']) {
      const [status] = await put([avatar(picture)], { 'content-type': type });
      expect([400, 415], type).toContain(status);
    }
  });

  it('is read only after it is known who sends it', async () => {
    const nobody = { authorization: { authorization: 'Bearer nonsense' } };
    const response = await putForm(server.url, nobody, [avatar(picture)]);
    expect(await outcomeOf(response)).toEqual([401, 'not_authenticated']);
  });
});

describe('a file that is too large', () => {
  it('is refused by what the head says, and by what arrives', async () => {
    expect(await put([avatar(Buffer.alloc(maxBytes + 1))])).toEqual([413, 'too_large']);
    expect(await put([avatar(Buffer.alloc(maxBytes + 100_000))])).toEqual([413, 'too_large']);
    // It is of the size that is allowed, so it is looked at.
    expect(await put([avatar(Buffer.alloc(maxBytes))])).toEqual([400, 'invalid_image']);
  });

  it('and never ends is refused in the middle', async () => {
    const request = open({ 'transfer-encoding': 'chunked' });
    const answered = answerTo(request);
    request.write(head);
    const timer = setInterval(() => request.write(Buffer.alloc(256 * 1024)), 5);
    expect(await answered).toBe(413);
    clearInterval(timer);
    request.destroy();
    await expect.poll(() => listFolder(server.dataDir, 'uploads')).toEqual([]);
  });
});

const { body: whole, type: formType } = toForm([{ name: 'avatar', filename: 'a.png', content: Buffer.alloc(4_000) }]);
const head = whole.subarray(0, 300);

const open = (headers: Record<string, string | number>): ClientRequest => {
  const { hostname, port } = new URL(server.url);
  const request = httpRequest({
    hostname,
    port,
    path,
    method: 'PUT',
    headers: { ...mallory.authorization, 'content-type': formType, ...headers },
  });
  request.on('error', () => undefined);
  return request;
};

const answerTo = (request: ClientRequest): Promise<number | undefined> =>
  new Promise((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });

describe('an upload that is cut off', () => {
  it('a thousand times, anywhere, leaves no file and no place taken', async () => {
    const { hostname, port } = new URL(server.url);
    const headOf = (bytes: number): string =>
      [
        `PUT ${path} HTTP/1.1`,
        'Host: localhost',
        `Authorization: ${mallory.authorization.authorization}`,
        `Content-Type: ${formType}`,
        `Content-Length: ${bytes}`,
        '\r\n',
      ].join('\r\n');
    const abort = (n: number): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          const part = whole.subarray(0, (n * 37) % whole.length);
          socket.write(Buffer.concat([Buffer.from(headOf(whole.length)), part]), () => {
            // Some while the server still asks who it is, some while it writes.
            setTimeout(() => (n % 3 === 0 ? socket.resetAndDestroy() : socket.destroy()), n % 7);
          });
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    for (let n = 0; n < 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => abort(n + i)));
    await expect.poll(() => listFolder(server.dataDir, 'uploads')).toEqual([]);
    expect((await putAvatar(server.url, mallory, picture)).status).toBe(200);
  });

  it('has begun to be written before', async () => {
    const request = open({ 'content-length': whole.length });
    request.write(head);
    await expect.poll(() => listFolder(server.dataDir, 'uploads')).toHaveLength(1);
    request.destroy();
    await expect.poll(() => listFolder(server.dataDir, 'uploads')).toEqual([]);
  });
});

describe('uploads', () => {
  it('of one person are few at a time; others do not notice', async () => {
    await using strict = await startTestServer({ config: { rateLimits: true } });
    const [alice, bob] = await Promise.all([createActor(strict, 'Alice'), createActor(strict, 'Bob')]);
    const { hostname, port } = new URL(strict.url);
    const hanging = Array.from({ length: 4 }, () => {
      const request = httpRequest({
        hostname,
        port,
        path,
        method: 'PUT',
        headers: { ...alice.authorization, 'content-type': formType, 'content-length': whole.length },
      });
      request.on('error', () => undefined);
      request.write(head);
      return request;
    });
    await expect.poll(() => listFolder(strict.dataDir, 'uploads')).toHaveLength(4);
    expect(await outcomeOf(await putAvatar(strict.url, alice, picture))).toEqual([429, 'rate_limited']);
    expect((await putAvatar(strict.url, bob, picture)).status).toBe(200);
    for (const request of hanging) request.destroy();
    await expect.poll(async () => (await putAvatar(strict.url, alice, picture)).status).toBe(200);
    // One of those that were cut off made room; the others follow.
    await expect.poll(() => listFolder(strict.dataDir, 'uploads')).toEqual([]);
  });

  it('that a killed process left are swept away when they are old', async () => {
    const folder = join(server.dataDir, 'left');
    await mkdir(folder);
    for (const name of ['old', 'new']) await writeFile(join(folder, name), 'half');
    const anHourAgo = Date.now() / 1_000 - 3_600;
    await utimes(join(folder, 'old'), anHourAgo, anHourAgo);
    await createUploads({ folder, maxPerPerson: 1 }).sweep();
    expect(await listFolder(server.dataDir, 'left' as 'uploads')).toEqual(['new']);
    await expect(createUploads({ folder: join(folder, 'none'), maxPerPerson: 1 }).sweep()).resolves.toBeUndefined();
  });
});
