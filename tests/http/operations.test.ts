import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startToyServer, type ToyServer } from './toy-server.ts';

let server: ToyServer;

beforeEach(async () => {
  server = await startToyServer();
});

afterEach(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { headers });

test('a node with its database is alive and ready', async () => {
  expect(await (await get('/livez')).json()).toEqual({ status: 'alive' });
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ready', database: 'ok', draining: false });
});

test('readyz says when durability was given up', async () => {
  server.node.unsafeDurability = true;

  expect(await (await get('/readyz')).json()).toMatchObject({ status: 'ready', unsafe_durability: true });
});

test('without a database, with an older one or one that hangs the node is alive but not ready', async () => {
  const states = [
    ['unreachable', () => Promise.reject(new Error('connection refused'))],
    ['behind', () => Promise.resolve(false)],
    ['unreachable', () => new Promise<never>(() => undefined)],
  ] as const;
  for (const [database, isMigrated] of states) {
    server.node.isMigrated = isMigrated;
    const ready = await get('/readyz');

    expect(ready.status).toBe(503);
    expect(ready.headers.get('retry-after')).toBe('1');
    expect(await ready.json()).toEqual({ status: 'not_ready', database, draining: false });
    expect((await get('/livez')).status).toBe(200);
  }
});

test('a hundred questions at once cost the database one', async () => {
  let asked = 0;
  server.node.isMigrated = () => {
    asked++;
    return new Promise((resolve) => setTimeout(() => resolve(true), 200));
  };

  const socket = connect(server.port, '127.0.0.1');
  // In one write, so that none comes after the first was answered.
  socket.write('GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100));
  let answers = '';
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1')));

  await expect.poll(() => answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(100);
  expect(asked).toBe(1);
  socket.destroy();
});

test('a draining node answers its watchers and sends everybody else away with a time to come back', async () => {
  server.node.draining = true;

  const turnedAway = await get('/toy/1');

  expect(turnedAway.status).toBe(503);
  expect(turnedAway.headers.get('retry-after')).toBe('1');
  expect(turnedAway.headers.get('connection')).toBe('close');
  expect(await turnedAway.json()).toMatchObject({ code: 'draining', retry: 'same' });
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/metrics')).status).toBe(200);
  const ready = await get('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'not_ready', draining: true });
});

test('metrics count requests by route pattern and never by address', async () => {
  for (const id of ['1', '2', '3']) await get(`/toy/${id}?token=SECRET`);
  await get('/nothing/SECRET');
  const read = async (): Promise<string> => (await get('/metrics')).text();

  await expect
    .poll(read)
    .toMatch(/messenger_http_request_seconds_count\{method="GET",route="\/toy\/:id",status="200"\} 3/);
  await expect.poll(read).toMatch(/messenger_http_request_seconds_count\{method="any",route="none",status="404"\} 1/);
  const text = await read();
  expect(text).not.toContain('SECRET');
  expect(text).not.toContain('/toy/1');
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'messenger_sends_total'])
    expect(text).toContain(name);
});

test('metrics are not for those a proxy speaks for', async () => {
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    expect((await get('/metrics', { [header]: '203.0.113.7' })).status, header).toBe(404);
});
