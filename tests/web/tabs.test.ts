import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { readKept } from './support/kept.ts';
import { Web } from './support/web.ts';

const web = Web.use();
let road: TcpProxy;
beforeAll(async () => {
  road = await TcpProxy.to(() => web.server.url);
});
afterEach(() => road.mend());
afterAll(() => road[Symbol.asyncDispose]());

async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
  await page.getByText(text).last().waitFor();
}

async function listTexts(actor: Actor, chatId: string): Promise<string[]> {
  const response = await fetch(`${web.server.url}/history/${chatId}?limit=50`, { headers: actor.authorization });
  return ((await response.json()) as { text: string }[]).map(({ text }) => text).toSorted();
}

const logInButton = (page: Page) => page.getByRole('button', { name: 'Log in', exact: true });

async function logIn(page: Page, { email, password }: Actor): Promise<void> {
  await page.getByLabel('E-mail, phone or username').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await logInButton(page).click();
}

test('each tab sends for itself, and all of them see it', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob]);
  const { page: first, context } = await web.visit(`/c/${chatId}`, { as: alice });
  const second = await openTab(context, `/c/${chatId}`);
  await send(first, 'From the first tab');
  await send(second, 'From the second tab');
  await first.getByText('From the second tab').last().waitFor();
  await second.getByText('From the first tab').last().waitFor();
  await context.close();
});

test('what a tab had not sent when it was closed is sent once by one that lives', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob]);
  const { page: first, context } = await web.visit(`/c/${chatId}`, { as: alice, by: road.url });
  await send(first, 'All is well');
  await expect.poll(() => listTexts(bob, chatId)).toEqual(['All is well']);
  const second = await openTab(context, `/c/${chatId}`);
  await second.getByText('All is well').last().waitFor();

  road.refuses = true;
  road.cut();
  await second.getByText('No connection').waitFor();
  await send(second, 'Written while nobody could hear');
  await expect.poll(() => readKept(second)).toContain('slot-1:messenger:outbox');
  await second.close();
  await first.getByText('Written while nobody could hear').last().waitFor();
  await expect.poll(() => readKept(first)).not.toContain('slot-1:messenger:outbox');
  expect(await readKept(first)).toContain('slot-0:messenger:outbox');

  road.mend();
  const all = ['All is well', 'Written while nobody could hear'];
  await expect.poll(() => listTexts(bob, chatId), { timeout: 30_000 }).toEqual(all);
  await expect.poll(() => readKept(first)).not.toContain('messenger:outbox');
  expect(await listTexts(bob, chatId)).toEqual(all);
  await context.close();
});

test('who logs in in one tab is in in all of them, and out again together', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  await createGroup(web.server, [alice], 'A group of Alice');
  await createGroup(web.server, [bob], 'A group of Bob');
  const { page: first, context } = await web.visit('/');
  const second = await openTab(context, '/');
  await logInButton(second).waitFor();
  await logIn(first, alice);
  for (const page of [first, second]) await page.getByText('A group of Alice').first().waitFor();

  const answer = await fetch(`${web.server.url}/api/v1/sessions`, { method: 'DELETE', headers: alice.authorization });
  expect(answer.ok).toBe(true);
  for (const page of [first, second]) await logInButton(page).waitFor();

  await logIn(second, bob);
  for (const page of [first, second]) await page.getByText('A group of Bob').first().waitFor();
  for (const page of [first, second]) expect(await page.getByText('A group of Alice').count()).toBe(0);
  await context.close();
});

test('the theme and the language of one tab are those of all', async () => {
  const { page: first, context } = await web.visit('/');
  const second = await openTab(context, '/');
  // As the settings do it, which only who has logged in sees.
  await first.evaluate(() => {
    localStorage.setItem('messenger:theme', 'dark');
    localStorage.setItem('messenger:language', 'ru');
  });
  await expect.poll(() => second.evaluate(() => document.documentElement.style.colorScheme)).toBe('dark');
  await second.getByRole('button', { name: 'Войти', exact: true }).waitFor();
  await context.close();
});
