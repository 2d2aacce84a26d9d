import { expect, test } from 'vitest';
import { createActors } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { openDirect } from './support/say.ts';
import { Web } from './support/web.ts';

const web = Web.use();

test('finds a person and opens the chat with them', async () => {
  const [alice, dora] = await createActors(web.server, 'Alice', 'Dorothea');
  const { page } = await web.visit('/', { as: alice });
  await page.getByRole('button', { name: 'New chat or group' }).click();
  await page.getByRole('menuitem', { name: 'New chat' }).click();
  const main = page.getByRole('main');
  await main.locator('input:focus').waitFor();
  await page.keyboard.type('nobody of this name');
  await main.getByText('Nothing found').waitFor();
  await main.getByRole('searchbox').fill('doroth');
  await main.getByRole('button', { name: 'Dorothea' }).waitFor();
  await main.getByRole('searchbox').fill(dora.email);
  await main.getByRole('button', { name: `Dorothea ${dora.email}` }).click();
  await page.waitForURL('**/c/*');
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: 'Dorothea' }).waitFor();
});

test('of several searches the last one counts', async () => {
  const [alice] = await createActors(web.server, 'Alice', 'Esmeralda', 'Ferdinand');
  const { page } = await web.visit('/new', { as: alice });
  // The first answer comes after the second one.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/v1/users?q=esme*', async (route) => {
    await held;
    await route.continue();
  });
  const main = page.getByRole('main');
  const asked = page.waitForRequest('**/api/v1/users?q=esme*');
  await main.getByRole('searchbox').fill('esme');
  await asked;
  await main.getByRole('searchbox').fill('ferdi');
  await main.getByRole('button', { name: 'Ferdinand' }).waitFor();
  const late = page.waitForResponse('**/api/v1/users?q=esme*');
  release();
  await (await late).finished();
  expect(await main.getByRole('button', { name: 'Esmeralda' }).count()).toBe(0);
  await main.getByRole('button', { name: 'Ferdinand' }).waitFor();
});

test('makes a group of several people', async () => {
  const [alice, bob, gina, hugo] = await createActors(web.server, 'Alice', 'Bob', 'Ginevra', 'Hugo');
  await using mine = await FullSpeaker.logIn(web.server, alice);
  await openDirect(mine, bob);
  const { page } = await web.visit('/new', { as: alice });
  await page.getByRole('link', { name: 'New group' }).click();
  const main = page.getByRole('main');
  await main.getByRole('checkbox', { name: 'Bob' }).check();
  await main.getByRole('searchbox').fill('ginev');
  await main.getByRole('checkbox', { name: 'Ginevra' }).check();
  await main.getByRole('searchbox').fill(hugo.email);
  await main.getByRole('checkbox', { name: 'Hugo' }).check();
  await main.getByText('3 selected').waitFor();
  await main.getByRole('button', { name: 'Remove Hugo' }).click();
  await main.getByText('2 selected').waitFor();
  expect(await main.getByRole('checkbox', { name: 'Hugo' }).isChecked()).toBe(false);

  await main.getByRole('button', { name: 'Create' }).click();
  await main.getByText('A group needs a name').waitFor();
  await page.keyboard.type('Lighthouse');
  await main.getByRole('radio', { name: 'Only new messages' }).check();
  await main.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL('**/c/*');
  const chatId = new URL(page.url()).pathname.slice('/c/'.length);
  const { chat } = (await mine.askRaw({ type: 'get_chat', chat_id: chatId })) as {
    chat?: { name: string; history: string; members: { id: string }[] };
  };
  expect(chat).toMatchObject({ name: 'Lighthouse', history: 'since_joined' });
  expect(chat!.members.map(({ id }) => id).sort()).toEqual([alice.id, bob.id, gina.id].sort());
});

test('tells why a group cannot be made', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  await using mine = await FullSpeaker.logIn(web.server, alice);
  await openDirect(mine, bob);
  const { page } = await web.visit('/new/group', { as: alice, locale: 'ru-RU' });
  await page.getByRole('checkbox', { name: 'Bob' }).check();
  const response = await fetch(`${web.server.url}/api/v1/users/me`, {
    method: 'DELETE',
    headers: { ...bob.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: bob.password }),
  });
  expect(response.status).toBe(204);
  await page.getByRole('textbox', { name: 'Название группы' }).fill('Маяк');
  await page.getByRole('button', { name: 'Создать' }).click();
  await page.getByText('Этого аккаунта больше нет.').waitFor();
});
