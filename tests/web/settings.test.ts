import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActor, createActors, type Actor } from '../support/cast.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const ask = async (actor: Actor, path: string, method = 'GET'): Promise<unknown> => {
  const response = await fetch(`${web.server.url}/api/v1${path}`, { method, headers: actor.authorization });
  expect(response.ok).toBe(true);
  return response.status === 204 ? undefined : response.json();
};
const profileOf = (actor: Actor): Promise<unknown> => ask(actor, '/users/me');

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const field = (page: Page, name: string): Locator => page.getByLabel(name, { exact: true });
const entrance = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Log in' }).waitFor();

/** Tries to log in with a password, elsewhere. */
const statusOfLogin = async (email: string, password: string): Promise<number> => {
  const response = await fetch(`${web.server.url}/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return response.status;
};

test('a profile is changed, its identifiers only with the password', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { page, context } = await web.visit('/settings', { as: alice });
  await field(page, 'Name').fill('Алиса ');
  await field(page, 'About').fill('За маяком');
  await button(page, 'Save').click();
  await page.getByText('Saved').waitFor();
  expect(await profileOf(alice)).toMatchObject({ name: 'Алиса', about: 'За маяком', email: alice.email });
  await page.getByRole('link', { name: 'Алиса Profile' }).waitFor();

  await field(page, 'E-mail').fill(bob.email);
  await field(page, 'Current password').fill('not hers');
  await button(page, 'Save').click();
  await page.getByText('This is not your current password').waitFor();
  await field(page, 'Current password').fill(alice.password);
  await button(page, 'Save').click();
  await page.getByText('Already taken').waitFor();
  await field(page, 'E-mail').fill('');
  await button(page, 'Save').click();
  await page.getByText('An account needs an e-mail').waitFor();
  await field(page, 'Username').fill('alice in');
  await button(page, 'Save').click();
  await page.getByText('Only letters, digits, _ . and -').waitFor();
  await field(page, 'Username').fill('alice.l');
  await field(page, 'About').fill('');
  await button(page, 'Save').click();
  await field(page, 'Current password').waitFor({ state: 'detached' });
  expect(await profileOf(alice)).toMatchObject({ username: 'alice.l', email: null, about: null });
  await context.close();
});

test('language and theme are kept on the device', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/settings/look', { as: alice });
  await page.getByLabel('Русский').check();
  await page.getByLabel('Тёмная').check();
  await page.reload();
  await page.getByRole('heading', { name: 'Внешний вид' }).waitFor();
  expect(await page.locator('html').evaluate((root) => getComputedStyle(root).colorScheme)).toBe('dark');
  await page.getByRole('group', { name: 'Язык' }).getByLabel('Системный').check();
  await page.getByRole('heading', { name: 'Appearance' }).waitFor();
  await context.close();
});

test('one hides whether one is online, and unblocks people', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  await ask(alice, `/users/${bob.id}/block`, 'PUT');
  const { page, context } = await web.visit('/settings/privacy', { as: alice });
  await page.getByRole('switch', { name: 'Hide my online status' }).check();
  await expect.poll(() => profileOf(alice)).toMatchObject({ presence_hidden: true });
  await button(page, 'Unblock Bob').click();
  await page.getByText('No one yet. People you block').waitFor();
  expect(await ask(alice, '/users/me/blocks')).toMatchObject({ users: [] });
  await context.close();
});

test('a changed password ends the other sessions, and their pages fall out to the login', async () => {
  const alice = await createActor(web.server, 'Alice');
  const other = await web.visit('/settings', { as: alice });
  await field(other.page, 'Name').waitFor();
  const { page, context } = await web.visit('/settings/password', { as: alice });
  await field(page, 'Current password').fill(alice.password);
  await field(page, 'New password').fill('password1');
  await button(page, 'Change password').click();
  await page.getByText('This password is too common').waitFor();
  await field(page, 'New password').fill('a new password of Alice');
  await button(page, 'Change password').click();
  await page.getByText('Password changed').waitFor();
  await entrance(other.page);
  await other.page.getByText('You were logged out on this device').waitFor();
  expect(await statusOfLogin(alice.email, alice.password)).toBe(401);
  expect(await statusOfLogin(alice.email, 'a new password of Alice')).toBe(200);
  await other.context.close();
  await context.close();
});

test('devices are listed, and logged out one by one or all', async () => {
  const alice = await createActor(web.server, 'Alice');
  const other = await web.visit('/settings', { as: alice });
  await field(other.page, 'Name').waitFor();
  const { page, context } = await web.visit('/settings/sessions', { as: alice });
  // By its API the test has logged in as well.
  await page.getByText('node', { exact: true }).waitFor();
  expect(await page.getByText('Chrome · Linux').count()).toBe(2);
  await button(page, 'Log out Chrome · Linux').click();
  await other.page.getByText('You were logged out on this device').waitFor();
  await button(page, 'Log out Chrome · Linux').waitFor({ state: 'detached' });
  await button(page, 'Log out all other devices').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out', exact: true }).click();
  await page.getByText("You're only logged in on this device").waitFor();
  await other.context.close();
  await context.close();
});

test('logging out leaves nothing behind, here or everywhere', async () => {
  const alice = await createActor(web.server, 'Alice');
  const other = await web.visit('/settings/account', { as: alice });
  await button(other.page, 'Log out').click();
  await entrance(other.page);
  expect(await other.page.getByText('You were logged out').count()).toBe(0);
  expect(await other.context.cookies()).toEqual([]);
  expect(await other.page.evaluate(() => localStorage.getItem('messenger:user'))).toBeNull();
  await web.logIn(other.context, alice);
  await other.page.evaluate((id) => localStorage.setItem('messenger:user', id), alice.id);
  await other.page.reload();
  await button(other.page, 'Log out').waitFor();

  const { page, context } = await web.visit('/settings/account', { as: alice });
  await button(page, 'Log out everywhere').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
  await entrance(page);
  await entrance(other.page);
  await other.context.close();
  await context.close();
});

test.each([
  ['Deactivate account', 'Deactivate', 'Your account is deactivated'],
  ['Delete account', 'Delete forever', 'Your account is deleted'],
])('an account ends with its password: %s', async (name, action, done) => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/settings/account', { as: alice });
  await button(page, name).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill('not hers');
  await dialog.getByRole('button', { name: action }).click();
  await dialog.getByText('This is not your current password').waitFor();
  await dialog.getByLabel('Current password').fill(alice.password);
  await page.keyboard.press('Enter');
  await page.getByText(done).waitFor();
  await entrance(page);
  expect(await statusOfLogin(alice.email, alice.password)).toBe(401);
  await context.close();
});

test('on a phone there is one screen at a time', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/settings', { as: alice, locale: 'ru-RU', viewport: phone });
  const list = page.getByRole('heading', { name: 'Настройки' });
  await page.getByRole('link', { name: 'Внешний вид' }).click();
  await page.getByRole('heading', { name: 'Внешний вид', exact: true }).waitFor();
  expect(await list.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Назад' }).locator('visible=true').click();
  await list.waitFor();
  await context.close();
});
