import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Where axe finds that somebody could not use the page as it stands, or a part of it. */
export async function findFaults(page: Page, part?: string): Promise<string[]> {
  // There are no frames here, and without looking for them it is quicker.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (part === undefined ? axe : axe.include(part)).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
