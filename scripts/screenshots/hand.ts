/** What a hand does: with a mouse on a desk, with a finger on a phone. */
import type { Locator, Page } from 'playwright-core';

const hasFinger = (target: Locator): Promise<boolean> =>
  target.page().evaluate<boolean>('navigator.maxTouchPoints > 0');

/** A click or a tap. */
export const press = async (target: Locator): Promise<void> =>
  (await hasFinger(target)) ? target.tap() : target.click();

/** Opens the menu of what it is done to: by the right button, or by a finger that rests. */
export async function hold(target: Locator): Promise<void> {
  const page = target.page();
  const menu = page.getByRole('menu').first();
  if (!(await hasFinger(target))) {
    await target.click({ button: 'right' });
    return menu.waitFor();
  }
  await target.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await target.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await menu.waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}

/** Nothing is under the pointer any more: what it would light up is not lit. */
export async function moveAway(page: Page): Promise<void> {
  await page.mouse.move(1, page.viewportSize()!.height - 1);
}
