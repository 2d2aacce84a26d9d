/**
 * What the client keeps in the browser: one store of values by key, all of one person. Every change of it looks in the same
 * transaction whether it is still theirs: a tab that has not heard yet that somebody has left keeps nothing of them alive.
 */
import { openDB, type IDBPDatabase, type IDBPObjectStore } from 'idb';

const store = 'values';
const ownerKey = 'owner';

type Values = IDBPObjectStore<unknown, ['values'], 'values', 'readwrite'>;

let opened: Promise<IDBPDatabase> | undefined;

const open = (): Promise<IDBPDatabase> =>
  (opened ??= openDB('messenger', 1, { upgrade: (database) => void database.createObjectStore(store) }));

async function change(work: (values: Values) => Promise<unknown>): Promise<void> {
  const transaction = (await open()).transaction(store, 'readwrite');
  await Promise.all([work(transaction.store), transaction.done]);
}

/** From now on what is kept is this person's; what is here of anybody else is deleted. */
export const claim = (userId: string): Promise<void> =>
  change(async (values) => {
    if ((await values.get(ownerKey)) === userId) return;
    await values.clear();
    await values.put(userId, ownerKey);
  });

/** Deletes all that is kept of a person, and keeps nothing of them any more. */
export const forget = (userId: string): Promise<void> =>
  change(async (values) => {
    if ((await values.get(ownerKey)) === userId) await values.clear();
  });

/** Changes what is kept of a person; does nothing when it is no longer theirs. */
export const changeOf = (userId: string, work: (values: Values) => Promise<unknown>): Promise<void> =>
  change(async (values) => {
    if ((await values.get(ownerKey)) === userId) await work(values);
  });

/** What is kept of a person under a key; undefined when there is nothing, or nothing of theirs. */
export async function read(userId: string, key: string): Promise<unknown> {
  const values = (await open()).transaction(store).store;
  const [owner, value] = (await Promise.all([values.get(ownerKey), values.get(key)])) as unknown[];
  return owner === userId ? value : undefined;
}

/** The keys that begin with a prefix. */
export async function listKeys(prefix: string): Promise<string[]> {
  return (await (await open()).getAllKeys(store, toRange(prefix))) as string[];
}

/** All keys that begin with a prefix. */
export const toRange = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uFFFF`);
