import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { makeCuttable } from './support/cut.ts';
import { atRest } from './support/eye.ts';
import { writeHistory } from './support/history.ts';
import { speaker } from './support/speaker.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const row = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);

test('a chat that is none, and one that one is removed from', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { page } = await web.visit(`/c/${randomUUID()}`, { as: alice });
  await page.getByRole('heading', { name: 'Chat not found' }).waitFor();
  await page.getByRole('link', { name: 'Back to chats' }).click();
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  const { chatId } = await createGroup(web.server, [bob, alice], 'Short');
  const other = await web.visit(`/c/${chatId}`, { as: alice });
  await other.page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await using speaks = await speaker(web.server, bob);
  await speaks.chat(chatId).removeMember(alice.id);
  await other.page.getByRole('heading', { name: "You're no longer in this chat" }).waitFor();
});

test('a finger that rests on a message opens its menu', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Touch');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 3, read: [{ who: alice, seq: 3 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice, viewport: phone });
  await row(page, 3).waitFor();
  const asked = page.waitForRequest(/message-menu/);
  const touch = (type: string, x: number, y: number): Promise<void> =>
    row(page, 2).dispatchEvent(type, { pointerType: 'touch', clientX: x, clientY: y });
  await touch('pointerdown', 100, 100);
  await touch('pointermove', 103, 102);
  await asked;
});

test('where one cannot jump for want of a connection one stays, and is told', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Offline');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 1_000, read: [{ who: alice, seq: 1_000 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  const cut = await makeCuttable(page);
  await row(page, 1_000).waitFor();
  await atRest(page);
  cut.set(true);
  await page.getByRole('log').focus();
  await page.keyboard.press('Home');
  await page.getByText("Can't reach the server").waitFor();
  expect(await row(page, 1_000).isVisible()).toBe(true);
  cut.set(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.getByRole('log').focus();
  const isAtStart = async (): Promise<boolean> => {
    await page.keyboard.press('Home');
    return row(page, 1).isVisible();
  };
  await expect.poll(isAtStart, { timeout: 30_000, interval: 500 }).toBe(true);
});

test('by keyboard: from message to message, to a reply, and back to writing', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Keys');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 200, read: [{ who: alice, seq: 200 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, 200).waitFor();
  await atRest(page);
  await page.getByRole('log').focus();
  const focused = (): Promise<string | undefined> =>
    page.evaluate(() => (document.activeElement as HTMLElement).dataset['seq']);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect.poll(focused).toBe('199');
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('ArrowUp');
    // The list has rows ahead for some keys, not for as many as come while no frame is drawn.
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await expect.poll(focused).toBe('139');
  expect(await row(page, 139).isVisible()).toBe(true);
  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toBe('140');
  await page.keyboard.press('r');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('form') !== null)).toBe(true);
  await page.getByRole('log').focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('form') !== null)).toBe(true);
});

test('who is at the end stays there when the list shrinks while the page gets the focus', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [bob, alice], 'Bar');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 60, read: [{ who: alice, seq: 60 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, 60).waitFor();
  await atRest(page);
  // Before the browser has told of the new size.
  await page.evaluate(() => {
    const changes = new MutationObserver(() => {
      if (document.querySelector('.pinned-bar')) dispatchEvent(new Event('focus'));
    });
    changes.observe(document.querySelector('.chat-screen')!, { childList: true });
  });
  await using speaks = await speaker(web.server, bob);
  await speaks.chat(chatId).pin(3);
  await page.getByRole('region', { name: 'Pinned messages' }).waitFor();
  await atRest(page);
  const distance = (list: Element): number => list.scrollHeight - list.clientHeight - list.scrollTop;
  expect(await page.getByRole('log').evaluate(distance)).toBeLessThan(1);
});

test('a chat can be muted for a while and not', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Quiet');
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await page.getByRole('button', { name: 'Chat menu' }).click();
  await page.getByRole('menuitem', { name: 'Mute…' }).click();
  await page.getByRole('radio', { name: '8 hours' }).check();
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByRole('heading', { name: 'Quiet muted' }).waitFor();
  await page.getByRole('button', { name: 'Chat menu' }).click();
  await page.getByRole('menuitem', { name: 'Unmute' }).click();
  await page.getByRole('heading', { name: 'Quiet', exact: true }).waitFor();
});
