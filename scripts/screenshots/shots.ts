/** The screens, and how one gets to see each. */
import type { Page } from 'playwright-core';
import { hold, press } from './hand.ts';
import { paint } from './pictures.ts';
import type { Told } from './tell.ts';

export interface Shot {
  name: string;
  /** Where it is. */
  path: (told: Told) => string;
  /** For who has not logged in. */
  isOutside?: boolean;
  /** On the desk it looks like another one. */
  isOfPhone?: boolean;
  /** What has to be done there. */
  act?: (page: Page, told: Told) => Promise<unknown>;
  /** Takes back what later pictures must not show. */
  undo?: (page: Page) => Promise<unknown>;
}

const inChat =
  (at: number) =>
  ({ chatIds }: Told): string =>
    `/c/${chatIds[at]!}`;

const infoOf =
  (at: number) =>
  ({ chatIds }: Told): string =>
    `/c/${chatIds[at]!}/info`;

const log = '[role="log"]';
const seeLog = (page: Page): Promise<void> => page.locator(log).waitFor();

const ofMessages = `${log} .bubble-meta`;

/** The menu of a message, counted from the newest one. */
const openMenu =
  (fromEnd: number) =>
  async (page: Page): Promise<void> => {
    await page.locator(log).and(page.locator('[aria-busy=false]')).waitFor();
    await hold(page.locator(ofMessages).nth(-fromEnd));
  };

const choose = (page: Page, item: RegExp): Promise<void> => press(page.getByRole('menuitem', { name: item }));

/** What an item of the menu of a message opens. */
const openFromMenu = (fromEnd: number, item: RegExp) => async (page: Page) => {
  await openMenu(fromEnd)(page);
  await choose(page, item);
};

const pressButton = (name: RegExp) => (page: Page) => press(page.getByRole('button', { name }).first());

/** What an item of the menu in the head of a chat opens. */
const openFromHead = (item: RegExp) => async (page: Page) => {
  await pressButton(/^(Chat menu|Меню чата)$/)(page);
  await choose(page, item);
};

const composer = (page: Page) => page.getByRole('textbox', { name: /^(Message|Сообщение)$/ });

async function send(page: Page, text: string): Promise<void> {
  await composer(page).pressSequentially(text);
  await pressButton(/^(Send|Отправить)$/)(page);
}

const seeTyping = async (page: Page, { type }: Told): Promise<void> => {
  await seeLog(page);
  type();
  await page
    .getByText(/(is typing|печатает)…/)
    .filter({ visible: true })
    .first()
    .waitFor();
};

/** A message that the server refuses. */
const writeInVain = async (page: Page, { typed }: Told): Promise<void> => {
  await send(page, typed.refused);
  await page.locator('.bubble-failed').waitFor();
};

/** The newest message is not sent after all. */
const dropNewest = async (page: Page): Promise<void> => {
  const messages = page.locator(ofMessages);
  const count = await messages.count();
  // Without a network older messages may be waited for: nothing moves all the same.
  await hold(messages.last());
  await choose(page, /^(Delete|Удалить)$/);
  await messages.nth(count - 1).waitFor({ state: 'detached' });
};

const search = async (page: Page, { typed }: Told): Promise<void> => {
  await page.getByRole('searchbox').first().pressSequentially(typed.searched);
};

const chooseGroup = async (page: Page, { typed }: Told): Promise<void> => {
  await page.getByRole('textbox', { name: /^(Group name|Название группы)$/ }).fill(typed.group);
  const boxes = page.getByRole('checkbox');
  for (const at of [0, 1, 3]) await press(boxes.nth(at));
  // What a finger has touched stays lit until it touches something else.
  await press(page.getByRole('heading', { name: /^(New group|Новая группа)$/ }));
};

const choosePicture = async (page: Page): Promise<void> => {
  const file = { name: 'path.png', mimeType: 'image/png', buffer: await paint('path') };
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.getByRole('slider').waitFor();
};

