import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { openDirect, say } from './support/say.ts';
import { Web, type Device } from './support/web.ts';

const web = Web.use();

interface Shown {
  title: string;
  body: string;
  tag: string;
}

/** Notes what a page shows, and lets a test click on it. */
const noteShown = (): void => {
  const shown: (Shown & { notification: Notification })[] = [];
  const Real = Notification;
  Object.assign(globalThis, {
    shown,
    Notification: class extends Real {
      constructor(title: string, options: NotificationOptions = {}) {
        super(title, options);
        shown.push({ title, body: options.body ?? '', tag: options.tag ?? '', notification: this });
      }
    },
  });
};

const listShown = (page: Page): Promise<Shown[]> =>
  page.evaluate(() =>
    (globalThis as unknown as { shown: Shown[] }).shown.map(({ title, body, tag }) => ({ title, body, tag })),
  );

/** A device of somebody who wants to be told; a page that is loaded from then on notes what is shown. */
async function visitNotified(path: string, actor: Actor, choose = true): Promise<Device> {
  const device = await web.visit('/', { as: actor });
  const { context, page } = device;
  await context.grantPermissions(['notifications'], { origin: web.server.url });
  await context.addInitScript(noteShown);
  if (choose) await page.evaluate(() => localStorage.setItem('messenger:notify', 'on'));
  await page.goto(path);
  await ready(page);
  return device;
}

const ready = (page: Page): Promise<void> => page.getByRole('link', { name: /^Boats/ }).waitFor();

async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  web.watch(page);
  await page.goto(path);
  await ready(page);
  return page;
}

async function createTalk() {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const mine = await FullSpeaker.logIn(web.server, alice);
  const his = await FullSpeaker.logIn(web.server, bob);
  const { chatId } = await createGroup(web.server, [alice, bob], 'Boats');
  return { alice, bob, mine, his, chatId, direct: await openDirect(his, alice) };
}

test('of two tabs one tells what others say, and a click leads there', async () => {
  const { alice, mine, his, chatId, direct } = await createTalk();
  const { context, page } = await visitNotified('/', alice);
  const other = await openTab(context, '/');
  const listAll = async (): Promise<Shown[]> => [...(await listShown(page)), ...(await listShown(other))];

  await say(mine, chatId, 'My own words');
  // A page may show what it has kept before it is connected: what comes then is no news.
  for (const one of [page, other]) await one.getByText('You: My own words').waitFor();
  await say(his, chatId, 'The **red** one leaks');
  const first = { title: 'Boats', body: 'Bob: The red one leaks', tag: `messenger:${chatId}` };
  await expect.poll(listAll).toEqual([first]);
  await say(his, direct, 'Psst');
  const second = { title: 'Bob', body: 'Psst', tag: `messenger:${direct}` };
  await expect.poll(listAll).toEqual([first, second]);

  const teller = (await listShown(page)).length > 0 ? page : other;
  await teller.evaluate(() => {
    const { shown } = globalThis as unknown as { shown: { notification: Notification }[] };
    shown[0]!.notification.dispatchEvent(new Event('click'));
  });
  await teller.waitForURL(`**/c/${chatId}`);

  // Whoever is left goes on telling.
  await teller.close();
  const left = teller === page ? other : page;
  await expect.poll(() => left.evaluate(async () => (await navigator.locks.query()).pending)).toEqual([]);
  await say(his, direct, 'Still there?');
  await expect.poll(() => listShown(left)).toMatchObject([{ body: 'Still there?' }]);

  const settings = await openTab(context, '/settings/notifications');
  await settings.getByRole('switch', { name: 'Show message text' }).uncheck();
  await expect.poll(() => left.evaluate(() => localStorage.getItem('messenger:notifyText'))).toBe('off');
  await say(his, direct, 'A secret');
  await expect.poll(() => listShown(left)).toMatchObject([{ body: 'Still there?' }, { body: 'New message' }]);
});

test('nothing is told of muted chats, of the chat on screen, and to who did not ask for it', async () => {
  const { alice, mine, his, chatId, direct } = await createTalk();
  const quiet = await visitNotified('/', alice, false);
  const { context, page } = await visitNotified('/', alice);
  const other = await openTab(context, `/c/${direct}`);
  await mine.askRaw({ type: 'update_own', chat_id: chatId, muted_until: 'forever' });
  await page.getByRole('link', { name: /^Boats muted/ }).waitFor();
  await say(his, direct, 'You see this');
  await say(his, chatId, '@Alice', { mentions: [{ user_id: alice.id, offset: 0, length: 6 }] });
  await mine.askRaw({ type: 'update_own', chat_id: chatId, muted_until: null });
  await expect.poll(() => page.getByRole('link', { name: /^Boats muted/ }).count()).toBe(0);
  await say(his, chatId, 'You are told this');
  await expect.poll(() => listShown(page)).toMatchObject([{ body: 'Bob: You are told this' }]);
  expect(await listShown(other)).toEqual([]);
  await quiet.page.getByText('Bob: You are told this').waitFor();
  expect(await listShown(quiet.page)).toEqual([]);
});

test('the title and the picture of the page say how much is unread', async () => {
  const { alice, mine, his, chatId, direct } = await createTalk();
  const { page } = await web.visit('/', { as: alice });
  await ready(page);
  const icon = (): Promise<string> => page.locator('#favicon').evaluate((link) => (link as HTMLLinkElement).href);
  expect(await page.title()).toBe('Messenger');
  await say(his, chatId, 'One');
  const seq = await say(his, direct, 'Two');
  await expect.poll(() => page.title()).toBe('(2) Messenger');
  await expect.poll(icon).toMatch(/^data:image\/svg\+xml,.*circle/);
  await mine.askRaw({ type: 'update_own', chat_id: chatId, muted_until: 'forever' });
  await expect.poll(() => page.title()).toBe('(1) Messenger');
  await mine.askRaw({ type: 'mark_read', chat_id: direct, seq });
  await expect.poll(() => page.title()).toBe('Messenger');
  await expect.poll(icon).toMatch(/favicon\.svg$/);
});
