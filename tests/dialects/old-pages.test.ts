import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pagePaths } from '../../src/protocol/pages.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { build } from '../support/programs.ts';

let server: TestServer;

beforeAll(async () => {
  build();
  server = await startTestServer();
}, 120_000);
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

test('000.12, 001.8, 003.14 the pages of the older systems are the web client, for everybody, and name no host', async () => {
  const { text: client } = await request(server.url).get('/').expect(200);
  for (const path of ['/chat', '/chat/', '/messenger', '/messenger/', '/api/v1/static/index.html']) {
    const { headers, text } = await request(server.url).get(path).expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toBe(client);
  }
  expect(client).not.toMatch(/https?:|wss?:|<script>|<style>| style=| on\w+=/);
});

test('every address of the client answers with the page, under a policy that lets no text become a program', async () => {
  const { text: client } = await request(server.url).get('/').expect(200);
  for (const path of pagePaths) {
    const { headers, text } = await request(server.url).get(path.replaceAll(/:\w+/g, 'anything')).expect(200);
    expect(text).toBe(client);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const policy = headers['content-security-policy']!;
    expect(policy).toContain("default-src 'none';script-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  }
});

test('the files of the client keep their names only as long as their content, and there are no others', async () => {
  const { text: client } = await request(server.url).get('/').expect(200);
  const files = [...client.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { headers } = await request(server.url).get(file).expect(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  }
  for (const path of [
    '/assets/nothing.js',
    '/assets/..%2findex.html',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/icons/nothing.png',
    '/index.html',
  ])
    expect((await request(server.url).get(path)).status).toBe(404);
});
