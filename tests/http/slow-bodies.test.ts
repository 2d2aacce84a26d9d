import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endpoint, everybody } from '../../src/protocol/endpoint.ts';
import { limits } from '../../src/protocol/limits.ts';
import { readBody } from '../../src/server/http/body.ts';
import { errorEdge } from '../../src/server/http/errors.ts';
import { mountOn } from '../../src/server/http/mount.ts';
import { createUploads } from '../../src/server/http/uploads.ts';

const upload = endpoint({
  method: 'post',
  path: '/upload',
  summary: 'Takes a file',
  tag: 'operations',
  auth: 'public',
  whoMay: everybody(200),
  upload: { fields: ['file'], maxBytes: 1_000 },
  answers: { 200: { description: 'Its size' } },
});

let folder: string;
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slow-'));
  const app = express();
  const router = express.Router();
  const { receive } = createUploads({ folder, maxPerPerson: 1 });
  const mount = mountOn(router, {
    authenticate: () => Promise.reject(new Error('never asked')),
    receiveUpload: receive,
  });
  mount(upload, ({ file }) => Promise.resolve({ status: 200, body: file.bytes }));
  app.use(readBody, router, errorEdge(pino({ level: 'silent' })));
  server = createServer({ requestTimeout: 0 }, app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Only the clock of our own timers: sockets and files go on by themselves.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** Sends half a request and answers what came back when the server closed the connection. */
function sendHalf(type: string, body: string): { socket: Socket; answered: Promise<string> } {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 900\r\n\r\n${body}`);
  const answered = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
  return { socket, answered };
}

const arrived = (): Promise<void> => new Promise((resolve) => server.once('request', () => setImmediate(resolve)));

it('a JSON body that does not come to its end is given up after the time of a request', async () => {
  const reading = arrived();
  const { answered } = sendHalf('application/json', '{"half": ');
  await reading;
  await vi.advanceTimersByTimeAsync(limits.http.requestMs - 1);
  let isAnswered = false;
  void answered.then(() => (isAnswered = true));
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await answered).toMatch(/^HTTP\/1\.1 408 /);
});

it('a file that does not come to its end is given up after its own time, and nothing of it stays', async () => {
  const form = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of the';
  const { answered } = sendHalf('multipart/form-data; boundary=b', form);
  await expect.poll(() => readdir(folder)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(limits.http.requestMs);
  expect(await readdir(folder)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(limits.uploads.receiveMs - limits.http.requestMs);
  expect(await answered).toMatch(/^HTTP\/1\.1 422 /);
  expect(await readdir(folder)).toEqual([]);
});
