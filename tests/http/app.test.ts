import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { startToyServer, type ToyServer } from './toy-server.ts';

let server: ToyServer;
const start = async (options?: Parameters<typeof startToyServer>[0]): Promise<void> => {
  server = await startToyServer(options);
};

afterEach(() => server[Symbol.asyncDispose]());

interface Answer {
  status: number;
  code: unknown;
  body: unknown;
  headers: Headers;
}

async function ask(path: string, init: RequestInit & { type?: string } = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (init.type !== undefined) headers.set('content-type', init.type);
  const response = await fetch(server.url + path, { ...init, headers });
  const text = await response.text();
  const body: unknown = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text;
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return { status: response.status, code, body, headers: response.headers };
}

const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Answer> =>
  ask('/toy/1', { method: 'POST', body, type });

/** The status line that raw bytes on a socket of their own are answered with; empty when the connection just closes. */
const askRaw = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      socket.end();
    });
    // Who answers before having read everything resets the connection after the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });

describe('a JSON body', () => {
  test('is parsed, and may be missing', async () => {
    await start();

    expect((await post('{"a":[1,"é"]}')).body).toEqual({ id: '1', got: { a: [1, 'é'] } });
    expect((await post('\ufeff{}')).body).toEqual({ id: '1', got: {} });
    expect((await post('{}', 'application/json; charset=utf-8')).status).toBe(200);
    expect((await ask('/toy/1', { method: 'POST' })).status).toBe(200);
  });

  test('of 128 KiB is taken, one byte more is too_large, also when compressed or without a length', async () => {
    await start();
    const ofBytes = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;
    const tooLarge = ofBytes(limits.json.maxBytes + 1);
    const stream = new Blob([tooLarge]).stream();

    expect((await post(ofBytes(limits.json.maxBytes))).status).toBe(200);
    expect(await post(tooLarge)).toMatchObject({ status: 413, code: 'too_large' });
    const gzipped = { method: 'POST', type: 'application/json', headers: { 'content-encoding': 'gzip' } };
    expect(await ask('/toy/1', { ...gzipped, body: gzipSync(tooLarge) })).toMatchObject({ status: 413 });
    const streamed = { method: 'POST', type: 'application/json', duplex: 'half', body: stream };
    expect(await ask('/toy/1', streamed as RequestInit)).toMatchObject({ status: 413 });
  });

  test('of another type is unsupported_media_type', async () => {
    await start();

    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'a/b'])
      expect(await post('{}', type), type).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    const encoded = { method: 'POST', body: '{}', type: 'application/json', headers: { 'content-encoding': 'x' } };
    expect(await ask('/toy/1', encoded)).toMatchObject({ status: 415 });
  });

  test('that is broken, hostile in shape or no UTF-8 gets a clear error', async () => {
    await start();

    expect(await post('{"a":')).toMatchObject({ status: 400, code: 'malformed_json' });
    expect(await post('['.repeat(17) + ']'.repeat(17))).toMatchObject({ status: 422, code: 'too_deep' });
    expect(await post(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, code: 'malformed_json' });
  });
});

