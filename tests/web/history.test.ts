import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { atRest, eyeOf, topOf, watchFrames } from './support/eye.ts';
import { writeHistory } from './support/history.ts';
import { speaker } from './support/speaker.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const count = 20_000;
let alice: Actor;
let bob: Actor;
let chatId: string;

beforeAll(async () => {
  [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  ({ chatId } = await createGroup(web.server, [alice, bob], 'A long story'));
  // One message in a quarter of an hour, the newest one at noon.
  await writeHistory(web.server, {
    chatId,
    speakers: [bob, alice],
    count,
    until: new Date('2025-06-01T12:00:00Z'),
    everyMs: 15 * 60_000,
    longEvery: 10,
    read: [{ who: alice, seq: count }],
  });
});

const row = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);

async function openAtEnd(): Promise<Page> {
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, count).waitFor();
  await atRest(page);
  const box = (await page.getByRole('log').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  return page;
}

test('1,000 messages up, and what one looks at moves by what the wheel turned, whatever is loaded', async () => {
  const page = await openAtEnd();
  const wrongs = await watchFrames(page, 'down');
  for (let eye = await eyeOf(page); eye.seq > count - 1_000; eye = await eyeOf(page)) {
    await page.mouse.wheel(0, -800);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.mouse.wheel(0, -800);
    const moved = async (): Promise<number> => (await topOf(page, eye.seq))! - eye.top;
    await expect.poll(moved).toBeGreaterThanOrEqual(1_598);
    await atRest(page);
    expect(Math.abs((await moved()) - 1_600)).toBeLessThanOrEqual(2);
  }
  expect(await wrongs()).toEqual([]);
  // The page holds a few screens of it, however far one went.
  expect(await page.locator('[data-seq]').count()).toBeLessThan(200);
  await page.context().close();
});

test('down again until the end, and it sticks there', async () => {
  const { page } = await web.visit(`/c/${chatId}/${count - 400}`, { as: alice });
  await row(page, count - 400).waitFor();
  await atRest(page);
  await page.mouse.move(800, 400);
  const wrongs = await watchFrames(page, 'up');
  for (let eye = await eyeOf(page); eye.seq < count - 10; eye = await eyeOf(page)) {
    for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, 500);
    await atRest(page);
  }
  expect(await wrongs()).toEqual([]);
  await page.context().close();
});

test('who comes back to a chat is where they were', async () => {
  const { chatId: other } = await createGroup(web.server, [alice, bob], 'Another one');
  const page = await openAtEnd();
  for (let turn = 0; turn < 30; turn++) await page.mouse.wheel(0, -300);
  await atRest(page);
  const eye = await eyeOf(page);
  expect(eye.seq).toBeLessThan(count - 50);
  await page.getByRole('link', { name: 'Another one' }).first().click();
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await page.goBack();
  await row(page, eye.seq).waitFor();
  await atRest(page);
  expect(Math.abs((await topOf(page, eye.seq))! - eye.top)).toBeLessThanOrEqual(2);
  expect(other).not.toBe(chatId);
  await page.context().close();
});

test('the address leads to a message, in the middle and pointed at', async () => {
  const { page } = await web.visit(`/c/${chatId}/4321`, { as: alice });
  await row(page, 4321).waitFor();
  await page.locator('[data-seq="4321"].row-flashed').waitFor();
  await atRest(page);
  expect(Math.abs((await eyeOf(page)).seq - 4321)).toBeLessThanOrEqual(1);
  await page.locator('.row-flashed').waitFor({ state: 'detached' });
  await page.context().close();
});

test('to a date', async () => {
  const page = await openAtEnd();
  await page.getByRole('button', { name: 'Chat menu' }).click();
  await page.getByRole('menuitem', { name: 'Go to date…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Go to date' });
  await dialog.getByLabel('Messages from').fill('2025-03-08');
  await dialog.getByRole('button', { name: 'Go' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.row-flashed').waitFor();
  await atRest(page);
  const { seq } = await eyeOf(page);
  // In the time zone of the browser, the first message of that day is at midnight.
  const first = await page.locator('.row-flashed time, [data-seq] time').first().isVisible();
  expect(first).toBe(true);
  const at = await row(page, seq).locator('time').getAttribute('datetime');
  expect(Math.abs(new Date(at!).getTime() - new Date('2025-03-08T00:00:00').getTime())).toBeLessThan(3 * 3_600_000);
  await page.getByText('8 March 2025').or(page.getByText('March 8, 2025')).first().waitFor();
  await page.context().close();
});

test('to a reply’s original far away, and back to the end', async () => {
  await using speaks = await speaker(web.server, bob);
  const { seq } = await speaks.chat(chatId).send({ text: 'As you said then', replyTo: 123 }).stored;
  const page = await openAtEnd();
  const reply = page.getByRole('article', { name: /As you said then/ });
  await reply.waitFor();
  await reply.getByRole('button', { name: /Alice: Message 123|Bob: Message 123/ }).click();
  await row(page, 123).waitFor();
  await atRest(page);
  expect(Math.abs((await eyeOf(page)).seq - 123)).toBeLessThanOrEqual(1);
  await page.getByRole('button', { name: 'Go to newest messages' }).click();
  await row(page, seq).waitFor();
  await atRest(page);
  const { scrollTop, scrollHeight, clientHeight } = await page.getByRole('log').evaluate((list) => ({
    scrollTop: list.scrollTop,
    scrollHeight: list.scrollHeight,
    clientHeight: list.clientHeight,
  }));
  expect(scrollHeight - clientHeight - scrollTop).toBeLessThanOrEqual(1);
  await page.context().close();
});

test('the first message, and the keys that lead there and back', async () => {
  const page = await openAtEnd();
  await page.getByRole('log').focus();
  await page.keyboard.press('Home');
  await row(page, 1).waitFor();
  await page.getByText('This is the start of the chat').waitFor();
  await page.keyboard.press('End');
  await page.getByRole('button', { name: 'Go to newest messages' }).waitFor({ state: 'detached' });
  await page.context().close();
});

test('more messages than are held come while one reads above: nothing moves', async () => {
  const page = await openAtEnd();
  for (let turn = 0; turn < 10; turn++) await page.mouse.wheel(0, -300);
  await atRest(page);
  const eye = await eyeOf(page);
  const wrongs = await watchFrames(page, 'still');
  await using speaks = await speaker(web.server, bob);
  const sent = Array.from({ length: 700 }, (_, n) => speaks.chat(chatId).send(`Burst ${n}`).stored);
  await Promise.all(sent);
  await page.getByRole('button', { name: 'Go to newest messages: 700 new messages' }).waitFor();
  await atRest(page);
  expect(Math.abs((await topOf(page, eye.seq))! - eye.top)).toBeLessThanOrEqual(2);
  expect(await wrongs()).toEqual([]);
  // And one goes on from there, upwards and down.
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 400);
  await atRest(page);
  expect((await eyeOf(page)).seq).toBeGreaterThan(eye.seq + 30);
  await page.context().close();
});
