/// <reference lib="dom" />
import axe from 'axe-core';
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** Where axe finds that somebody could not use the page as it stands, or a part of it. */
export async function findFaults(page: Page, part?: string): Promise<string[]> {
  // It stays until another page is loaded.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(
    async (where) => (await window.axe!.run(where ?? document, { resultTypes: ['violations'] })).violations,
    part,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
