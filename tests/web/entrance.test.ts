import type { Locator, Page } from 'playwright-core';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createInvite, startPasswordReset } from '../../src/server/accounts/operator.ts';
import { createActor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { readStorages } from './support/storages.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name, exact: true });
const password = (page: Page): Locator => page.getByLabel('Password', { exact: true });
const submit = (page: Page): Locator => page.locator('button[type=submit]');
/** The field that has the focus: it gets it after its form is there. */
const focused = (page: Page): Locator => page.locator('input:focus');

/** Waits for what only those see who have logged in. */
const waitUntilIn = (page: Page): Promise<void> => page.locator('.shell').waitFor();

/** As the operator's commands do. */
async function operate<T>(server: TestServer, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

test('one logs in by the keyboard alone, stays in over a reload, and no script sees a token', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/');
  await heading(page, 'Log in').waitFor();
  await focused(page).waitFor();
  await page.keyboard.type(alice.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(alice.password);
  await page.keyboard.press('Enter');
  await waitUntilIn(page);
  await page.reload();
  await waitUntilIn(page);

  const cookies = await context.cookies();
  expect(cookies.map(({ name, httpOnly }) => [name, httpOnly])).toEqual([
    ['messenger_access', true],
    ['messenger_refresh', true],
  ]);
  const kept = await readStorages(page);
  expect(kept).toContain(alice.id);
  for (const { value } of cookies) expect(kept).not.toContain(value);
  expect(kept).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
  await context.close();
});

test('wrong credentials are told calmly, and a password can be looked at', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/login');
  await submit(page).click();
  await page.getByText('Fill this in').first().waitFor();
  await page.getByLabel('E-mail, phone or username').fill(alice.email.toUpperCase());
  await password(page).fill('not this one');
  await submit(page).click();
  await page.getByRole('alert').getByText('Wrong login or password').waitFor();
  const way = page.getByText('Ask the admin of this server');
  expect(await way.isVisible()).toBe(false);
  await page.getByText('Forgot password?').click();
  await way.waitFor();

  await page.getByRole('button', { name: 'Show password' }).click();
  expect(await password(page).getAttribute('type')).toBe('text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  expect(await password(page).getAttribute('type')).toBe('password');

  await context.setOffline(true);
  await submit(page).click();
  await page.getByRole('alert').getByText("Can't reach the server").waitFor();
  await context.setOffline(false);
  await password(page).fill(alice.password);
  await password(page).press('Enter');
  await waitUntilIn(page);
  await context.close();
});

test('who registers by the keyboard is at once where they wanted to be', async () => {
  const { page, context } = await web.visit('/settings/look');
  const link = page.getByRole('link', { name: 'Create account' });
  await link.focus();
  await page.keyboard.press('Enter');
  await heading(page, 'Create account').waitFor();
  expect(new URL(page.url()).pathname).toBe('/settings/look');
  await focused(page).waitFor();
  await page.keyboard.type('Dora');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('dora@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type('the password of Dora');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Appearance' }).waitFor();
  await context.close();
});

test('password managers are told what each field is', async () => {
  const { page, context } = await web.visit('/login');
  const purposes = (): Promise<(string | null)[]> =>
    page
      .locator('form input:not([type=radio])')
      .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete')));
  await submit(page).waitFor();
  expect(await purposes()).toEqual(['username', 'current-password']);
  await page.getByRole('link', { name: 'Create account' }).click();
  for (const [kind, purpose] of [
    ['E-mail', 'email'],
    ['Phone', 'tel'],
    ['Username', 'username'],
  ]) {
    await page.getByRole('radio', { name: kind! }).check();
    expect(await purposes()).toEqual(['name', purpose, 'new-password']);
  }
  await page.goBack();
  await heading(page, 'Log in').waitFor();
  await page.goto('/reset#token');
  await submit(page).waitFor();
  expect(await purposes()).toEqual(['new-password']);
  await context.close();
});

test('the rules of the server are told by field, in the language of the reader', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/register', { locale: 'ru-RU' });
  await submit(page).click();
  await page.getByText('Заполните это поле').first().waitFor();
  const name = page.getByLabel('Имя', { exact: true });
  await name.and(focused(page)).waitFor();
  await name.fill('Алиса');
  const choose = (kind: string): Promise<void> => page.getByRole('radio', { name: kind }).check();
  const identifier = (label: string): Locator => page.getByRole('textbox', { name: label });
  await choose('Телефон');
  await identifier('Телефон').fill('89991234567');
  await page.getByLabel('Пароль', { exact: true }).fill('короткий'.slice(0, 5));
  await submit(page).click();
  await page.getByText('Нужен + и номер целиком').waitFor();
  await page.getByText('Не меньше 8 знаков').waitFor();
  await choose('@имя');
  await identifier('Имя пользователя').fill('не одно');
  await submit(page).click();
  await page.getByText('Только буквы, цифры').waitFor();
  await choose('Почта');
  await identifier('Почта').fill(alice.email);
  await page.getByLabel('Пароль', { exact: true }).fill('password');
  await submit(page).click();
  await page.getByText('Слишком распространённый пароль').waitFor();
  await page.getByLabel('Пароль', { exact: true }).fill('а этот угадают нескоро');
  await submit(page).click();
  await page.getByText('Уже занято').waitFor();
  await choose('@имя');
  await identifier('Имя пользователя').fill('алиса');
  await submit(page).click();
  await waitUntilIn(page);
  await context.close();
});

