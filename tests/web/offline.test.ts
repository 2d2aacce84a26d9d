import { createServer, request as forward, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { readKept, readKeptTexts, untilInstalled } from './support/kept.ts';
import { Web } from './support/web.ts';

const web = Web.use();
let road: TcpProxy;
beforeAll(async () => {
  road = await TcpProxy.to(() => web.server.url);
});
afterEach(() => road.mend());
afterAll(() => road[Symbol.asyncDispose]());

const goOffline = (): void => {
  road.refuses = true;
  road.cut();
};

/** What says that there is no connection. */
const bar = (page: Page) => page.getByRole('status').filter({ hasText: 'No connection' });

const said = (page: Page, text: string) => page.getByRole('log').getByText(text);

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
  await said(page, text).waitFor();
}

/** The texts that the server has of a chat. */
async function listTexts(actor: Actor, chatId: string): Promise<string[]> {
  const response = await fetch(`${web.server.url}/history/${chatId}?limit=50`, { headers: actor.authorization });
  return ((await response.json()) as { text: string }[]).map(({ text }) => text);
}

const untilKept = (page: Page, text: string): Promise<void> => expect.poll(() => readKept(page)).toContain(text);

test('without a network the page opens with the last chats, and what is written is sent once', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'The garden');
  const { page, context } = await web.visit(`/c/${chatId}`, { as: alice, by: road.url, keeps: true });
  await send(page, 'Shall we plant a tree?');
  await untilInstalled(page);
  await expect.poll(() => readKeptTexts(page, chatId)).toEqual(['Shall we plant a tree?']);
  await bar(page).waitFor({ state: 'detached' });

  goOffline();
  await page.reload();
  await bar(page).waitFor();
  await page.getByText('The garden').first().waitFor();
  await said(page, 'Shall we plant a tree?').waitFor();
  await send(page, 'An apple tree');
  await untilKept(page, 'An apple tree');
  await page.close();

  const later = await context.newPage();
  await later.goto(`/c/${chatId}`);
  await said(later, 'An apple tree').waitFor();
  expect(await listTexts(bob, chatId)).toEqual(['Shall we plant a tree?']);

  await later.getByRole('button', { name: 'Retry' }).waitFor();
  road.mend();
  await bar(later).waitFor({ state: 'detached' });
  await expect.poll(() => listTexts(bob, chatId)).toHaveLength(2);
  await later.reload();
  await said(later, 'An apple tree').waitFor();
  expect((await listTexts(bob, chatId)).toSorted()).toEqual(['An apple tree', 'Shall we plant a tree?']);
});

test('addresses that are not the page are never answered from what is kept', async () => {
  const { page } = await web.visit('/', { by: road.url, keeps: true });
  await untilInstalled(page);
  goOffline();
  const looked = await page.evaluate(async () => {
    const isThere = (path: string): Promise<boolean> =>
      fetch(path).then(
        () => true,
        () => false,
      );
    return { api: await isThere('/api/v1/users/me'), docs: await isThere('/docs') };
  });
  expect(looked).toEqual({ api: false, docs: false });
  await expect(page.goto('/docs')).rejects.toThrow('net::ERR_');
});

test('nothing of a person is left when their session ends, and who comes next sees nothing of it', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice], 'A secret garden');
  const { page, context } = await web.visit(`/c/${chatId}`, { as: alice, by: road.url, keeps: true });
  await send(page, 'Only I may read this');
  await untilInstalled(page);
  await expect.poll(() => readKeptTexts(page, chatId)).toEqual(['Only I may read this']);
  goOffline();
  await page.reload();
  await send(page, 'And this was not even sent');
  await untilKept(page, 'And this was not even sent');

  await fetch(`${web.server.url}/api/v1/sessions`, { method: 'DELETE', headers: alice.authorization });
  road.mend();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await expect.poll(() => readKept(page)).not.toMatch(/garden|this|Alice/);

  await page.getByLabel('E-mail, phone or username').fill(bob.email);
  await page.getByLabel('Password', { exact: true }).fill(bob.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await untilKept(page, bob.id);
  goOffline();
  await page.reload();
  await bar(page).waitFor();
  expect(await page.getByText(/garden|this/).count()).toBe(0);
  expect(await readKept(page)).not.toContain(alice.id);
  await context.close();
});

test('somebody else who logs in on the same browser takes the place of who was there', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice], 'A secret garden');
  const { page, context } = await web.visit(`/c/${chatId}`, { as: alice, by: road.url, keeps: true });
  await send(page, 'Only I may read this');
  await untilInstalled(page);
  await expect.poll(() => readKeptTexts(page, chatId)).toEqual(['Only I may read this']);
  goOffline();
  await page.reload();
  await bar(page).waitFor();
  // Cookies are of a host, whatever the port.
  const data = { identifier: bob.email, password: bob.password, cookie: true };
  await context.request.post(`${web.server.url}/api/v1/auth/token`, { data });
  road.mend();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await expect.poll(() => readKept(page)).not.toMatch(/garden|this|Alice/);
});

/** A road to the server on which a newer version of the client lies, as soon as `isNewer`. */
async function openFront(): Promise<{ server: Server; url: string; release: () => void }> {
  let isNewer = false;
  const target = new URL(web.server.url);
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    const options = { host: target.hostname, port: target.port, method, path: url };
    const isChanged = isNewer && (url === '/' || url === '/sw.js');
    const asking = forward({
      ...options,
      headers: { ...headers, ...(isChanged && { 'accept-encoding': 'identity' }) },
    });
    if (isChanged) for (const name of ['if-none-match', 'if-modified-since']) asking.removeHeader(name);
    asking.on('response', (response) => {
      if (!isChanged) {
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
        return;
      }
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const { 'content-length': _length, etag: _etag, ...others } = response.headers;
        answer.writeHead(response.statusCode!, others);
        const text = Buffer.concat(parts).toString();
        answer.end(
          text.replace('<head>', '<head><meta name="newer" />').replaceAll(/[`"'][0-9a-f]{16}[`"']/g, '"a newer one"'),
        );
      });
    });
    asking.on('error', () => answer.destroy());
    asked.pipe(asking);
  });
  server.on('upgrade', ({ method, url, headers }, socket, head) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
      upstream.write(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => end.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, release: () => (isNewer = true) };
}

test('a new version waits until it is wanted, and then all tabs have it', async () => {
  const front = await openFront();
  const [alice] = await createActors(web.server, 'Alice');
  const { page, context } = await web.visit('/', { as: alice, by: front.url, keeps: true });
  await untilInstalled(page);
  front.release();
  await page.reload();
  await page.getByText('Update available').waitFor();
  const other = await context.newPage();
  await other.goto('/');
  await other.getByText('Update available').waitFor();
  expect(await page.locator('meta[name=newer]').count()).toBe(0);

  await page.getByRole('button', { name: 'Reload' }).click();
  for (const one of [page, other]) await one.locator('meta[name=newer]').waitFor({ state: 'attached' });
  expect(await page.getByText('Update available').count()).toBe(0);
  expect(await page.evaluate(() => caches.keys())).toEqual([expect.stringContaining('a newer one')]);
  await context.close();
  front.server.closeAllConnections();
  front.server.close();
});
