/** The screens, and how one gets to see each. */
import type { Page } from 'playwright-core';
import type { Told } from './tell.ts';

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
const lastOfOthers = '[role="log"] [data-seq]';

const openMenu = async (page: Page): Promise<void> => {
  const row = page.locator(lastOfOthers).nth(-2);
  await row.click({ button: 'right', position: { x: 60, y: 12 } });
  await page.getByRole('menu').first().waitFor();
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
  { name: 'message-menu', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openMenu },
  { name: 'group', path: ({ chatIds }) => `/c/${chatIds[0]!}/info` },
  { name: 'person', path: ({ personId }) => `/u/${personId}` },
  { name: 'new-chat', path: () => '/new' },
  { name: 'new-group', path: () => '/new/group' },
  { name: 'invite', path: ({ inviteToken }) => `/invite/${inviteToken}` },
  { name: 'settings', path: () => '/settings' },
  { name: 'profile', path: () => '/settings/profile' },
  { name: 'look', path: () => '/settings/look' },
  { name: 'password', path: () => '/settings/password' },
  { name: 'sessions', path: () => '/settings/sessions' },
  { name: 'account', path: () => '/settings/account' },
  { name: 'offline', path: ({ chatIds }) => `/c/${chatIds[0]!}`, act: openOffline },
];
