import { AxeBuilder } from '@axe-core/playwright';
import { type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActor } from '../support/cast.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const shown = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name }).waitFor();

/** Where somebody is who has got in. */
const isIn = (page: Page): Promise<void> => page.locator('.shell').waitFor();

test('looks', async () => {
  for (const [locale, scheme, viewport] of [
    ['en-GB', 'light', undefined],
    ['ru-RU', 'dark', phone],
  ] as const) {
    const { page, context } = await web.visit('/login', { locale, colorScheme: scheme, ...(viewport && { viewport }) });
    for (const path of ['/login', '/register', '/reset#abc', '/reset']) {
      await page.goto(path);
      await page.locator('form, .note').first().waitFor();
      if (path === '/register') {
        await page.locator('.entrance-more button').first().click();
        await page.locator('button[type=submit]').click();
      }
      await page.screenshot({ path: `/tmp/shots/entrance-${path.replace(/\W/g, '')}-${locale}-${scheme}.png` });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
    await context.close();
  }
});
void createActor;
void shown;
void isIn;
