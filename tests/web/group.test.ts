import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { call } from './support/call.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const dialog = (page: Page) => page.getByRole('dialog');
const main = (page: Page) => page.getByRole('main');
const press = (page: Page, name: string) => main(page).getByRole('button', { name, exact: true }).click();
const confirm = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click();
const gone = (page: Page, name: string) =>
  main(page).getByRole('button', { name, exact: true }).waitFor({ state: 'detached' });
const shown = (page: Page, name: string) => main(page).getByRole('button', { name, exact: true }).waitFor();

/** Chooses what to do with a member. */
async function choose(page: Page, member: string, item: string): Promise<void> {
  await press(page, `Actions for ${member}`);
  await page.getByRole('menuitem', { name: item }).click();
}

test('who is added sees the group, and a role decides what one may do there, live', async () => {
  const [alice, carol, dave] = await createActors(web.server, 'Alice', 'Carol', 'Dave');
  const { chatId } = await createGroup(web.server, [alice, dave], 'Hikers');
  const { page: a } = await web.visit(`/c/${chatId}/info`, { as: alice });
  const { page: c } = await web.visit('/', { as: carol });

  await press(a, 'Add members');
  await dialog(a).getByRole('searchbox').fill('carol');
  await dialog(a).getByRole('checkbox', { name: 'Carol' }).first().check();
  await confirm(a, 'Add 1 member');
  await c.getByText('Hikers').first().waitFor();
  await main(a).getByRole('listitem').filter({ hasText: 'Carol' }).getByText('online').waitFor();

  await c.goto(`/c/${chatId}/info`);
  await shown(c, 'Leave group');
  for (const name of ['Edit group', 'Add members', 'Invite links', 'Delete group'])
    expect(await main(c).getByRole('button', { name }).count()).toBe(0);
  await press(c, 'Actions for Dave');
  expect(await c.getByRole('menuitem').allTextContents()).toEqual(['Send message']);

  await choose(a, 'Carol', 'Make admin');
  await confirm(a, 'Make admin');
  await shown(c, 'Edit group');
  await c.getByRole('menuitem', { name: 'Remove from group' }).click();
  await choose(a, 'Carol', 'Remove as admin');
  await confirm(a, 'Remove as admin');
  await gone(c, 'Edit group');
  await confirm(c, 'Remove');
  await dialog(c).getByRole('alert').getByText("You don't have permission to do that.").waitFor();
  await confirm(c, 'Cancel');
  await main(c).getByText('Dave').waitFor();

  await press(a, 'Edit group');
  await dialog(a).getByLabel('Name').fill('Climbers');
  await dialog(a).getByLabel('Description').fill('Ropes and knots');
  await confirm(a, 'Save');
  await c.getByRole('heading', { name: 'Climbers' }).waitFor();
  await c.getByText('Ropes and knots').waitFor();

  await choose(a, 'Carol', 'Remove from group');
  await confirm(a, 'Remove');
  await c.getByRole('heading', { name: 'This chat is no longer here' }).waitFor();
  await press(c, 'Go to chats');
  await expect.poll(() => new URL(c.url()).pathname).toBe('/');
  await main(a).getByRole('listitem').filter({ hasText: 'Carol' }).waitFor({ state: 'detached' });
});

test('a group is handed over, left and deleted', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol');
  const { chatId } = await createGroup(web.server, [alice, bob, carol], 'Choir');
  const { page: a } = await web.visit(`/c/${chatId}/info`, { as: alice });
  const { page: b } = await web.visit(`/c/${chatId}/info`, { as: bob });
  await shown(b, 'Leave group');
  await press(a, 'Leave group');
  await dialog(a).getByText('transfer it first').waitFor();
  await confirm(a, 'Cancel');

  await choose(a, 'Bob', 'Transfer ownership');
  await confirm(a, 'Transfer');
  await gone(a, 'Delete group');
  await shown(b, 'Delete group');
  await press(a, 'Leave group');
  await confirm(a, 'Leave');
  await expect.poll(() => new URL(a.url()).pathname).toBe('/');
  await main(b).getByRole('listitem').filter({ hasText: 'Alice' }).waitFor({ state: 'detached' });

  const { page: c } = await web.visit(`/c/${chatId}/info`, { as: carol });
  await shown(c, 'Leave group');
  await press(b, 'Delete group');
  await confirm(b, 'Delete');
  await expect.poll(() => new URL(b.url()).pathname).toBe('/');
  await c.getByRole('heading', { name: 'This chat is no longer here' }).waitFor();
});

test('a group gets a picture, and a chat is muted, pinned and archived for oneself', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Painters');
  const { page: a } = await web.visit(`/c/${chatId}/info`, { as: alice });
  const { page: b } = await web.visit(`/c/${chatId}/info`, { as: bob });
  const picture = await a.screenshot();
  await press(a, 'Edit group');
  await dialog(a)
    .locator('input[type=file]')
    .setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: picture });
  await a.getByRole('dialog', { name: 'Crop picture' }).getByRole('button', { name: 'Save' }).click();
  await b.locator('.info-hero img').waitFor();
  await confirm(a, 'Remove');
  await b.locator('.info-hero img').waitFor({ state: 'detached' });
  await a.keyboard.press('Escape');

  await press(b, 'Mute…');
  await confirm(b, 'Mute');
  await b.getByText('Muted until').waitFor();
  await press(b, 'Unmute');
  await shown(b, 'Mute…');
  await press(b, 'Pin');
  await press(b, 'Archive');
  await shown(b, 'Unpin');
  await shown(b, 'Unarchive');
});

test('of a large group the members are found, and more are shown when asked for', async () => {
  const [alice] = await createActors(web.server, 'Alice');
  const ids = await Promise.all(
    Array.from({ length: 104 }, async (_, n) => {
      const name = `Singer ${String(n).padStart(3, '0')}`;
      const response = await fetch(`${web.server.url}/api/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, email: `singer-${n}@example.com`, password: 'sings every day' }),
      });
      return ((await response.json()) as { id: string }).id;
    }),
  );
  const group = (await call(web, alice, 'POST', '/api/v1/chats/group', { name: 'Choir', member_ids: ids })) as Actor;
  const { page } = await web.visit(`/c/${group.id}/info`, { as: alice });
  await page.getByText('105 members').waitFor();
  const rows = main(page)
    .getByRole('list', { name: /Members/ })
    .getByRole('listitem');
  await rows.nth(99).waitFor();
  expect(await rows.count()).toBe(100);
  await press(page, 'Show more (5)');
  await page.getByText('Singer 103').waitFor();
  await main(page).getByRole('searchbox').fill('singer 04');
  await expect.poll(() => rows.count()).toBe(10);
  await main(page).getByRole('searchbox').fill('nobody');
  await page.getByText('No one found').waitFor();
});

test('everything is done by keyboard, and the focus comes back', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Typists');
  const { page } = await web.visit(`/c/${chatId}/info`, { as: alice });
  const focused = () => page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`);
  await page.getByRole('button', { name: 'Actions for Bob' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Bob will be able to edit the group').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await main(page)
    .getByText(/^admin/)
    .waitFor();
  await expect.poll(focused).toBe('Actions for Bob');
  await page.getByRole('button', { name: 'Edit group' }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('Edit group');
});
