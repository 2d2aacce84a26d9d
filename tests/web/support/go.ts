/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** Goes to another screen as a link in the page does. */
export const go = (page: Page, path: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
