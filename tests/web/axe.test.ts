/** Every screen and dialog as axe sees it: in both languages and themes, on a desk and on the narrowest phone. */
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { findFaults } from './support/accessible.ts';
import { call } from './support/call.ts';
import { atRest } from './support/eye.ts';
import { go } from './support/go.ts';
import { writeHistory } from './support/history.ts';
import { openDirect, say } from './support/say.ts';
import { desk, Web } from './support/web.ts';

const web = Web.use();

const narrow = { width: 320, height: 640 };
const en = {
  field: 'Message',
  emoji: 'Emoji',
  messageDialogs: ['Forward', 'Edit history', 'Read by', 'Delete'],
  pins: 'All pinned messages',
  chatMenu: 'Chat menu',
  chatDialogs: ['Go to date…', 'Mute…'],
  groupDialogs: ['Edit group', 'Add members', 'Leave group'],
  invites: 'Invite links',
  makeInvite: 'Create link',
  found: /^Found: \d/,
  member: 'Actions for Bob',
  personDialogs: ['Block', 'Report'],
  accountDialogs: ['Log out everywhere', 'Delete account'],
};
const ru: typeof en = {
  field: 'Сообщение',
  emoji: 'Эмодзи',
  messageDialogs: ['Переслать', 'История изменений', 'Кто прочитал', 'Удалить'],
  pins: 'Все закреплённые сообщения',
  chatMenu: 'Меню чата',
  chatDialogs: ['Перейти к дате…', 'Без звука…'],
  groupDialogs: ['Изменить группу', 'Добавить участников', 'Выйти из группы'],
  invites: 'Ссылки-приглашения',
  makeInvite: 'Создать ссылку',
  found: /^Найдено: \d/,
  member: 'Действия: Bob',
  personDialogs: ['Заблокировать', 'Пожаловаться'],
  accountDialogs: ['Выйти везде', 'Удалить аккаунт'],
};

/** Alice has chats of all kinds; in Boats there is something of everything that a message can have. */
async function furnish() {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol', 'Boris');
  const [{ chatId: boats }, ...others] = await Promise.all([
    createGroup(web.server, [alice, bob], 'Boats'),
    ...['Trains', 'Planes', 'Cars'].map((name) => createGroup(web.server, [alice, bob], name)),
  ]);
  const [trains, planes, cars] = others.map(({ chatId }) => chatId);
  const { chatId: club } = await createGroup(web.server, [bob], 'The club of Bob');
  await writeHistory(web.server, {
    chatId: boats,
    speakers: [bob, alice],
    count: 40,
    read: [{ who: alice, seq: 20 }],
  });
  await using his = await FullSpeaker.logIn(web.server, bob);
  await using mine = await FullSpeaker.logIn(web.server, alice);
  const deleted = await say(his, boats, 'A slip');
  await his.askRaw({ type: 'delete', chat_id: boats, seq: deleted });
  const mention = { mentions: [{ user_id: alice.id, offset: 0, length: 6 }] };
  const answer = await say(his, boats, '@Alice, **look** at https://example.com and `this`', {
    ...mention,
    reply_to: 39,
  });
  await mine.askRaw({ type: 'react', chat_id: boats, seq: answer, emoji: '👍' });
  for (const seq of [39, answer]) await mine.askRaw({ type: 'pin', chat_id: boats, seq });
  const own = await say(mine, boats, 'At fife');
  await mine.askRaw({ type: 'edit', chat_id: boats, seq: own, text: 'At five' });
  await say(mine, await openDirect(mine, bob), 'Hello');
  await say(his, trains!, '@Alice', mention);
  await mine.askRaw({ type: 'update_own', chat_id: trains, muted_until: 'forever', pinned: true });
  await mine.askRaw({ type: 'update_own', chat_id: planes, archived: true });
  await mine.askRaw({ type: 'set_draft', chat_id: cars, text: 'Perhaps' });
  await call(web, alice, 'PUT', `/api/v1/users/${carol.id}/block`);
  const invite = async (actor: typeof alice, chatId: string): Promise<string> =>
    ((await call(web, actor, 'POST', `/api/v1/chats/${chatId}/invites`, { title: 'A title' })) as { token: string })
      .token;
  await invite(alice, boats);
  return { alice, bob, boats, invite: await invite(bob, club) };
}