describe('an address', () => {
  test('that names nothing is not_found, in JSON', async () => {
    await start();

    for (const path of ['/nothing', '/toy', '/toy/1/2', '/%zz', '/toy/%', '/toy/%ff', '/toy/%00', '//', '/__proto__'])
      expect(await ask(path), path).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('asked by another method is method_not_allowed and says which it has', async () => {
    await start();

    const answer = await ask('/toy/1', { method: 'DELETE' });
    const options = await ask('/toy/1', { method: 'OPTIONS' });

    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(options.status).toBe(200);
    expect(options.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('a handler that throws a bug answers internal, tells nothing and logs it once', async () => {
    await start();

    const answer = await ask('/toy/bug/here');

    expect(answer).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(server.logged().match(/secret of the bug/g)).toHaveLength(1);
  });

  test('an answer that fails halfway is broken off and logged, not left to Express', async () => {
    await start();

    await expect(ask('/toy/bug/halfway')).rejects.toThrow();

    expect(server.logged().match(/secret of the bug/g)).toHaveLength(1);
  });

  test('a client that goes away before the end of a file is no error', async () => {
    await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');

    socket.destroy();

    await expect.poll(() => server.logged()).toContain('"finished":false');
    expect(server.logged()).not.toContain('"level":"error"');
  });

  test.each([
    ['a request line that is none', 'HELLO\r\n\r\n', /400/],
    ['headers of 32 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(32_768)}\r\n\r\n`, /431/],
    ['another host in the request line', 'GET http://evil.example/livez HTTP/1.1\r\nHost: a\r\n\r\n', /200/],
    ['a broken absolute form', 'GET http://[/livez HTTP/1.1\r\nHost: a\r\n\r\n', /4\d\d/],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', /404/],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', /400/],
    ['raw bytes above ASCII in the path', 'GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n', /4\d\d/],
    ['two lengths', 'POST /toy/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', /400/],
    ['a length that is none', 'POST /toy/1 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', /400/],
    ['a hostile forwarded address', 'GET /toy/1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \'";,,\r\n\r\n', /200/],
    ['a precondition on a file', 'GET /docs/swagger-ui.css HTTP/1.1\r\nHost: a\r\nIf-Match: "x"\r\n\r\n', /4\d\d/],
    [
      'a range beyond a file',
      'GET /docs/swagger-ui.css HTTP/1.1\r\nHost: a\r\nRange: bytes=9999999-\r\n\r\n',
      /200|416/,
    ],
  ])('%s is answered without a 5xx', async (_what, bytes, expected) => {
    await start({ trustProxy: 1 });

    expect(await askRaw(bytes)).toMatch(expected);
  });
});

describe('headers', () => {
  test('every answer is protected, unstored and without a validator', async () => {
    await start();

    for (const path of ['/livez', '/nothing', '/toy/1?limit=999', '/docs']) {
      const { headers } = await ask(path);
      expect(headers.get('content-security-policy'), path).toMatch(/^default-src 'none';script-src 'self';/);
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('cache-control'), path).toBe('no-store');
      for (const absent of ['x-powered-by', 'etag', 'access-control-allow-origin', 'strict-transport-security'])
        expect(headers.get(absent), `${path} ${absent}`).toBeNull();
    }
  });

  test('only the documents may do without Trusted Types', async () => {
    await start();
    const trusted = async (path: string): Promise<boolean> =>
      (await ask(path)).headers.get('content-security-policy')?.includes("require-trusted-types-for 'script'") === true;

    expect(await trusted('/livez')).toBe(true);
    expect(await trusted('/docs')).toBe(false);
    expect(await trusted('/redoc')).toBe(false);
  });

  test('HSTS is said where the public address is https', async () => {
    await start({ publicUrl: 'https://chat.example' });

    expect((await ask('/livez')).headers.get('strict-transport-security')).toMatch(/^max-age=/);
  });

  test('another origin is let in only when it is on the list, and without cookies', async () => {
    await start({ corsOrigins: ['https://good.example'] });
    const allowed = async (origin: string): Promise<string | null> =>
      (await ask('/livez', { headers: { origin } })).headers.get('access-control-allow-origin');

    expect(await allowed('https://good.example')).toBe('https://good.example');
    expect(await allowed('https://evil.example')).toBeNull();
    expect((await ask('/livez')).headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('a long JSON answer is compressed for those who accept it, a short one is not', async () => {
    await start();
    const encoding = async (limit: number, accepted: string): Promise<string | null> =>
      (await ask(`/toy/1?limit=${limit}`, { headers: { 'accept-encoding': accepted } })).headers.get(
        'content-encoding',
      );

    expect(await encoding(100, 'gzip')).toBe('gzip');
    expect(await encoding(100, 'identity')).toBeNull();
    expect(await encoding(1, 'gzip')).toBeNull();
  });

  test('the request id of a proxy is kept when it is a plain word, else replaced', async () => {
    await start();
    const echoed = async (id: string): Promise<string | null> =>
      (await ask('/livez', { headers: { 'x-request-id': id } })).headers.get('x-request-id');

    expect(await echoed('abc-123')).toBe('abc-123');
    expect(await echoed('a b"c')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('tokens, cookies and Authorization never reach the log', async () => {
  await start();

  await ask('/toy/1?token=SECRET1&limit=2', {
    headers: { authorization: 'Bearer SECRET2', cookie: 'session=SECRET3' },
  });
  await ask('/ws/d37d9ff6-d9e2-4b5e-9a2d-6f3a5d8f1a11/SECRET4');
  await expect.poll(() => server.logged()).toContain('/ws/d37d9ff6');

  expect(server.logged()).toContain('token=…&limit=2');
  expect(server.logged()).not.toContain('SECRET');
});
