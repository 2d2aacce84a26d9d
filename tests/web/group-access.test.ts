import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { expectAccessible } from './support/accessible.ts';
import { call } from './support/call.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const dialog = (page: Page) => page.getByRole('dialog');
const main = (page: Page) => page.getByRole('main');
const press = (page: Page, name: string) => main(page).getByRole('button', { name, exact: true }).click();

test('everything is done by keyboard, and the focus comes back', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Typists');
  const { page } = await web.visit(`/c/${chatId}/info`, { as: alice });
  const focused = () => page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`);
  await page.getByRole('button', { name: 'What to do with Bob' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Bob will be able to change the group').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await main(page).getByText('admin', { exact: true }).waitFor();
  await expect.poll(focused).toBe('What to do with Bob');
  await page.getByRole('button', { name: 'Edit the group' }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  expect(await focused()).toBe('Edit the group');
});

test.each([
  { locale: 'en-GB', colorScheme: 'light', open: ['Edit the group', 'Add people', 'Invite links', 'Leave the group'] },
  {
    locale: 'ru-RU',
    colorScheme: 'dark',
    open: ['Изменить группу', 'Добавить участников', 'Приглашения', 'Выйти из группы'],
  },
] as const)('nothing stands in anybody’s way: $locale, $colorScheme, on a phone', async ({ open, ...look }) => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob], 'Readers');
  await call(web, alice, 'POST', `/api/v1/chats/${chatId}/invites`, { title: 'A title' });
  const { page } = await web.visit(`/c/${chatId}/info`, { as: alice, viewport: phone, ...look });
  await main(page).getByText('Bob').waitFor();
  await expectAccessible(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
  for (const name of open) {
    await press(page, name);
    await dialog(page).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  }
});
