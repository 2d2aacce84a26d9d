import type { Page } from 'playwright-core';

/** Everything that a script of the page can read of what the browser keeps. */
export const readStorages = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const kept: unknown[] = [document.cookie, Object.entries(localStorage), Object.entries(sessionStorage)];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name!);
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error!));
      });
      for (const store of database.objectStoreNames)
        kept.push(
          await new Promise((resolve) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.addEventListener('success', () => resolve(request.result));
          }),
        );
      database.close();
    }
    return JSON.stringify(kept);
  });
