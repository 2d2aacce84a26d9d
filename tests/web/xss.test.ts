/** Whatever people write, and wherever: the page shows it and does nothing else. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { FullSpeaker } from '../support/full-speaker.ts';
import { atRest } from './support/eye.ts';
import { go } from './support/go.ts';
import { guard, type Guard } from './support/guard.ts';
import { makeHostileWorld, type HostileWorld } from './support/hostile.ts';
import { linesUpTo, payloads } from './support/payloads.ts';
import { say } from './support/say.ts';
import { desk, Web } from './support/web.ts';

const web = Web.use();
let world: HostileWorld;
beforeAll(async () => {
  world = await makeHostileWorld(web.server);
});

const dialog = (page: Page) => page.getByRole('dialog');
const main = (page: Page) => page.getByRole('main');
const row = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);
const squeeze = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Some of them, of all kinds. */
const some = (count: number): string[] =>
  payloads.filter((_, at) => at % Math.ceil(payloads.length / count) === 0).map(squeeze);

/** Alice before a page that is guarded; it has loaded nothing of the client yet. */
async function look(): Promise<{ page: Page; guarded: Guard }> {
  const { page } = await web.visit('/favicon.svg', { as: world.alice });
  await page.setViewportSize({ ...desk, height: 2_000 });
  return { page, guarded: await guard(page) };
}

/** Nothing happened that should not, and the address is one's own. */
async function expectCalm(page: Page, { alarms }: Guard): Promise<void> {
  expect(new URL(page.url()).origin).toBe(web.server.url);
  expect(await page.title()).toMatch(/^(\(\d+\) )?Messenger$/);
  expect([...alarms, ...web.complaints]).toEqual([]);
}

async function closeDialog(page: Page): Promise<void> {
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
}

