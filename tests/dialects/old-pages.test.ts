import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { args, executablePath } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createDirectPerson, createLobbyPerson } from './old-clients.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

test('000.12, 001.8 the pages are there for everybody, with and without a slash, and name no host', async () => {
  for (const path of ['/chat', '/chat/', '/messenger', '/messenger/']) {
    const { headers, text } = await request(server.url).get(path).expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/https?:|wss?:|<script>|<style>| style=| on\w+=/);
  }
  for (const path of ['/chat/page.js', '/messenger/page.js']) {
    const { text } = await request(server.url).get(path).expect(200);
    expect(text).not.toMatch(/localhost|127\.0\.0\.1|innerHTML/);
  }
});

describe.skipIf(!existsSync(executablePath))('in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(async () => {
    await browser.close();
    expect(complaints).toEqual([]);
  });

  async function visit(path: string): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 800, height: 600 } })).newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !message.text().includes('status of 400'))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.url + path);
    return page;
  }

  const waitForLine = (page: Page, text: string): Promise<void> =>
    page.locator('#messages li', { hasText: text }).waitFor({ timeout: 10_000 });

  async function say(page: Page, text: string): Promise<void> {
    await page.fill('#message', text);
    await page.click('#writing button');
  }

  test('000.12 two people log in, connect to each other and exchange texts', async () => {
    const people = await Promise.all([createDirectPerson(server), createDirectPerson(server)]);
    const pages = await Promise.all(people.map(() => visit('/chat')));
    for (const [i, page] of pages.entries()) {
      await page.fill('#phone', people[i]!.phone!);
      await page.fill('#password', 'not the one');
      await page.click('#login button');
      await page.locator('#status', { hasText: 'Incorrect' }).waitFor();
      await page.fill('#password', people[i]!.password);
      await page.click('#login button');
      await page.locator('#status', { hasText: people[i]!.id }).waitFor();
      await page.fill('#receiver', people[1 - i]!.id);
      await page.click('#receiving button');
      await page.locator('#status', { hasText: 'Connected' }).waitFor();
    }
    const [a, b] = pages as [Page, Page];
    await say(a, 'Привет & <b>bold</b>');
    await waitForLine(b, `${people[0].id}: Привет & <b>bold</b>`);
    await say(b, 'Hello');
    await waitForLine(a, `${people[1].id}: Hello`);
    expect(await a.locator('#messages li').allTextContents()).toEqual([
      'Вы · You: Привет & <b>bold</b>',
      `${people[1].id}: Hello`,
    ]);
    expect(await b.locator('#messages b').count()).toBe(0);
    if (process.env['SCREENSHOTS'] !== undefined)
      await a.screenshot({ path: `${process.env['SCREENSHOTS']}/chat.png` });
  });

  test('001.8 two people meet in the lobby and write to each other in private', async () => {
    const people = await Promise.all([createLobbyPerson(server, 'alice'), createLobbyPerson(server, 'bob')]);
    const pages = await Promise.all(people.map(() => visit('/messenger/')));
    for (const [i, page] of pages.entries()) {
      await page.fill('#username', people[i]!.username!);
      await page.fill('#password', people[i]!.password);
      await page.click('#login button');
      await page.locator('#status', { hasText: 'Connected' }).waitFor();
    }
    const [a, b] = pages as [Page, Page];
    await say(a, 'Всем привет <img src=x>');
    for (const page of pages) await waitForLine(page, `${people[0].username}: Всем привет <img src=x>`);
    await say(b, `/pm ${people[0].username} Тебе одной`);
    for (const page of pages) await waitForLine(page, `${people[1].username} для ${people[0].username}: Тебе одной`);
    expect(await a.locator('#messages img').count()).toBe(0);
    if (process.env['SCREENSHOTS'] !== undefined)
      await a.screenshot({ path: `${process.env['SCREENSHOTS']}/lobby.png` });
  });
});
