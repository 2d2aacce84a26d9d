import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { call } from './support/call.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const main = (page: Page) => page.getByRole('main');
const press = (page: Page, name: string) => main(page).getByRole('button', { name, exact: true }).click();
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
const broken = (page: Page) => page.getByRole('heading', { name: "This invite doesn't work" }).waitFor();

interface Invite {
  token: string;
}

test('a link is made, copied, followed by another person, and revoked', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol');
  const { chatId } = await createGroup(web.server, [alice], 'Neighbours');
  const { page: a, context } = await web.visit(`/c/${chatId}/info`, { as: alice });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await press(a, 'Invite links');
  await a.getByText('No links yet.').waitFor();
  await press(a, 'Create link');
  await a.getByLabel('Link name').fill('For the house');
  await a.getByLabel('1 day').check();
  await a.getByLabel('10', { exact: true }).check();
  await confirm(a, 'Create link');
  await a.getByText('0 of 10 joined').waitFor();
  await press(a, 'Copy: For the house');
  await a.getByText('Link copied.').waitFor();
  const link = await a.evaluate<string>('navigator.clipboard.readText()');
  expect(link).toMatch(new RegExp(`^${web.server.url}/invite/[\\w-]+$`));

  const { page: b } = await web.visit(new URL(link).pathname, { as: bob });
  await b.getByText('1 member', { exact: true }).waitFor();
  const colour = (page: Page) => main(page).locator('.avatar-letters').first().getAttribute('class');
  expect(await colour(b)).toBe(await colour(a));
  await press(b, 'Join');
  await expect.poll(() => new URL(b.url()).pathname).toBe(`/c/${chatId}`);
  await b.getByText('Neighbours').first().waitFor();
  await a.getByText('2 members').waitFor();
  await b.goto(link);
  await b.getByText('You are already in this group').waitFor();
  await press(b, 'Open');
  await expect.poll(() => new URL(b.url()).pathname).toBe(`/c/${chatId}`);

  const { page: c } = await web.visit(new URL(link).pathname, { as: carol });
  await c.getByRole('button', { name: 'Join' }).waitFor();
  await press(a, 'Revoke: For the house');
  await confirm(a, 'Revoke');
  await a.getByText('No links yet.').waitFor();
  await press(c, 'Join');
  await broken(c);
  await press(c, 'Go to chats');
  await expect.poll(() => new URL(c.url()).pathname).toBe('/');
});

test('what has expired, is used up or never was a link is told calmly', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice', 'Bob', 'Carol');
  const { chatId } = await createGroup(web.server, [alice], 'Neighbours');
  const make = async (bounds: object) =>
    ((await call(web, alice, 'POST', `/api/v1/chats/${chatId}/invites`, bounds)) as Invite).token;
  const short = await make({ title: 'Short', expires_in_seconds: 1 });
  const once = await make({ title: 'Once', max_uses: 1 });
  await call(web, carol, 'POST', `/api/v1/invites/${once}/join`);
  await expect
    .poll(() =>
      call(web, bob, 'GET', `/api/v1/invites/${short}`).then(
        () => 'works',
        () => 'over',
      ),
    )
    .toBe('over');
  const { page: b } = await web.visit(`/invite/${short}`, { as: bob });
  await broken(b);
  for (const token of [once, 'never']) {
    await b.goto(`/invite/${token}`);
    await broken(b);
  }
  const { page: a } = await web.visit(`/c/${chatId}/info`, { as: alice });
  await press(a, 'Invite links');
  await a.getByText(/expired · no one has joined yet/).waitFor();
  await a.getByText(/used up · 1 of 1 joined/).waitFor();
});

test('without a clipboard the link is selected to be copied by hand', async () => {
  const [alice] = await createActors(web.server, 'Alice');
  const { chatId } = await createGroup(web.server, [alice], 'Neighbours');
  await call(web, alice, 'POST', `/api/v1/chats/${chatId}/invites`, { title: 'By hand' });
  const { page, context } = await web.visit('/', { as: alice });
  await context.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
  await page.goto(`/c/${chatId}/info`);
  await press(page, 'Invite links');
  await press(page, 'Copy: By hand');
  await page.getByText('Link selected').waitFor();
  expect(await page.evaluate('getSelection().toString()')).toContain('/invite/');
});
