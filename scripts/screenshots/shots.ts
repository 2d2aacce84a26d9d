/** The screens, and how one gets to see each. */
import type { Page } from 'playwright-core';
import { paint, type Told } from './tell.ts';

export interface Shot {
  name: string;
  /** Where it is. */
  path: (told: Told) => string;
  /** For who has not logged in. */
  isOutside?: boolean;
  /** What has to be done there. */
  act?: (page: Page) => Promise<unknown>;
}

const log = '[role="log"]';

/** The menu of a message, counted from the newest one. */
const openMenu =
  (fromEnd: number) =>
  async (page: Page): Promise<void> => {
    await page.locator(log).and(page.locator('[aria-busy=false]')).waitFor();
    await page.locator(`${log} .bubble-meta`).nth(-fromEnd).click({ button: 'right' });
    await page.getByRole('menu').first().waitFor();
  };

/** What an item of the menu of a message opens. */
const openFromMenu = (fromEnd: number, item: RegExp) => async (page: Page) => {
  await openMenu(fromEnd)(page);
  await page.getByRole('menuitem', { name: item }).click();
};

const press = (name: RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

/** What an item of the menu in the head of a chat opens. */
const openFromHead = (item: RegExp) => async (page: Page) => {
  await press(/^(Chat menu|Меню чата)$/)(page);
  await page.getByRole('menuitem', { name: item }).click();
};

const write = (text: string) => (page: Page) =>
  page.getByRole('textbox', { name: /^(Message|Сообщение)$/ }).pressSequentially(text);

/** Messages that wait for the network. */
const writeOffline = async (page: Page): Promise<void> => {
  await page.locator(log).waitFor();
  await page.context().setOffline(true);
  await write('🌧️ → ☂️')(page);
  await page.keyboard.press('Enter');
};

/** A message that the server refuses. */
const writeInVain = async (page: Page): Promise<void> => {
  await write('🎁')(page);
  await page.keyboard.press('Enter');
  await page.locator('.bubble-failed').waitFor();
};

const chooseGroup = async (page: Page): Promise<void> => {
  const boxes = page.getByRole('checkbox');
  for (const at of [0, 1, 3]) await boxes.nth(at).check();
};

const choosePicture = async (page: Page): Promise<void> => {
  const file = { name: 'sky.png', mimeType: 'image/png', buffer: await paint(['#f2c14e', '#2d4739']) };
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.getByRole('slider').waitFor();
};

/** As one finds it who opens the messenger without a network: the service worker has the page, the snapshot its chats. */
const openOffline = async (page: Page): Promise<void> => {
  await page.locator(log).waitFor();
  // What is shown without a network is written a moment after it was last changed.
  await page.waitForTimeout(3_000);
  await page.context().setOffline(true);
  await page.reload();
  await page.locator(log).waitFor();
  await page.waitForTimeout(2_000);
};

/** In the order in which one meets them. */
export const shots: readonly Shot[] = [
  { name: 'login', path: () => '/login', isOutside: true },
  { name: 'register', path: () => '/register', isOutside: true },
  { name: 'reset', path: () => '/reset#token', isOutside: true },
  { name: 'chats', path: () => '/' },
  { name: 'chat', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: (page) => page.locator(log).waitFor() },
  { name: 'direct-chat', path: ({ chatIds }) => `/c/${chatIds[1]!}`, act: (page) => page.locator(log).waitFor() },
  { name: 'message-menu', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openMenu(2) },
  { name: 'own-message-menu', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openMenu(1) },
  { name: 'reply', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromMenu(2, /^(Reply|Ответить)$/) },
  { name: 'forward', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromMenu(2, /^(Forward|Переслать)$/) },
  { name: 'seen-by', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromMenu(1, /^(Seen by|Кто видел)/) },
  { name: 'delete-message', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromMenu(1, /^(Delete|Удалить)$/) },
  { name: 'edits', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromMenu(5, /^(Earlier|Прежние)/) },
  { name: 'pins', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: press(/^(All pinned|Все закреплённые)/) },
  { name: 'emoji', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: press(/^(Emoji|Эмодзи)$/) },
  { name: 'mention', path: ({ chatIds }) => `/c/${chatIds[5]!}`, act: write('@') },
  {
    name: 'go-to-day',
    path: ({ chatIds }) => `/c/${chatIds[0]!}`,
    act: openFromHead(/^(Go to a date|Перейти к дате)/),
  },
  { name: 'mute', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openFromHead(/^(Mute|Без звука|Отключить)/) },
  { name: 'queued', path: ({ chatIds }) => `/c/${chatIds[4]!}`, act: writeOffline },
  { name: 'failed', path: ({ chatIds }) => `/c/${chatIds[8]!}`, act: writeInVain },
  { name: 'chat-menu', path: () => '/', act: (page) => page.locator('.chat-row').nth(1).click({ button: 'right' }) },
  { name: 'archive', path: () => '/', act: press(/^(Archive|Архив)/) },
  { name: 'search', path: () => '/', act: (page) => page.getByRole('searchbox').first().pressSequentially('clara') },
  { name: 'group', path: ({ chatIds }) => `/c/${chatIds[0]!}/info` },
  { name: 'group-of-others', path: ({ chatIds }) => `/c/${chatIds[2]!}/info` },
  { name: 'edit-group', path: ({ chatIds }) => `/c/${chatIds[0]!}/info`, act: press(/^(Edit the|Изменить)/) },
  { name: 'add-members', path: ({ chatIds }) => `/c/${chatIds[0]!}/info`, act: press(/^(Add people|Добавить)/) },
  { name: 'invites', path: ({ chatIds }) => `/c/${chatIds[0]!}/info`, act: press(/^(Invite links|Приглашения)/) },
  { name: 'person', path: ({ personId }) => `/u/${personId}` },
  { name: 'new-chat', path: () => '/new' },
  { name: 'new-group', path: () => '/new/group' },
  { name: 'new-group-members', path: () => '/new/group', act: chooseGroup },
  { name: 'invite', path: ({ inviteToken }) => `/invite/${inviteToken}` },
  { name: 'settings', path: () => '/settings' },
  { name: 'profile', path: () => '/settings/profile' },
  { name: 'crop', path: () => '/settings/profile', act: choosePicture },
  { name: 'look', path: () => '/settings/look' },
  { name: 'privacy', path: () => '/settings/privacy' },
  { name: 'password', path: () => '/settings/password' },
  { name: 'sessions', path: () => '/settings/sessions' },
  { name: 'account', path: () => '/settings/account' },
  { name: 'offline', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openOffline },
];
