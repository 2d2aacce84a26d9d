import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { call } from './support/call.ts';
import { openDirect } from './support/say.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const main = (page: Page) => page.getByRole('main');
const press = (page: Page, name: string) => main(page).getByRole('button', { name, exact: true }).click();
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

test('a person is looked at, written to, blocked, unblocked and reported', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  await createGroup(web.server, [alice, bob], 'Readers');
  await call(web, bob, 'PATCH', '/api/v1/users/me', { about: 'Reads at night' });
  const { page: a } = await web.visit(`/u/${bob.id}`, { as: alice });
  await a.getByRole('heading', { name: 'Bob' }).waitFor();
  await a.getByText('Reads at night').waitFor();
  await main(a).getByRole('link', { name: bob.email }).waitFor();
  await main(a).getByRole('link', { name: 'Readers' }).waitFor();
  const { page: b, context } = await web.visit('/', { as: bob });
  await main(a).getByText('online', { exact: true }).waitFor();
  await b.close();
  await context.close();
  await main(a).getByText('last seen just now').waitFor();

  await press(a, 'Block');
  await confirm(a, 'Block');
  await a.getByText('You blocked this person').waitFor();
  await expect.poll(() => a.getByText('last seen').count()).toBe(0);
  await a.reload();
  await a.getByText('You blocked this person').waitFor();
  await press(a, 'Message');
  await a.getByRole('status').getByText("You can't message each other.", { exact: true }).waitFor();
  await press(a, 'Unblock');
  await confirm(a, 'Unblock');
  await a.getByRole('button', { name: 'Block', exact: true }).waitFor();
  expect(await a.getByText('You blocked this person').count()).toBe(0);

  await press(a, 'Report');
  await confirm(a, 'Send');
  await a.getByRole('alert').getByText('Briefly describe').waitFor();
  await a.getByLabel('What happened?').fill('Sells watches');
  await confirm(a, 'Send');
  await a.getByText('Thank you.').waitFor();

  await press(a, 'Message');
  await expect.poll(() => new URL(a.url()).pathname).toMatch(/^\/c\/[\w-]+$/);
  const current = a.getByRole('navigation').getByRole('link', { name: 'Bob' }).and(a.locator('[aria-current=page]'));
  await current.waitFor();
  await a.goBack();
  await a.getByRole('heading', { name: 'Bob' }).waitFor();
  await current.waitFor();
  await a.goForward();
  await a.goto(`${a.url()}/info`);
  await a.getByRole('heading', { name: 'Bob' }).waitFor();
  await main(a).getByRole('button', { name: 'Mute…' }).waitFor();
});

test('oneself, who was deleted, and who never was', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { page } = await web.visit(`/u/${alice.id}`, { as: alice });
  await page.getByText('This is you').waitFor();
  expect(await main(page).getByRole('button', { name: 'Block' }).count()).toBe(0);
  await press(page, 'Settings');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/settings');
  await call(web, bob, 'DELETE', '/api/v1/users/me', { current_password: bob.password });
  await page.goto(`/u/${bob.id}`);
  await page.getByRole('heading', { name: 'Deleted account' }).waitFor();
  expect(await main(page).getByRole('button', { name: 'Message', exact: true }).count()).toBe(0);
  for (const id of [randomUUID(), 'nobody']) {
    await page.goto(`/u/${id}`);
    await page.getByRole('heading', { name: 'No one found' }).waitFor();
  }
});

test('a chat says why nobody is there, and unblocks', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol');
  await using mine = await FullSpeaker.logIn(web.server, alice);
  await using his = await FullSpeaker.logIn(web.server, bob);
  const [withBob, withCarol] = [await openDirect(his, alice), await openDirect(mine, carol)];
  const { page } = await web.visit(`/c/${withBob}`, { as: alice });
  const head = (name: string) => page.getByRole('main').getByRole('link', { name });
  await head('Bob online').waitFor();
  await call(web, alice, 'PUT', `/api/v1/users/${bob.id}/block`);
  await head('Bob you blocked this person').waitFor();
  const field = page.getByRole('textbox', { name: 'Message' });
  await field.waitFor({ state: 'hidden' });
  await press(page, 'Unblock');
  await field.waitFor();
  await head('Bob online').waitFor();
  await call(web, carol, 'DELETE', '/api/v1/users/me', { current_password: carol.password });
  await page.goto(`/c/${withCarol}`);
  await head('Deleted account this account no longer exists').waitFor();
});
