import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { makeCuttable } from './support/cut.ts';
import { atRest } from './support/eye.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const field = (page: Page) => page.getByRole('textbox', { name: /^(Message|Сообщение)$/ });
const row = (page: Page, text: string | RegExp) => page.getByRole('article').filter({ hasText: text });
const item = (page: Page, name: string) => page.getByRole('menuitem', { name, exact: true });

/** Opens the menu of the message with this text. */
async function openMenu(page: Page, text: string | RegExp): Promise<void> {
  await row(page, text).locator('.message-text').click({ button: 'right' });
  await page.getByRole('menu').waitFor();
}

async function choose(page: Page, text: string | RegExp, name: string): Promise<void> {
  await openMenu(page, text);
  await item(page, name).click();
}

async function say(actor: Actor, chatId: string, text: string): Promise<void> {
  const answer = await fetch(`${web.server.url}/api/v1/chats/${chatId}/messages/${randomUUID()}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...actor.authorization },
    body: JSON.stringify({ text }),
  });
  expect(answer.status).toBe(201);
}

/** A group of Alice and Bob in which Alice, who made it, has said a few things; both look at it. */
async function meet(...texts: readonly [string, ...string[]]) {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob]);
  for (const text of texts) await say(alice, chatId, text);
  const [a, b] = await Promise.all([
    web.visit(`/c/${chatId}`, { as: alice }),
    web.visit(`/c/${chatId}`, { as: bob, colorScheme: 'dark' }),
  ]);
  for (const { page } of [a, b]) await row(page, /\p{L}/u).last().waitFor();
  return { alice, bob, chatId, a, b };
}

test('reactions are given and taken back, and both see it at once', async () => {
  const { a, b } = await meet('Lunch?');
  await openMenu(b.page, 'Lunch?');
  await b.page.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click();
  const chip = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  await chip(b.page, '👍 1: you').waitFor();
  await chip(a.page, '👍 1: Bob').click();
  await chip(a.page, '👍 2: you, Bob').waitFor();
  expect(await chip(b.page, '👍 2: you, Alice').getAttribute('aria-pressed')).toBe('true');
  await chip(b.page, '👍 2: you, Alice').click();
  await chip(a.page, '👍 1: you').waitFor();
  await chip(a.page, '👍 1: you').click();
  await chip(a.page, '👍 1: you').waitFor({ state: 'detached' });
});

test('more reactions are picked by keyboard; too many are told', async () => {
  const { a, b } = await meet('Lunch?');
  await openMenu(a.page, 'Lunch?');
  for (let i = 0; i < 6; i++) await a.page.keyboard.press('ArrowRight');
  await a.page.keyboard.press('Enter');
  await a.page.getByLabel('Search emoji').waitFor();
  await a.page.keyboard.type('pizza');
  await a.page.getByRole('button', { name: 'pizza', exact: true }).waitFor();
  await a.page.keyboard.press('Enter');
  await b.page.getByRole('button', { name: '🍕 1: Alice' }).waitFor();
  const all = ['🍏', '🍐', '🍊', '🍋', '🍌', '🍉', '🍇', '🍓', '🍈'];
  for (const emoji of all)
    await a.page.evaluate(
      ([path, one]) => fetch(`${path}/${encodeURIComponent(one!)}`, { method: 'PUT' }),
      [`/api/v1/chats/${a.page.url().split('/').at(-1)}/messages/1/reactions`, emoji],
    );
  await row(a.page, '🍈').waitFor();
  await openMenu(a.page, 'Lunch?');
  await a.page.getByRole('menuitemcheckbox', { name: 'React with 🎉' }).click();
  await a.page.getByText('too many different reactions').waitFor();
  await a.page.getByRole('button', { name: /^🎉/ }).waitFor({ state: 'detached' });
});

test('an answer shows what it answers', async () => {
  const { a, b } = await meet('Shall we?');
  await choose(b.page, 'Shall we?', 'Reply');
  await b.page.getByText('Reply to Alice').waitFor();
  await b.page.locator('textarea:focus').waitFor();
  await b.page.keyboard.type('We shall');
  await b.page.keyboard.press('Escape');
  await b.page.getByText('Reply to Alice').waitFor({ state: 'detached' });
  expect(await field(b.page).inputValue()).toBe('We shall');
  await choose(b.page, 'Shall we?', 'Reply');
  await b.page.locator('textarea:focus').waitFor();
  await b.page.keyboard.press('Enter');
  await b.page.getByText('Reply to Alice').waitFor({ state: 'detached' });
  await row(a.page, /Shall we\?.*We shall/s).waitFor();
});

test('an answer that is not sent yet is there on another device', async () => {
  const { bob, chatId, b } = await meet('Shall we?');
  await choose(b.page, 'Shall we?', 'Reply');
  await field(b.page).fill('Perhaps');
  const other = await web.visit(`/c/${chatId}`, { as: bob });
  await other.page.getByText('Reply to Alice').waitFor();
  await expect.poll(() => field(other.page).inputValue()).toBe('Perhaps');
});

test('a correction is seen by all, with what was said before', async () => {
  const { a, b } = await meet('Helo');
  await openMenu(b.page, 'Helo');
  expect(await item(b.page, 'Edit').count()).toBe(0);
  await b.page.keyboard.press('Escape');
  await choose(a.page, 'Helo', 'Edit');
  await expect.poll(() => field(a.page).inputValue()).toBe('Helo');
  await field(a.page).fill('Hello');
  await field(a.page).press('Enter');
  await row(b.page, 'Hello').waitFor();
  await choose(b.page, 'Hello', 'Edit history');
  const dialog = b.page.getByRole('dialog', { name: 'Edit history' });
  await dialog.getByText('Helo', { exact: true }).waitFor();
  await b.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a message is deleted after a question', async () => {
  const { a, b } = await meet('Secret', 'Other');
  await openMenu(b.page, 'Secret');
  expect(await item(b.page, 'Delete').count()).toBe(0);
  await choose(a.page, 'Secret', 'Delete');
  const dialog = a.page.getByRole('dialog', { name: 'Delete message?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await choose(a.page, 'Secret', 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await row(b.page, 'Secret').waitFor({ state: 'detached' });
  await row(a.page, 'Message deleted').waitFor();
});

test('a message is told on in several chats', async () => {
  const { alice, bob, a, b } = await meet('News!');
  const first = await createGroup(web.server, [alice, bob], 'Family');
  await createGroup(web.server, [alice, bob], 'Football');
  await choose(a.page, 'News!', 'Forward');
  const dialog = a.page.getByRole('dialog', { name: 'Forward' });
  const send = dialog.getByRole('button', { name: 'Forward' });
  expect(await send.isDisabled()).toBe(true);
  await dialog.getByLabel('Search chats').fill('f');
  await dialog.getByRole('checkbox', { name: 'Football' }).check();
  await dialog.getByLabel('Search chats').fill('fam');
  await expect.poll(() => dialog.getByRole('checkbox').count()).toBe(1);
  await dialog.getByRole('checkbox', { name: 'Family' }).check();
  await send.click();
  await a.page.getByText('Forwarded to 2 chats').waitFor();
  await b.page.goto(`/c/${first.chatId}`);
  await row(b.page, 'News!').waitFor();
  await openMenu(b.page, 'News!');
  expect(await item(b.page, 'Edit').count()).toBe(0);
});

test('pins stand over the chat, lead to their messages and go', async () => {
  const { alice, chatId, a, b } = await meet('Rules', 'Address');
  await openMenu(b.page, 'Rules');
  expect(await item(b.page, 'Pin').count()).toBe(0);
  await b.page.keyboard.press('Escape');
  await choose(a.page, 'Rules', 'Pin');
  const bar = (page: Page) => page.getByRole('region', { name: 'Pinned messages' });
  await bar(b.page).getByText('Rules').waitFor();
  await choose(a.page, 'Address', 'Pin');
  for (let i = 0; i < 40; i++) await say(alice, chatId, `Message ${i}`);
  await row(b.page, 'Message 39').waitFor();
  const isSeen = (text: string) => async (): Promise<boolean> => {
    const box = await row(b.page, text).boundingBox();
    return box !== null && box.y > 50 && box.y < 800;
  };
  await bar(b.page).getByText('Pinned message 1 of 2').click();
  await expect.poll(isSeen('Address')).toBe(true);
  await bar(b.page).getByText('Pinned message 2 of 2').click();
  await expect.poll(isSeen('Rules')).toBe(true);
  await bar(a.page).getByRole('button', { name: 'All pinned messages' }).click();
  const dialog = a.page.getByRole('dialog', { name: 'Pinned messages' });
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(2);
  await dialog.getByRole('listitem').filter({ hasText: 'Rules' }).getByRole('button', { name: 'Unpin' }).click();
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(1);
  await a.page.keyboard.press('Escape');
  await bar(a.page).getByText('Address').click();
  await choose(a.page, 'Address', 'Unpin');
  await bar(b.page).waitFor({ state: 'detached' });
});

test('who has seen a message, in Russian and on a phone', async () => {
  const { alice, chatId } = await meet('Hello');
  const { page } = await web.visit(`/c/${chatId}`, { as: alice, viewport: phone, locale: 'ru-RU' });
  await choose(page, 'Hello', 'Кто прочитал');
  const dialog = page.getByRole('dialog', { name: 'Прочитали: 1' });
  await dialog.getByRole('link', { name: 'Bob' }).waitFor();
});

test('a finger that rests on a message opens its menu, and chooses nothing when it is lifted over it', async () => {
  const { alice, chatId } = await meet('One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten');
  const { page, context } = await web.visit(`/c/${chatId}`, { as: alice, viewport: phone, hasTouch: true });
  await row(page, 'Ten').waitFor();
  await atRest(page);
  const { x, y } = (await row(page, 'Ten').locator('.message-text').boundingBox())!;
  const session = await context.newCDPSession(page);
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 5, y: y + 5 }] });
  await page.getByRole('menu').waitFor();
  expect(
    await page.evaluate(
      ([at, down]) => document.elementFromPoint(at!, down!)?.closest('[role=menu]') !== null,
      [x + 5, y + 5],
    ),
  ).toBe(true);
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await item(page, 'Reply').tap();
  await page.getByText('Ten').nth(1).waitFor();
});

test('text and link are copied', async () => {
  const { chatId, a } = await meet('Copy *me*');
  await a.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const read = (): Promise<string> => a.page.evaluate(() => navigator.clipboard.readText());
  await choose(a.page, 'Copy me', 'Copy text');
  await expect.poll(read).toBe('Copy *me*');
  await choose(a.page, 'Copy me', 'Copy link');
  await expect.poll(read).toBe(`${web.server.url}/c/${chatId}/1`);
});

test('what waits to be sent can be given up', async () => {
  const { a, b } = await meet('Hello');
  const cut = await makeCuttable(a.page);
  // What menus are made of is fetched once.
  await openMenu(a.page, 'Hello');
  await a.page.keyboard.press('Escape');
  cut.set(true);
  for (const text of ['Stay', 'Go']) {
    await field(a.page).fill(text);
    await field(a.page).press('Enter');
  }
  await choose(a.page, 'Stay', 'Delete');
  await row(a.page, 'Stay').waitFor({ state: 'detached' });
  cut.set(false);
  await row(b.page, 'Go').waitFor();
  expect(await row(b.page, 'Stay').count()).toBe(0);
});

test('markdown is shown as it is meant, links lead out safely', async () => {
  const { a } = await meet('**bold** and [here](https://example.com) and <b>html</b> [no](javascript:alert(1))');
  const text = row(a.page, 'bold').locator('.message-text');
  await text.locator('strong').getByText('bold').waitFor();
  const link = text.getByRole('link', { name: 'here' });
  expect(await link.getAttribute('href')).toBe('https://example.com');
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
  expect(await text.getByRole('link').count()).toBe(1);
  expect(await text.innerText()).toBe('bold and here and <b>html</b> [no](javascript:alert(1))');
});
