import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { args, executablePath } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

const path = '/api/v1/static/index.html';

describe.skipIf(!existsSync(executablePath))('003.14 the page in a browser', { timeout: 60_000 }, () => {
  let server: TestServer;
  let browser: Browser;
  let alice: Actor;
  let bob: Actor;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    browser = await chromium.launch({ executablePath, args });
    alice = await createActor(server, 'Alice');
    bob = { ...(await createActor(server, 'Bob')), name: '<img src=x onerror=alert(1)>' };
    const renamed = await fetch(`${server.url}/api/v1/users/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...bob.authorization },
      body: JSON.stringify({ name: bob.name }),
    });
    expect(renamed.status).toBe(200);
  });
  afterAll(async () => {
    await browser.close();
    expect(server.bugs).toEqual([]);
    expect(complaints).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  async function visit(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 720, height: 640 } });
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== server.url && protocol !== 'data:') complaints.push(`asks ${request.url()}`);
    });
    await page.goto(server.url + path);
    return page;
  }

  const sees = (page: Page, selector: string, text: string): Promise<void> =>
    page.locator(selector).getByText(text, { exact: true }).first().waitFor();

  async function connect(page: Page, actor: Actor): Promise<void> {
    await page.getByLabel('Токен').fill(actor.token);
    await page.getByRole('button', { name: 'Подключиться' }).click();
    await page.getByText('Подключено').waitFor();
  }

  async function join(actor: Actor, chatId: string): Promise<Page> {
    const page = await visit();
    await connect(page, actor);
    await page.getByLabel('Чат').fill(chatId);
    await page.getByRole('button', { name: 'Войти в чат' }).click();
    await page.getByText('Подключено, чат открыт').waitFor();
    return page;
  }

  async function write(page: Page, text: string): Promise<void> {
    await page.getByLabel('Сообщение').fill(text);
    await page.getByLabel('Сообщение').press('Enter');
  }

  it('two people join a chat, see each other type, exchange texts, and what was read', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await join(alice, chatId), await visit()];
    await write(a, 'Привет, <b>Боб</b>!');
    await sees(a, 'li.own span', 'Привет, <b>Боб</b>!');
    await sees(a, 'li.own i', '✓');
    await connect(b, bob);
    await b.getByLabel('Чат').fill(chatId);
    await b.getByRole('button', { name: 'Войти в чат' }).click();
    await b.getByText('чат открыт').waitFor();
    await b.getByLabel('Сообщение').pressSequentially('При');
    await a.getByText(`${bob.name} печатает…`).waitFor();
    await write(b, 'Привет, Alice');
    await sees(a, 'li.other b', bob.name);
    await sees(b, 'li.own i', '✓✓');
    await write(a, 'Как дела?');
    await sees(b, 'li.other span', 'Как дела?');
    await a.locator('li.own i', { hasText: '✓✓' }).nth(1).waitFor();
    expect(await a.locator('img').count()).toBe(0);
    if (process.env['SCREENSHOTS'] !== undefined)
      await a.screenshot({ path: `${process.env['SCREENSHOTS']}/actions-page.png` });
    await Promise.all([a.close(), b.close()]);
  });

  it('after leaving the chat nothing of it comes, and nothing can be sent', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await join(alice, chatId);
    await a.getByRole('button', { name: 'Выйти из чата' }).click();
    await a.getByText('чат закрыт').waitFor();
    expect(await a.getByRole('button', { name: 'Отправить' }).isDisabled()).toBe(true);
    const socket = await TestSocket.open(`${server.wsUrl}/ws?token=${bob.token}`);
    await socket.ask({ action: 'join_chat', chat_id: chatId });
    await socket.ask({ action: 'send_message', chat_id: chatId, text: 'unheard' });
    await a.getByRole('button', { name: 'Войти в чат' }).click();
    await a.getByText('чат открыт').waitFor();
    await socket.ask({ action: 'send_message', chat_id: chatId, text: 'heard' });
    await sees(a, 'li.other span', 'heard');
    expect(await a.getByText('unheard').count()).toBe(0);
    await socket.close();
    await a.close();
  });

  it('says why it is not connected, and what was wrong with a chat', async () => {
    const page = await visit();
    await page.getByLabel('Токен').fill('nonsense');
    await page.getByRole('button', { name: 'Подключиться' }).click();
    await page.getByText('Отключено: Неверный токен').waitFor();
    expect(await page.getByRole('button', { name: 'Войти в чат' }).isDisabled()).toBe(true);
    await connect(page, alice);
    await page.getByLabel('Чат').fill('00000000-0000-0000-0000-000000000000');
    await page.getByRole('button', { name: 'Войти в чат' }).click();
    await page.getByText('404: Chat not found').waitFor();
    await page.close();
  });

  it('its address speaks wss where it came by https', async () => {
    const script = await (await fetch(`${server.url}/api/v1/static/page.js`)).text();
    expect(script).toContain("location.protocol === 'https:' ? 'wss://' : 'ws://'");
    const answer = await fetch(server.url + path);
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await answer.text()).not.toMatch(/localhost|127\.0\.0\.1|style=|onclick/);
  });
});
