/** A day of some people, from the first visit on, with a server that dies and a network that goes. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActor, createActors, type Actor } from '../support/cast.ts';
import { makeCuttable } from './support/cut.ts';
import { ProcessWeb } from './support/process-web.ts';
import { desk, phone, type Device } from './support/web.ts';

const web = ProcessWeb.use();

const password = 'a password for the whole day';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const says = (page: Page, text: string | RegExp) => page.getByRole('article', { name: text });
const listed = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: new RegExp(`^${name}`) });
const textsOf = (page: Page): Promise<string[]> => page.locator('.message-text').allInnerTexts();
const choose = (page: Page, name: string) => page.getByRole('menuitem', { name, exact: true }).click();

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

async function openMenu(page: Page, text: string): Promise<void> {
  await says(page, text).locator('.message-text').click({ button: 'right' });
  await page.getByRole('menu').waitFor();
}

/** The texts of a chat as the database has them, the oldest first. */
async function readHistory({ authorization }: Actor, chatId: string): Promise<string[]> {
  const answer = await fetch(`${web.url}/history/${chatId}?limit=200`, { headers: authorization });
  return ((await answer.json()) as { text: string }[]).map(({ text }) => text);
}

async function register(name: string): Promise<Device & { email: string }> {
  const device = await web.visit('/');
  const { page } = device;
  const email = `${name.toLowerCase()}@example.com`;
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Create account').click();
  await page.getByRole('searchbox', { name: 'Search' }).waitFor();
  return { ...device, email };
}

async function findEachOther(a: Page, b: Page, emailOfBob: string): Promise<void> {
  await button(a, 'New chat or group').click();
  await choose(a, 'New chat');
  await a.getByRole('main').getByRole('searchbox').fill(emailOfBob);
  await a.getByRole('button', { name: `Bob ${emailOfBob}` }).click();
  await say(a, 'Hello Bob');
  await says(a, /Hello Bob, delivered/).waitFor();

  await b.getByRole('searchbox', { name: 'Search' }).fill('alice');
  await b.getByText('Alice', { exact: true }).last().click();
  await says(b, 'Hello Bob').waitFor();
  await says(a, /Hello Bob, read/).waitFor();
  await say(b, 'Hello Alice');
  await says(b, /Hello Alice, read/).waitFor();
}

async function editReactReply(a: Page, b: Page): Promise<void> {
  await a.getByLabel('Message', { exact: true }).press('ArrowUp');
  await a.getByText('Edit message').waitFor();
  await say(a, 'Hello dear Bob');
  await says(b, /Hello dear Bob, edited/).waitFor();
  await openMenu(b, 'Hello dear Bob');
  await b.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click();
  await button(a, '👍 1: Bob').waitFor();
  await openMenu(b, 'Hello dear Bob');
  await choose(b, 'Reply');
  await say(b, 'How are you?');
  await says(a, /a reply, How are you\?/)
    .getByText('Hello dear Bob')
    .waitFor();
}

/** Answers the chat's id. */
async function makeGroup(a: Page, b: Page, c: Page): Promise<string> {
  await button(a, 'New chat or group').click();
  await choose(a, 'New group');
  const main = a.getByRole('main');
  await main.getByLabel('Group name').fill('Picnic');
  await main.getByRole('checkbox', { name: 'Bob' }).check();
  await main.getByRole('searchbox').fill('carol');
  await main.getByRole('checkbox', { name: 'Carol' }).check();
  await button(a, 'Create').click();
  await a.waitForURL('**/c/*');
  for (const page of [b, c]) await listed(page, 'Picnic').click();
  await say(c, 'Who brings bread?');
  for (const page of [a, b]) await says(page, 'Who brings bread?').waitFor();
  // Others may see it before she knows that it is stored, and until then it has another menu.
  await says(c, /Who brings bread\?, (sent|delivered|read)$/).waitFor();
  await openMenu(c, 'Who brings bread?');
  await choose(c, 'Read by');
  for (const name of ['Alice', 'Bob']) await c.getByRole('link', { name }).locator('time').waitFor();
  await c.keyboard.press('Escape');
  return new URL(a.url()).pathname.slice('/c/'.length);
}

const series = (name: string): string[] => Array.from({ length: 9 }, (_, at) => `${name} ${at + 1}`);

/** Waits until the pages and the database have the same; answers it. */
async function untilEqual(count: number, read: () => Promise<string[]>, ...pages: Page[]): Promise<string[]> {
  await expect.poll(async () => (await read()).length).toBe(count);
  const kept = await read();
  for (const page of pages) await expect.poll(() => textsOf(page)).toEqual(kept);
  return kept;
}

/** Both write before the server dies, while it is dead and when it is back. */
async function survive(a: Page, b: Page, read: () => Promise<string[]>): Promise<void> {
  const [ofAlice, ofBob] = [series('Alice says'), series('Bob says')];
  for (const at of ofAlice.keys()) {
    await say(a, ofAlice[at]!);
    await say(b, ofBob[at]!);
    if (at === 2) await web.node.end('SIGKILL');
    if (at === 4) await says(a, /Alice says 5, waiting to be sent/).waitFor();
    if (at === 5) await web.node.start();
  }
  const kept = await untilEqual(19, read, a, b);
  expect(kept.filter((text) => text.startsWith('Alice'))).toEqual(ofAlice);
  expect(kept.filter((text) => text.startsWith('Bob'))).toEqual(ofBob);
}