/** Opens a dialog of a message by its menu. */
async function choose(page: Page, seq: number, item: string): Promise<void> {
  await go(page, `/c/${world.chatId}/${seq}`);
  await row(page, seq).locator('.bubble-menu').click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

test('in the list of chats, its drafts, and what is searched', async () => {
  const { page, guarded } = await look();
  await page.goto('/');
  const seen = new Set<string>();
  await page.locator('.chat-row-name').first().waitFor();
  const listMissing = (): string[] => world.names.filter((name) => !seen.has(squeeze(name)));
  for (let screens = 0; screens < 200 && listMissing().length > 0; screens++) {
    for (const name of await page.locator('.chat-row-name').allInnerTexts()) seen.add(squeeze(name));
    await page.locator('.row-list').evaluate(async (rows) => {
      rows.scrollBy(0, 500);
      for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    });
  }
  expect(listMissing()).toEqual([]);
  const search = page.getByRole('searchbox', { name: 'Search' });
  for (const text of [...some(15), 'script']) await search.fill(text);
  await page.getByText('</script>').first().waitFor();
  await go(page, '/new/group');
  await main(page).getByRole('searchbox').fill('iframe');
  await main(page).getByRole('checkbox').first().check();
  await main(page)
    .getByRole('button', { name: /^Remove .*iframe/s })
    .waitFor();
  await expectCalm(page, guarded);
});

test('in messages, their menus and dialogs', async () => {
  const { page, guarded } = await look();
  await page.goto(`/c/${world.chatId}`);
  await row(page, 1).or(row(page, world.count)).waitFor();
  const list = page.getByRole('log');
  const seen = new Set<string>();
  const scroll = async (way: number): Promise<void> => {
    await list.evaluate((log, pages) => log.scrollBy(0, pages * log.clientHeight), way);
    await atRest(page);
    const seqs = await page.locator('[data-seq]').evaluateAll((rows) => rows.map((one) => one.dataset['seq']!));
    for (const seq of seqs) seen.add(seq);
  };
  while (!seen.has(String(world.count))) await scroll(0.8);
  while (!seen.has('1')) await scroll(-0.8);
  expect(seen.size).toBe(world.count);

  await page.getByRole('button', { name: 'All pinned messages' }).click();
  await closeDialog(page);
  for (const seq of [2, 7, 12]) {
    await choose(page, seq, 'Edit history');
    await closeDialog(page);
  }
  await choose(page, 2, 'Forward');
  await closeDialog(page);
  await choose(page, 9, 'Read by');
  await closeDialog(page);
  await choose(page, 3, 'Reply');
  await page.getByText(/^Reply to/).waitFor();

  const field = page.getByLabel('Message', { exact: true });
  await field.fill('@');
  await page.getByRole('option').first().waitFor();
  for (const text of some(8)) {
    await field.fill(text);
    await field.press('End');
    await page.getByRole('button', { name: 'Send' }).click();
  }
  await expect.poll(() => page.locator('.row-own .mark-waiting').count()).toBe(0);
  await expectCalm(page, guarded);
});

test('in groups, people, invites and settings', async () => {
  const { page, guarded } = await look();
  await page.goto(`/c/${world.chatId}/info`);
  const more = main(page).getByRole('button', { name: /^Show more/ });
  while ((await main(page).locator('.member-row').count()) <= world.people.length) await more.click();
  await main(page).getByRole('searchbox').fill('<iframe');
  await main(page)
    .getByRole('button', { name: /^Actions for .*iframe/s })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Remove from group' }).click();
  await closeDialog(page);
  await main(page).getByRole('button', { name: 'Edit group' }).click();
  await closeDialog(page);
  await main(page).getByRole('button', { name: 'Invite links' }).click();
  await page.locator('.invite-row').nth(99).waitFor();
  await closeDialog(page);

  for (const token of world.invites) {
    await go(page, `/invite/${token}`);
    await page.locator('.invite h2').waitFor();
  }
  for (const [at, id] of world.people.slice(0, 160).entries()) {
    if (at % 10 > 0) continue;
    await go(page, `/u/${id}`);
    await expect
      .poll(async () => squeeze(await main(page).getByRole('heading', { level: 2 }).first().innerText()))
      .toBe(world.names[at]!.replaceAll(/\s+/g, ' '));
  }
  await main(page).getByRole('button', { name: 'Report' }).click();
  await dialog(page).getByLabel('What happened?').fill(payloads[0]!);
  await dialog(page).getByRole('button', { name: 'Send' }).click();
  await page.getByText("This server's admin will read it").waitFor();

  await go(page, '/settings/privacy');
  await page
    .getByRole('button', { name: /^Unblock / })
    .first()
    .waitFor();
  await go(page, '/settings/sessions');
  await page.getByText('This device').waitFor();
  await go(page, '/settings/profile');
  await page.getByLabel('About').fill(linesUpTo(256)[20]!);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('input[type=file]').setInputFiles({
    name: '<img src=x onerror=hit()>.png',
    mimeType: 'image/png',
    buffer: readFileSync(new URL('../../src/web/public/icons/192.png', import.meta.url)),
  });
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.locator('.picture-editor img').waitFor();
  await expectCalm(page, guarded);
});

test('in addresses and notifications', async () => {
  const { page, guarded } = await look();
  await page.context().grantPermissions(['notifications'], { origin: web.server.url });
  await page.addInitScript(() => {
    localStorage.setItem('messenger:notify', 'on');
    const Real = Notification;
    const shown: string[] = [];
    Object.assign(globalThis, {
      shown,
      Notification: class extends Real {
        constructor(title: string, options: NotificationOptions = {}) {
          super(title, options);
          shown.push(title, options.body ?? '');
        }
      },
    });
  });
  await page.goto('/');
  for (const text of some(20)) {
    for (const place of ['', '/c', '/u', '/invite', '/settings'])
      await go(page, `${place}/${encodeURIComponent(text)}`);
    await go(page, `/c/${text.replaceAll('/', '')}`);
  }
  for (const text of some(3)) {
    for (const path of [`/c/${encodeURIComponent(text)}`, `/invite/${encodeURIComponent(text)}`, `/reset#${text}`]) {
      await page.goto(path);
      await page.locator('#root h1, #root h2').first().waitFor();
    }
  }
  await page.goto('/');
  await page.locator('.chat-row-name').first().waitFor();
  await using mallory = await FullSpeaker.logIn(web.server, world.mallory);
  // Whether this one is news depends on whether the page is connected yet; who shows it is.
  await say(mallory, world.directId, 'Are you there?');
  await page.getByText('Are you there?').first().waitFor();
  await say(mallory, world.directId, payloads[0]!);
  await expect
    .poll(() => page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown.slice(-2)))
    .toEqual([world.mallory.name, payloads[0]!]);
  await expectCalm(page, guarded);
});