test('a server that takes the invited asks for the code, and one that takes nobody says so', async () => {
  await using inviting = await startTestServer({ config: { registration: 'invite' } });
  const context = await web.browser.newContext({ baseURL: inviting.url, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto('/register');
  await page.getByLabel('Name', { exact: true }).fill('Ed');
  await page.getByRole('textbox', { name: 'E-mail' }).fill('ed@example.com');
  await password(page).fill('the password of Ed');
  await submit(page).click();
  await page.getByText('This server is invite-only').waitFor();
  await page.getByLabel('Invitation code').fill('no such code');
  await submit(page).click();
  await page.getByText("This code doesn't work").waitFor();
  await page.getByLabel('Invitation code').fill(await operate(inviting, createInvite));
  await submit(page).click();
  await waitUntilIn(page);
  await context.close();

  await using closed = await startTestServer({
    config: { registration: 'closed' },
    database: { url: inviting.databaseUrl },
  });
  const stranger = await web.browser.newContext({ baseURL: closed.url, locale: 'en-GB' });
  const form = await stranger.newPage();
  await form.goto('/register');
  await form.getByLabel('Name', { exact: true }).fill('Fay');
  await form.getByRole('textbox', { name: 'E-mail' }).fill('fay@example.com');
  await password(form).fill('the password of Fay');
  await submit(form).click();
  await form.getByText("This server isn't accepting new accounts").waitFor();
  await stranger.close();
});

test('a link sets a new password once, also for who is logged in', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { token } = await operate(web.server, (sql) => startPasswordReset(sql, alice.id));
  const { page, context } = await web.visit(`/reset#${token}`, { as: alice });
  const field = page.getByLabel('New password', { exact: true });
  await field.fill('1234567');
  await submit(page).click();
  await page.getByText('At least 8 characters').waitFor();
  await field.fill('another password of Alice');
  await submit(page).click();
  await page.getByText('Password changed').waitFor();
  await heading(page, 'Log in').waitFor();
  await page.getByLabel('E-mail, phone or username').fill(alice.email);
  await password(page).fill('another password of Alice');
  await submit(page).click();
  await waitUntilIn(page);

  await page.goto(`/reset#${token}`);
  await page.getByLabel('New password', { exact: true }).fill('one more password of Alice');
  await submit(page).click();
  await page.getByText('This link was already used or has expired').waitFor();
  await context.close();
});

test('language and theme are chosen before one is known', async () => {
  const { page, context } = await web.visit('/login');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'Русский' }).click();
  await heading(page, 'Вход').waitFor();
  await page.getByRole('button', { name: 'Тема' }).click();
  await page.getByRole('menuitemradio', { name: 'Тёмная' }).click();
  await page.reload();
  await heading(page, 'Вход').waitFor();
  const root = page.locator('html');
  expect(await root.getAttribute('lang')).toBe('ru');
  expect(await root.evaluate((element) => getComputedStyle(element).colorScheme)).toBe('dark');
  await context.close();
});

test('a part that did not load is loaded at the second try', async () => {
  const context = await web.browser.newContext({ baseURL: web.server.url, locale: 'en-GB' });
  const page = await context.newPage();
  let isThere = false;
  await page.route('**/assets/gate-*.js', (route) => (isThere ? route.continue() : route.abort()));
  await page.goto('/login');
  await page.getByText("Couldn't load this part").waitFor();
  isThere = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await heading(page, 'Log in').waitFor();
  await context.close();
});
