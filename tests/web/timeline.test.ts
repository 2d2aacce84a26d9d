import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { atRest, eyeOf, topOf } from './support/eye.ts';
import { writeHistory } from './support/history.ts';
import { speaker } from './support/speaker.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const row = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);
const says = (page: Page, text: string | RegExp) => page.getByRole('article', { name: text });
const toEnd = (page: Page) => page.getByRole('button', { name: /^Go to newest messages/ });

async function readSeqOf({ chatId, who }: { chatId: string; who: Actor }): Promise<number> {
  const answer = await fetch(`${web.server.url}/api/v1/chats/${chatId}`, { headers: who.authorization });
  return ((await answer.json()) as { read_seq: number }).read_seq;
}

const hide = (page: Page, hidden: boolean): Promise<void> =>
  page.evaluate((isHidden) => {
    Object.defineProperty(document, 'visibilityState', { value: isHidden ? 'hidden' : 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

async function createDirect(a: Actor, b: Actor): Promise<string> {
  await using speaks = await speaker(web.server, a);
  return (await speaks.openDirect(b.id)).id;
}

test('a chat opens at the first unread message; what was seen is read, and the rest is counted', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Unread');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 1_000, read: [{ who: alice, seq: 600 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await page.getByRole('separator', { name: 'New messages' }).waitFor();
  await atRest(page);
  const top = (await topOf(page, 601))!;
  const list = (await page.getByRole('log').boundingBox())!;
  expect(top).toBeGreaterThan(list.y);
  expect(top).toBeLessThan(list.y + list.height / 2);
  await expect.poll(() => readSeqOf({ chatId, who: alice })).toBeGreaterThan(601);
  // What is seen is marked bit by bit.
  const isCounted = async (): Promise<boolean> => {
    const label = await toEnd(page).getAttribute('aria-label');
    return label === `Go to newest messages: ${1_000 - (await readSeqOf({ chatId, who: alice }))} new messages`;
  };
  await expect.poll(isCounted).toBe(true);
  expect(await readSeqOf({ chatId, who: alice })).toBeLessThan(640);
  await toEnd(page).click();
  await row(page, 1_000).waitFor();
  await expect.poll(() => readSeqOf({ chatId, who: alice })).toBe(1_000);
  await toEnd(page).waitFor({ state: 'detached' });
});

test('messages come: at the end they are followed, above nothing moves and they are counted', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Live');
  await writeHistory(web.server, { chatId, speakers: [alice, bob], count: 300, read: [{ who: alice, seq: 300 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, 300).waitFor();
  await using speaks = await speaker(web.server, bob);
  await speaks.chat(chatId).send('Are you there?').stored;
  await says(page, /Bob, .*Are you there\?/).waitFor();
  // Said aloud, a moment after the list of chats shows the same.
  await page.getByRole('main').getByText('Bob: Are you there?').waitFor({ state: 'attached' });
  expect(await toEnd(page).count()).toBe(0);
  await expect.poll(() => readSeqOf({ chatId, who: alice })).toBe(301);

  await page.mouse.move(800, 300);
  await page.mouse.wheel(0, -900);
  await toEnd(page).waitFor();
  await atRest(page);
  const eye = await eyeOf(page);
  for (const text of ['one', 'two', 'three']) await speaks.chat(chatId).send(text).stored;
  await page.getByRole('button', { name: 'Go to newest messages: 3 new messages' }).waitFor();
  expect(Math.abs((await topOf(page, eye.seq))! - eye.top)).toBeLessThanOrEqual(2);
  // One’s own message leads to the end.
  await page.getByRole('textbox').last().fill('Here I am');
  await page.keyboard.press('Enter');
  await toEnd(page).waitFor({ state: 'detached' });
  await says(page, /You, .*Here I am/).waitFor();
});

test('the sender sees the message stored, delivered and read, at once', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Marks');
  const a = await web.visit(`/c/${chatId}`, { as: alice });
  await a.page.getByRole('textbox').last().fill('Look');
  await a.page.keyboard.press('Enter');
  await says(a.page, /Look, sent$/).waitFor();
  await using speaks = await speaker(web.server, bob, true);
  await says(a.page, /Look, delivered$/).waitFor();
  const b = await web.visit(`/c/${chatId}`, { as: bob });
  await says(b.page, /Alice, .*Look/).waitFor();
  await says(a.page, /Look, read$/).waitFor();
  expect(speaks.state).toBe('online');
});

test('nothing is read in a page that nobody looks at; afterwards the new ones stand below a line', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Hidden');
  await writeHistory(web.server, { chatId, speakers: [bob], count: 50, read: [{ who: alice, seq: 50 }] });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, 50).waitFor();
  await page.clock.install();
  await hide(page, true);
  await using speaks = await speaker(web.server, bob);
  await Promise.all(Array.from({ length: 60 }, (_, n) => speaks.chat(chatId).send(`While away ${n + 1}`).stored));
  await page.getByRole('separator', { name: 'New messages' }).waitFor();
  await says(page, /While away 1\b/).waitFor();
  // Longer than marks are gathered.
  await page.clock.fastForward(3_000);
  expect(await readSeqOf({ chatId, who: alice })).toBe(50);
  await hide(page, false);
  await expect.poll(() => readSeqOf({ chatId, who: alice })).toBeGreaterThan(50);
  expect(await readSeqOf({ chatId, who: alice })).toBeLessThan(110);
});

test('a message that is refused says why and can be tried again or dropped', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const chatId = await createDirect(alice, bob);
  const block = (method: 'PUT' | 'DELETE') =>
    fetch(`${web.server.url}/api/v1/users/${alice.id}/block`, { method, headers: bob.authorization });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  expect((await block('PUT')).ok).toBe(true);
  await page.getByRole('textbox').last().fill('Hello?');
  await page.keyboard.press('Enter');
  const failed = says(page, /Hello\?, not sent$/);
  await failed.waitFor();
  expect((await block('DELETE')).ok).toBe(true);
  await failed.getByText("can't message each other").waitFor();
  await failed.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Send again' }).click();
  await says(page, /Hello\?, sent$/).waitFor();

  expect((await block('PUT')).ok).toBe(true);
  await page.getByRole('textbox').last().fill('Never mind');
  await page.keyboard.press('Enter');
  await says(page, /Never mind, not sent$/)
    .getByRole('button', { name: 'Delete' })
    .click();
  await says(page, /Never mind/).waitFor({ state: 'detached' });
});

test('days are told apart at midnight, and runs of one sender have one name', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Days');
  const midnight = new Date(2024, 1, 29);
  await writeHistory(web.server, {
    chatId,
    speakers: [bob],
    count: 6,
    until: new Date(midnight.getTime() + 2 * 60_000),
    read: [{ who: alice, seq: 6 }],
  });
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await row(page, 6).waitFor();
  const days = page.locator('.timeline-day');
  expect(await days.count()).toBe(2);
  expect(await days.nth(0).getByRole('article').count()).toBe(3);
  expect(await days.nth(1).getByRole('article').count()).toBe(3);
  await days.nth(1).getByText(/29/).first().waitFor();
  await expect.poll(() => page.getByRole('log').getByText('Bob', { exact: true }).count()).toBe(2);

  // Over messages a day is told only while one scrolls.
  await page.setViewportSize({ width: 500, height: 360 });
  const label = days.nth(1).locator('.timeline-day-label > span');
  const opacity = () => label.evaluate((span) => Number(getComputedStyle(span).opacity));
  await expect.poll(opacity).toBe(0);
  const whileMoving = await page.getByRole('log').evaluate(async (list) => {
    const span = [...list.querySelectorAll('.timeline-day-label > span')].at(-1)!;
    list.scrollTop -= 5;
    let most = 0;
    for (let frames = 0; frames < 5; frames++) {
      await new Promise(requestAnimationFrame);
      most = Math.max(most, Number(getComputedStyle(span).opacity));
    }
    return most;
  });
  expect(whileMoving).toBe(1);
  await expect.poll(opacity).toBe(0);
});

