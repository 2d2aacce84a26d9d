/** Where the SDK keeps what has to survive the page: the browser's IndexedDB. */
import { openDB, type IDBPDatabase } from 'idb';
import type { Storage } from '../../client/index.ts';

let opened: Promise<IDBPDatabase> | undefined;

const open = (): Promise<IDBPDatabase> =>
  (opened ??= openDB('messenger', 1, { upgrade: (database) => void database.createObjectStore('values') }));

/** The storage of one person on this device. */
export function openStorage(userId: string): Storage {
  const toKey = (key: string): string => `${userId}:${key}`;
  return {
    get: async (key) => (await (await open()).get('values', toKey(key))) as string | undefined,
    set: async (key, value) => void (await (await open()).put('values', value, toKey(key))),
    delete: async (key) => (await open()).delete('values', toKey(key)),
  };
}
