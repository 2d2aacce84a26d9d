/** What a reader has before them, and whether it stays there. */
import type { Page } from 'playwright-core';

export interface Eye {
  seq: number;
  top: number;
}

/** The message in the middle of the list. */
export const eyeOf = (page: Page): Promise<Eye> =>
  page.getByRole('log').evaluate((list) => {
    const box = list.getBoundingClientRect();
    const middle = (box.top + box.bottom) / 2;
    const row = [...list.querySelectorAll<HTMLElement>('[data-seq]')].find(
      (one) => one.getBoundingClientRect().bottom > middle,
    )!;
    return { seq: Number(row.dataset['seq']), top: row.getBoundingClientRect().top };
  });

/** Where a message is; undefined: not on the page. */
export const topOf = (page: Page, seq: number): Promise<number | undefined> =>
  page.evaluate((n) => document.querySelector(`[data-seq="${n}"]`)?.getBoundingClientRect().top, seq);

/** Waits until the list has been the same for some frames, with nothing on its way. */
export const atRest = (page: Page): Promise<void> =>
  page.getByRole('log').evaluate(async (list) => {
    let [same, before] = [0, ''];
    while (same < 5) {
      await new Promise(requestAnimationFrame);
      const now = `${list.scrollTop} ${list.scrollHeight} ${list.ariaBusy} ${list.querySelectorAll('[data-seq]').length}`;
      same = now === before && list.ariaBusy !== 'true' ? same + 1 : 0;
      before = now;
    }
  });

/**
 * Watches every frame from now on: messages that are seen in two frames have to move together, and upwards or downwards only as
 * `direction` says. The function that is answered gives what was wrong.
 */
export async function watchFrames(page: Page, direction: 'down' | 'up' | 'still'): Promise<() => Promise<string[]>> {
  await page.getByRole('log').evaluate((list, way) => {
    const wrongs: string[] = [];
    Object.assign(globalThis, { wrongs });
    let before = new Map<string, number>();
    const look = (): void => {
      if ((globalThis as { wrongs?: unknown }).wrongs !== wrongs) return;
      const box = list.getBoundingClientRect();
      const now = new Map<string, number>();
      for (const row of list.querySelectorAll<HTMLElement>('[data-seq]')) {
        const { top, bottom } = row.getBoundingClientRect();
        if (bottom > box.top && top < box.bottom) now.set(row.dataset['seq']!, top);
      }
      const moves = [...now].filter(([seq]) => before.has(seq)).map(([seq, top]) => top - before.get(seq)!);
      const [least, most] = [Math.min(...moves), Math.max(...moves)];
      const isWrong =
        most - least > 2 ||
        (way !== 'down' && most > 2) ||
        (way !== 'up' && least < -2) ||
        (moves.length === 0 && way === 'still');
      if (before.size > 0 && isWrong) wrongs.push(`${[...before.keys()][0]} moved ${least} to ${most}`);
      before = now;
      requestAnimationFrame(look);
    };
    look();
  }, direction);
  return () =>
    page.evaluate(() => {
      const { wrongs } = globalThis as unknown as { wrongs: string[] };
      Object.assign(globalThis, { wrongs: undefined });
      return wrongs;
    });
}