test('edits, deletions, pins, replies and forwards are seen as they happen', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [bob, alice], 'Changes');
  const { chatId: otherId } = await createGroup(web.server, [bob, alice], 'Elsewhere');
  await using speaks = await speaker(web.server, bob);
  const chat = speaks.chat(chatId);
  const { seq } = await chat.send('Meet at five').stored;
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  await says(page, /Meet at five/).waitFor();
  await chat.edit(seq, 'Meet at six');
  await says(page, /Bob, .*Meet at six, edited$/).waitFor();
  await chat.pin(seq);
  await says(page, /Meet at six, edited, pinned$/).waitFor();
  const { seq: reply } = await chat.send({ text: 'Or at seven', replyTo: seq }).stored;
  await says(page, /a reply, Or at seven/)
    .getByRole('button', { name: /Bob: Meet at six/ })
    .waitFor();
  const { seq: said } = await speaks.chat(otherId).send('Said elsewhere').stored;
  await chat.send({ forward: { chatId: otherId, seq: said } }).stored;
  await says(page, /forwarded, Said elsewhere/)
    .getByText('Forwarded from Bob')
    .waitFor();
  await chat.delete(seq);
  await says(page, /^Bob, [^,]*, Message deleted$/).waitFor();
  await row(page, reply).getByText('Message deleted').waitFor();
  expect(await page.getByText('Meet at six').count()).toBe(0);
});

test('who types, and who is there', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol');
  const { chatId } = await createGroup(web.server, [alice, bob, carol], 'Typing');
  const { page } = await web.visit(`/c/${chatId}`, { as: alice });
  const head = page.locator('.chat-head');
  await head.getByText('3 members').waitFor();
  // Whoever types is told of for seconds only: nobody has to log in meanwhile.
  await using b = await speaker(web.server, bob);
  await using c = await speaker(web.server, carol);
  b.chat(chatId).typing();
  await head.getByText('Bob is typing…').waitFor();
  c.chat(chatId).typing();
  await head.getByText('Bob and Carol are typing…').waitFor();
  await head.getByText('3 members').waitFor();

  const directId = await createDirect(alice, bob);
  await page
    .getByRole('link', { name: /Typing/ })
    .first()
    .waitFor();
  const direct = await web.visit(`/c/${directId}`, { as: alice });
  await direct.page.locator('.chat-head').getByText('online', { exact: true }).waitFor();
});