async function loseTheNetwork(a: Page, b: Device, read: () => Promise<string[]>): Promise<void> {
  const cut = await makeCuttable(b.page);
  await says(b.page, 'Alice says 9').waitFor();
  await b.context.setOffline(true);
  cut.set(true);
  await b.page.getByText('No connection').waitFor();
  await say(b.page, 'I am in a tunnel');
  await say(a, 'Where is Bob?');
  await says(a, /Where is Bob\?, (sent|delivered|read)/).waitFor();
  expect(await says(b.page, 'Where is Bob?').count()).toBe(0);
  await b.context.setOffline(false);
  cut.set(false);
  const kept = await untilEqual(21, read, a, b.page);
  expect(kept.slice(19)).toEqual(['Where is Bob?', 'I am in a tunnel']);
}

/** What one reads on a device is read on the other. Ends with the other being logged out. */
async function useASecondDevice(a: Device & { email: string }, b: Page, read: () => Promise<string[]>): Promise<void> {
  const { page, context } = await web.visit('/');
  await page.getByLabel('E-mail, phone or username').fill(a.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Log in').click();
  await listed(page, 'Picnic').click();
  await page.setViewportSize({ ...desk, height: 1_600 });
  await expect.poll(() => textsOf(page)).toEqual(await read());

  await listed(b, 'Alice').click();
  await say(b, 'Between us');
  for (const one of [a.page, page]) await listed(one, 'Bob').getByText('1 unread message').waitFor();
  await listed(a.page, 'Bob').click();
  await says(a.page, 'Between us').waitFor();
  await listed(page, 'Bob').getByText('1 unread message').waitFor({ state: 'detached' });

  await a.page.goto('/settings/sessions');
  await button(a.page, 'Log out Chrome · Linux').click();
  await page.getByText('You were logged out on this device').waitFor();
  await button(page, 'Log in').waitFor();
  await context.close();
}

async function removeCarol(a: Page, c: Page, chatId: string): Promise<void> {
  await a.goto(`/c/${chatId}/info`);
  await button(a, 'Actions for Carol').click();
  await choose(a, 'Remove from group');
  await says(c, 'Who brings bread?').waitFor();
  await a.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await c.getByText("You're no longer in this chat").waitFor();
  await listed(c, 'Picnic').waitFor({ state: 'detached' });
}

test('people meet and talk on desks, whatever happens to the server and the network', async () => {
  const carol = await createActor(web, 'Carol');
  const [a, b, c] = await Promise.all([register('Alice'), register('Bob'), web.visit('/', { as: carol })]);
  await findEachOther(a.page, b.page, b.email);
  await editReactReply(a.page, b.page);
  const chatId = await makeGroup(a.page, b.page, c.page);
  const read = (): Promise<string[]> => readHistory(carol, chatId);
  // All messages are on the page at once.
  for (const { page } of [a, b]) await page.setViewportSize({ ...desk, height: 1_600 });
  await survive(a.page, b.page, read);
  await loseTheNetwork(a.page, b, read);
  await useASecondDevice(a, b.page, read);
  await removeCarol(a.page, c.page, chatId);
}, 240_000);

test('and in Russian on a phone', async () => {
  const [boris, vera] = await createActors(web, 'Борис', 'Вера');
  const { page } = await web.visit('/register', { locale: 'ru-RU', viewport: phone });
  await page.getByLabel('Имя', { exact: true }).fill('Анна');
  await page.getByRole('textbox', { name: 'Почта' }).fill('anna@example.com');
  await page.getByLabel('Пароль', { exact: true }).fill(password);
  await page.locator('button[type=submit]').click();
  await page.getByText('Чатов пока нет').waitFor();
  const b = await web.visit('/', { as: boris, locale: 'ru-RU', viewport: phone });

  await button(page, 'Новый чат или группа').click();
  await choose(page, 'Новый чат');
  await page.getByRole('main').getByRole('searchbox').fill('борис');
  await page.getByRole('button', { name: 'Борис' }).click();
  const field = (one: Page) => one.getByLabel('Сообщение', { exact: true });
  await field(page).fill('Привет!');
  await button(page, 'Отправить').click();
  await b.page.getByRole('link').filter({ hasText: 'Анна' }).click();
  await says(b.page, 'Привет!').waitFor();
  await says(page, /Привет!, прочитано/).waitFor();
  await field(b.page).fill('И тебе привет');
  await button(b.page, 'Отправить').click();
  await says(page, 'И тебе привет').waitFor();

  await button(page, 'Назад к чатам').click();
  await button(page, 'Новый чат или группа').click();
  await choose(page, 'Новая группа');
  await page.getByLabel('Название группы').fill('Дача');
  await page.getByRole('checkbox', { name: 'Борис' }).check();
  await page.getByRole('main').getByRole('searchbox').fill(vera.email);
  await page.getByRole('checkbox', { name: 'Вера' }).check();
  await button(page, 'Создать').click();
  await field(page).fill('Кто едет?');
  await button(page, 'Отправить').click();
  await button(b.page, 'Назад к чатам').click();
  await b.page.getByRole('link').filter({ hasText: 'Дача' }).getByText('Кто едет?').waitFor();

  await button(page, 'Назад к чатам').click();
  await page.getByRole('link', { name: /Настройки/ }).click();
  await page.getByRole('link', { name: 'Внешний вид' }).click();
  await page.getByLabel('English').check();
  await page.getByRole('heading', { name: 'Appearance' }).waitFor();
});
