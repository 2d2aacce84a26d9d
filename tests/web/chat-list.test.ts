import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActor, createActors, createGroup, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { call } from './support/call.ts';
import { makeCuttable } from './support/cut.ts';
import { openDirect, say } from './support/say.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const list = (page: Page): Locator => page.getByRole('navigation', { name: /^(Chats|Чаты)$/ });
const row = (page: Page, name: string): Locator => list(page).getByRole('link').filter({ hasText: name });
const names = (page: Page): Promise<string[]> => list(page).locator('.chat-row-name').allTextContents();
const device = (actor: Actor): Promise<FullSpeaker> => FullSpeaker.logIn(web.server, actor);

/** Alice and Bob with some groups, the first of the names being the newest. */
async function createGroups<const N extends readonly string[]>(...groups: N) {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const [mine, his] = [await device(alice), await device(bob)];
  const ids: string[] = [];
  for (const name of groups.toReversed()) ids.unshift((await createGroup(web.server, [alice, bob], name)).chatId);
  return { alice, bob, mine, his, ids: ids as unknown as { [K in keyof N]: string } };
}

async function choose(page: Page, name: string, action: string): Promise<void> {
  await row(page, name).click({ button: 'right' });
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

test('counts what is unread and who is mentioned, as it comes and as it is read', async () => {
  const { alice, his, mine, ids } = await createGroups('Boats');
  const { page } = await web.visit('/', { as: alice });
  await row(page, 'Boats').getByText('No messages yet').waitFor();
  await say(his, ids[0], 'The **red** one leaks');
  await row(page, 'Boats').getByText('Bob: The red one leaks').waitFor();
  await row(page, 'Boats').getByText('1 unread message').waitFor();
  expect(await row(page, 'Boats').getByText('you are mentioned').count()).toBe(0);
  const seq = await say(his, ids[0], '@Alice look', { mentions: [{ user_id: alice.id, offset: 0, length: 6 }] });
  await row(page, 'Boats').getByText('2 unread messages').waitFor();
  await row(page, 'Boats').getByText('you are mentioned').waitFor();
  await his.askRaw({ type: 'delete', chat_id: ids[0], seq });
  await row(page, 'Boats').getByText('Message deleted').waitFor();
  await row(page, 'Boats').getByText('1 unread message').waitFor();
  await mine.askRaw({ type: 'mark_read', chat_id: ids[0], seq });
  await expect.poll(() => row(page, 'Boats').getByText('unread').count()).toBe(0);
});

test('puts the newest activity first, and before it what is pinned', async () => {
  const { alice, his, ids } = await createGroups('One', 'Two', 'Three');
  const { page } = await web.visit('/', { as: alice });
  await expect.poll(() => names(page)).toEqual(['One', 'Two', 'Three']);
  await say(his, ids[2], 'News');
  await expect.poll(() => names(page)).toEqual(['Three', 'One', 'Two']);
  await choose(page, 'Two', 'Pin');
  await expect.poll(() => names(page)).toEqual(['Two', 'Three', 'One']);
  await row(page, 'Two').getByText('pinned').waitFor();
  await say(his, ids[0], 'More news');
  await expect.poll(() => names(page)).toEqual(['Two', 'One', 'Three']);
  await choose(page, 'Two', 'Unpin');
  await expect.poll(() => names(page)).toEqual(['One', 'Three', 'Two']);
});

test('mutes, marks as unread and archives', async () => {
  const { alice, his, ids } = await createGroups('Loud', 'Calm');
  await say(his, ids[0], 'Hey');
  const { page } = await web.visit('/', { as: alice });
  await choose(page, 'Loud', 'Mute…');
  await page.getByRole('radio', { name: 'Until I unmute' }).check();
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await row(page, 'Loud').getByText('muted').waitFor();
  await choose(page, 'Loud', 'Unmute');
  await expect.poll(() => row(page, 'Loud').getByText('muted').count()).toBe(0);

  await choose(page, 'Loud', 'Mark as read');
  await expect.poll(() => row(page, 'Loud').getByText('1 unread message').count()).toBe(0);
  await choose(page, 'Loud', 'Mark as unread');
  await row(page, 'Loud').getByText('marked as unread').waitFor();
  await choose(page, 'Loud', 'Mark as read');
  await expect.poll(() => row(page, 'Loud').getByText('marked as unread').count()).toBe(0);

  await choose(page, 'Calm', 'Archive');
  await expect.poll(() => names(page)).toEqual(['Loud']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(page)).toEqual(['Loud', 'Calm']);
  await choose(page, 'Calm', 'Archive');
  await say(his, ids[1], 'Still here');
  await list(page).getByRole('button', { name: 'Archive 1 unread message' }).click();
  await expect.poll(() => names(page)).toEqual(['Calm']);
  await row(page, 'Calm').click();
  await list(page).getByRole('button', { name: 'Back' }).click();
  await expect.poll(() => names(page)).toEqual(['Loud']);
  const archive = list(page).getByRole('button', { name: /^Archive/ });
  expect(await archive.getAttribute('aria-current')).toBe('true');
  await archive.click();
  await choose(page, 'Calm', 'Unarchive');
  await expect.poll(() => names(page)).toEqual(['Calm', 'Loud']);
});

test('shows drafts, who types, who is there and how far one’s own message has got', async () => {
  const { alice, bob, mine, ids } = await createGroups('Boats');
  const direct = await openDirect(mine, bob);
  const { page } = await web.visit('/', { as: alice });
  await row(page, 'Bob').getByText('online', { exact: true }).waitFor();
  const seq = await say(mine, direct, 'Are you there?');
  await row(page, 'Bob').getByText('You: Are you there?').waitFor();
  await row(page, 'Bob').getByText('sent', { exact: true }).waitFor();
  const his = await device(bob);
  await his.askRaw({ type: 'mark_delivered', chat_id: direct, seq });
  await row(page, 'Bob').getByText('delivered').waitFor();
  await his.askRaw({ type: 'mark_read', chat_id: direct, seq });
  await row(page, 'Bob').getByText('read', { exact: true }).waitFor();

  await mine.askRaw({ type: 'set_draft', chat_id: direct, text: 'I only wanted' });
  await row(page, 'Bob').getByText('Draft: I only wanted').waitFor();
  await mine.askRaw({ type: 'set_draft', chat_id: direct, text: null });
  await row(page, 'Bob').getByText('You: Are you there?').waitFor();

  his.socket.send({ type: 'typing', chat_id: direct });
  await row(page, 'Bob').getByText('typing…', { exact: true }).waitFor();
  his.socket.send({ type: 'typing', chat_id: ids[0] });
  await row(page, 'Boats').getByText('Bob is typing…').waitFor();
});

test('shows own messages that wait for a connection', async () => {
  const { alice, ids } = await createGroups('Boats');
  const { page } = await web.visit(`/c/${ids[0]}`, { as: alice });
  const cut = await makeCuttable(page);
  await row(page, 'Boats').waitFor();
  cut.set(true);
  await page.getByRole('textbox', { name: 'Message' }).fill('From the tunnel');
  await page.keyboard.press('Enter');
  await row(page, 'Boats').getByText('You: From the tunnel').waitFor();
  await row(page, 'Boats').getByText('sending').waitFor();
  cut.set(false);
  await row(page, 'Boats').getByText('sent', { exact: true }).waitFor();
});

test('shows what was refused on its chat, and on the archive that holds it', async () => {
  const { alice, bob, mine } = await createGroups('Boats');
  const direct = await openDirect(mine, bob);
  await mine.askRaw({ type: 'update_own', chat_id: direct, archived: true });
  await call(web, bob, 'PUT', `/api/v1/users/${alice.id}/block`);
  const { page } = await web.visit(`/c/${direct}`, { as: alice });
  await page.getByRole('textbox', { name: 'Message' }).fill('Are we friends?');
  await page.keyboard.press('Enter');
  await list(page).getByRole('button', { name: 'Archive not sent' }).click();
  await row(page, 'Bob').getByText('not sent').waitFor();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.poll(() => row(page, 'Bob').getByText('not sent').count()).toBe(0);
  await list(page).getByRole('button', { name: 'Back' }).click();
  await list(page).getByRole('button', { name: 'Archive 1', exact: true }).waitFor();
});

test('finds chats at once and people on the server', async () => {
  const { alice } = await createGroups('Boats', 'Boots', 'Trains');
  const carol = await createActor(web.server, 'Carolina');
  const { page } = await web.visit('/', { as: alice });
  await row(page, 'Trains').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('bo');
  await expect.poll(() => names(page)).toEqual(['Boats', 'Boots']);
  await page.keyboard.press('Escape');
  await expect.poll(() => names(page)).toEqual(['Boats', 'Boots', 'Trains']);

  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill('Zzyzx');
  await list(page).getByRole('listitem').filter({ hasText: 'Nothing found' }).waitFor();
  await search.fill(carol.email);
  await list(page)
    .getByRole('button', { name: `Carolina ${carol.email}` })
    .waitFor();
  await search.fill('Caroli');
  await list(page).getByRole('button', { name: 'Carolina' }).click();
  await page.waitForURL('**/c/*');
  await row(page, 'Carolina').and(page.locator('[aria-current=page]')).waitFor();
  expect(await search.inputValue()).toBe('');
});

test('does everything by keyboard', async () => {
  const { alice, mine, his, ids } = await createGroups('One', 'Two', 'Three', 'Four');
  const { page } = await web.visit('/', { as: alice });
  await row(page, 'Four').waitFor();
  const focused = (): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.querySelector('.chat-row-name')?.textContent);
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('One');
  await page.keyboard.press('End');
  await expect.poll(focused).toBe('Four');
  await page.keyboard.press('ArrowUp');
  await expect.poll(focused).toBe('Three');

  // A row that moves keeps the focus.
  await say(his, ids[2], 'Here I go');
  await expect.poll(() => names(page)).toEqual(['Three', 'One', 'Two', 'Four']);
  await expect.poll(focused).toBe('Three');

  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toBe('One');
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('menu').count()).toBe(0);
  expect(await focused()).toBe('One');
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Mark as unread' }).waitFor();
  await page.keyboard.press('p');
  await page.keyboard.press('Enter');
  await expect.poll(() => names(page)).toEqual(['One', 'Three', 'Two', 'Four']);
  await expect.poll(focused).toBe('One');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/c/${ids[0]}`);
  await row(page, 'One').and(page.locator('[aria-current=page]')).waitFor();
  // What is typed next is for the chat.
  const field = page.getByRole('textbox', { name: 'Message' });
  await expect.poll(() => field.evaluate((area) => area === document.activeElement)).toBe(true);

  await mine.askRaw({ type: 'update_own', chat_id: ids[1], archived: true });
  const archive = list(page).getByRole('button', { name: 'Archive' });
  await archive.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => names(page)).toEqual(['Two']);
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Back');
  await page.keyboard.press('Escape');
  await expect.poll(() => archive.evaluate((button) => button === document.activeElement)).toBe(true);
  await mine.askRaw({ type: 'update_own', chat_id: ids[1], archived: false });
  await expect.poll(() => archive.count()).toBe(0);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('two');
  await expect.poll(() => names(page)).toEqual(['Two']);
  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toBe('Two');
  await page.keyboard.press('Escape');
  await page.keyboard.type('fo');
  await expect.poll(() => names(page)).toEqual(['Four']);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/c/${ids[3]}`);
});