test.each([
  { words: en, locale: 'en-GB', colorScheme: 'light', viewport: desk },
  { words: ru, locale: 'ru-RU', colorScheme: 'dark', viewport: desk },
  { words: en, locale: 'en-GB', colorScheme: 'dark', viewport: narrow },
  { words: ru, locale: 'ru-RU', colorScheme: 'light', viewport: narrow },
] as const)('$locale, $colorScheme, $viewport.width pixels', { timeout: 180_000 }, async ({ words, ...look }) => {
  const { alice, bob, boats, invite } = await furnish();
  const { page, context } = await web.visit('/reset#token', look);
  const faults: string[] = [];
  const check = async (what: string, part?: string): Promise<void> => {
    faults.push(...(await findFaults(page, part)).map((fault) => `${what}: ${fault}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) faults.push(`${what}: ${wide} pixels too wide`);
  };
  const main = page.getByRole('main');
  const press = (name: string): Promise<void> => main.getByRole('button', { name, exact: true }).first().click();
  const dialog = page.locator('dialog[open]');
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  const checkDialog = async (name: string): Promise<void> => {
    await dialog.waitFor();
    await check(name, 'dialog[open]');
    const ways = await dialog.getByRole('button', { name: /^(Cancel|Close|Отмена|Закрыть)$/ }).allTextContents();
    if (ways.length !== 1) faults.push(`${name}: ${ways.length} ways out`);
    await leave();
  };

  for (const path of ['/reset', '/login', '/register']) {
    if (path !== '/reset') await go(page, path);
    await page.locator('.entrance-form').waitFor();
    if (path === '/register') await page.locator('button[type=submit]').click();
    await check(path);
  }

  await web.logIn(context, alice);
  await page.goto('/');
  const row = page.getByRole('link', { name: /^Boats/ });
  await row.waitFor();
  await check('the chats');
  await row.click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await check('the menu of a chat', '[role=menu]');
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').fill('bo');
  await page.getByRole('status').filter({ hasText: words.found }).waitFor();
  // Rows are there for the eye once they were measured.
  await page.getByRole('button', { name: /Boris/ }).first().waitFor();
  await check('the search', '.chat-list');
  await page.getByRole('searchbox').fill('');

  await go(page, `/c/${boats}`);
  await page.getByRole('separator').first().waitFor();
  await atRest(page);
  await check('a chat with news');
  await page.getByRole('log').press('End');
  const own = page.getByRole('article', { name: /At five/ });
  await own.waitFor();
  await atRest(page);
  await check('the end of a chat', '.shell-content');
  const openMenu = async (): Promise<void> => {
    await own.locator('.message-text').click({ button: 'right' });
    await page.getByRole('menu').waitFor();
  };
  await openMenu();
  await check('the menu of a message', '[role=menu]');
  await page.keyboard.press('Escape');
  for (const name of words.messageDialogs) {
    await openMenu();
    await page.getByRole('menuitem', { name, exact: true }).click();
    await checkDialog(name);
  }
  await press(words.pins);
  await checkDialog(words.pins);
  for (const name of words.chatDialogs) {
    await press(words.chatMenu);
    await page.getByRole('menuitem', { name, exact: true }).click();
    await checkDialog(name);
  }
  await press(words.emoji);
  await page.getByRole('group').getByRole('button').nth(40).waitFor();
  await check('emoji', '.emoji-popover');
  await page.keyboard.press('Escape');
  const field = main.getByRole('textbox', { name: words.field, exact: true });
  await field.pressSequentially('@');
  await page.getByRole('option').first().waitFor();
  await check('mentions', '.composer');
  await field.fill('');

  await go(page, `/c/${boats}/info`);
  await main.getByRole('button', { name: words.member }).waitFor();
  await check('a group', '.shell-content');
  const subtitles = main.locator('.member-row .list-item-subtitle');
  for (const [width, room] of await subtitles.evaluateAll((all) =>
    all.map((one) => [one.scrollWidth, one.clientWidth]),
  ))
    if (width! > room!) faults.push('a member whose state is cut off');
  for (const name of words.groupDialogs) {
    await press(name);
    await checkDialog(name);
  }
  await press(words.invites);
  await dialog.getByText('A title').waitFor();
  await check(words.invites, 'dialog[open]');
  await dialog.getByRole('button', { name: words.makeInvite }).click();
  await dialog.getByRole('textbox').waitFor();
  await check(words.makeInvite, 'dialog[open]');
  await page.keyboard.press('Escape');
  await dialog.getByText('A title').waitFor();
  await leave();

  await go(page, `/u/${bob.id}`);
  for (const name of words.personDialogs) {
    await press(name);
    await checkDialog(name);
  }
  await check('a person', '.shell-content');

  for (const [path, part] of [
    ['/new', main.getByRole('button', { name: 'Bob' })],
    ['/new/group', main.getByRole('checkbox', { name: 'Bob' })],
    [`/invite/${invite}`, main.getByRole('heading', { name: 'The club of Bob' })],
    ['/invite/never', main.getByRole('heading', { level: 2 })],
    [`/c/${randomUUID()}`, main.getByRole('heading')],
    ['/nowhere', main.locator('.empty-state')],
  ] as const) {
    await go(page, path);
    await part.first().waitFor();
    if (path === '/new/group') await part.check();
    await check(path, '.shell-content');
  }

  for (const section of ['profile', 'look', 'notifications', 'privacy', 'password', 'sessions', 'account']) {
    await go(page, `/settings/${section}`);
    await main.getByRole('heading').first().waitFor();
    await expect.poll(() => main.getByText(/^(Loading|Загрузка)…$/).count()).toBe(0);
    await check(section, '.shell-content');
  }
  for (const name of words.accountDialogs) {
    await press(name);
    await checkDialog(name);
  }
  await go(page, '/settings/profile');
  const buffer = await sharp({ create: { width: 80, height: 60, channels: 3, background: 'navy' } })
    .png()
    .toBuffer();
  await page.locator('input[type=file]').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer });
  await page.getByRole('slider').waitFor();
  await check('a picture', 'dialog[open]');
  expect(faults).toEqual([]);
  await context.close();
});