/** As one finds it who opens the messenger without a network: the service worker has the page, the snapshot its chats. */
const openOffline = async (page: Page): Promise<void> => {
  await seeLog(page);
  // What is shown without a network is written a moment after it was last changed.
  await page.waitForTimeout(3_000);
  await page.context().setOffline(true);
  await page.reload();
  await seeLog(page);
  await page.waitForTimeout(2_000);
};

/** A message that waits for the network. */
const writeOffline = async (page: Page, { typed }: Told): Promise<void> => {
  await openOffline(page);
  await send(page, typed.queued);
};

/** In the order in which one meets them; what leaves traces (what was unread, a draft) comes last. */
export const shots: readonly Shot[] = [
  { name: 'login', path: () => '/login', isOutside: true },
  { name: 'register', path: () => '/register', isOutside: true },
  { name: 'reset', path: () => '/reset#token', isOutside: true },
  { name: 'chats', path: () => '/' },
  { name: 'chat', path: inChat(0), act: seeTyping },
  { name: 'message-menu', path: inChat(0), act: openMenu(2) },
  { name: 'own-message-menu', path: inChat(0), act: openMenu(1) },
  { name: 'reply', path: inChat(0), act: openFromMenu(2, /^(Reply|Ответить)$/) },
  { name: 'forward', path: inChat(0), act: openFromMenu(2, /^(Forward|Переслать)$/) },
  { name: 'seen-by', path: inChat(0), act: openFromMenu(1, /^(Read by|Кто прочитал)/) },
  { name: 'delete-message', path: inChat(0), act: openFromMenu(1, /^(Delete|Удалить)$/) },
  { name: 'edits', path: inChat(0), act: openFromMenu(5, /^(Edit history|История)/) },
  { name: 'pins', path: inChat(0), act: pressButton(/^(All pinned|Все закреплённые)/) },
  { name: 'emoji', path: inChat(0), act: pressButton(/^(Emoji|Эмодзи)$/) },
  {
    name: 'go-to-day',
    path: inChat(0),
    act: openFromHead(/^(Go to date|Перейти к дате)/),
  },
  { name: 'mute', path: inChat(0), act: openFromHead(/^(Mute|Без звука)/) },
  { name: 'chat-menu', path: () => '/', act: (page) => hold(page.locator('.chat-row').nth(1)) },
  { name: 'archive', path: () => '/', act: pressButton(/^(Archive|Архив)/) },
  { name: 'search', path: () => '/', act: search },
  { name: 'group', path: infoOf(0) },
  { name: 'group-of-others', path: infoOf(2) },
  { name: 'edit-group', path: infoOf(0), act: pressButton(/^(Edit group|Изменить)/) },
  { name: 'add-members', path: infoOf(0), act: pressButton(/^(Add members|Добавить)/) },
  { name: 'invites', path: infoOf(0), act: pressButton(/^(Invite links|Ссылки-приглашения)/) },
  { name: 'person', path: ({ personId }) => `/u/${personId}` },
  { name: 'new-chat', path: () => '/new' },
  { name: 'new-group', path: () => '/new/group' },
  { name: 'new-group-members', path: () => '/new/group', act: chooseGroup },
  { name: 'invite', path: ({ inviteToken }) => `/invite/${inviteToken}` },
  { name: 'settings', path: () => '/settings', isOfPhone: true },
  { name: 'profile', path: () => '/settings/profile' },
  { name: 'crop', path: () => '/settings/profile', act: choosePicture },
  { name: 'look', path: () => '/settings/look' },
  { name: 'notifications', path: () => '/settings/notifications' },
  { name: 'privacy', path: () => '/settings/privacy' },
  { name: 'password', path: () => '/settings/password' },
  { name: 'sessions', path: () => '/settings/sessions' },
  { name: 'account', path: () => '/settings/account' },
  { name: 'offline', path: inChat(0), act: openOffline },
  { name: 'queued', path: inChat(4), act: writeOffline, undo: dropNewest },
  { name: 'failed', path: inChat(8), act: writeInVain, undo: dropNewest },
  { name: 'direct-chat', path: inChat(1), act: seeLog },
  { name: 'mention', path: inChat(5), act: (page) => composer(page).pressSequentially('@') },
];