test('a row that is to have the focus gets it while much is written', async () => {
  const { alice, mine, his, ids } = await createGroups('One', 'Two');
  await mine.askRaw({ type: 'update_own', chat_id: ids[0], archived: true });
  const { page } = await web.visit('/', { as: alice });
  const archive = list(page).getByRole('button', { name: 'Archive' });
  await archive.waitFor();
  await row(page, 'Two').waitFor();
  let isOver = false;
  const writing = (async () => {
    for (let i = 0; !isOver && i < 5_000; i++) await say(his, ids[1], `word ${i}`);
  })();
  try {
    for (let i = 0; i < 5; i++) {
      await archive.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Back');
      await page.keyboard.press('Escape');
      await expect.poll(() => archive.evaluate((button) => button === document.activeElement)).toBe(true);
    }
  } finally {
    isOver = true;
    await writing;
  }
});

test('300 chats scroll without trouble', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  for (let from = 0; from < 300; from += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => createGroup(web.server, [alice, bob], `Group ${from + i + 1}`)),
    );
  const { page } = await web.visit('/', { as: alice, viewport: phone });
  const items = list(page).getByRole('listitem');
  await expect.poll(async () => items.first().getAttribute('aria-setsize')).toBe('300');
  expect(await items.count()).toBeLessThan(40);
  await list(page)
    .getByRole('link', { name: /^Group/ })
    .first()
    .focus();
  await page.keyboard.press('End');
  const last = page.locator('[aria-posinset="300"]');
  await expect.poll(() => last.getByRole('link').evaluate((link) => link === document.activeElement)).toBe(true);
  await expect.poll(() => last.evaluate((item) => item.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
  await page.mouse.move(200, 400);
  /** The row in the middle, once the list has stood still for some frames. */
  const findSeen = (): Promise<string | null | undefined> =>
    page.evaluate(async () => {
      const rows = document.querySelector('.row-list')!;
      for (let same = 0, before = rows.scrollTop; same < 5; before = rows.scrollTop) {
        await new Promise(requestAnimationFrame);
        same = rows.scrollTop === before ? same + 1 : 0;
      }
      return document.elementFromPoint(200, 400)?.closest('li')?.ariaPosInSet;
    });
  // What is turned while the list still goes to its end is lost.
  await expect
    .poll(async () => {
      if (Number(await findSeen()) >= 200) await page.mouse.wheel(0, -5_000);
      return findSeen();
    })
    .toMatch(/^1\d\d$/);
  const seen = await findSeen();
  const middle = page.locator(`[aria-posinset="${seen}"]`);
  await middle.getByRole('link').click();
  await page.waitForURL('**/c/*');
  await page.goBack();
  // Where one was is where one comes back to.
  await middle.waitFor();
  await page.mouse.wheel(0, -30_000);
  await page.locator('[aria-posinset="1"]').waitFor();
});

test('a long press opens the menu and not the chat', async () => {
  const { alice } = await createGroups('Boats');
  const { page, context } = await web.visit('/', { as: alice, viewport: phone });
  await row(page, 'Boats').waitFor();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  const { x, y } = (await row(page, 'Boats').boundingBox())!;
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 100, y: y + 30 }] });
  await page.getByRole('menuitem', { name: 'Archive' }).waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.getByRole('menuitem', { name: 'Pin' }).click();
  await row(page, 'Boats').getByText('pinned').waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
});

test('who has no chats is shown a way to one', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page } = await web.visit('/', { as: alice });
  await page.getByRole('button', { name: 'Start a chat' }).click();
  await page.waitForURL('**/new');
});
