import type { Page } from 'playwright-core';

/** All that the client keeps in the browser of a page, as text. */
export const readKept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const promise = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error(request.error?.message)));
      });
    const database = await promise(indexedDB.open('messenger'));
    const values = database.transaction('values').objectStore('values');
    const [keys, all] = await Promise.all([promise(values.getAllKeys()), promise(values.getAll())]);
    database.close();
    return JSON.stringify({ keys, all, settings: Object.entries(localStorage), caches: await caches.keys() });
  });

interface Kept {
  keys: string[];
  all: { view?: { rows: { text: string }[] } }[];
}

/** The texts of a chat's stored messages that are kept for the next visit. */
export async function readKeptTexts(page: Page, chatId: string): Promise<string[]> {
  const { keys, all } = JSON.parse(await readKept(page)) as Kept;
  const opened = all[keys.findIndex((key) => key.endsWith(`:opened:${chatId}`))];
  return opened?.view?.rows.map(({ text }) => text) ?? [];
}

/** Resolves when the worker of the page's version is installed and at work. */
export const untilInstalled = (page: Page): Promise<unknown> =>
  page.evaluate(async () => (await navigator.serviceWorker.ready).active!.state);
