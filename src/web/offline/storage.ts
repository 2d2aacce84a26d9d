/** Where the SDK keeps what has to survive the page: the browser's IndexedDB, in the slot of this tab. */
import { memoryStorage, type Storage } from '../../client/index.ts';
import { changeOf, listKeys, read } from './database.ts';

const outboxKey = 'messenger:outbox';

const prefixOf = (userId: string): string => `${userId}:slot-`;

/** What a slot holds of a person. */
export function slotStorage(userId: string, slot: number): Storage {
  const toKey = (key: string): string => `${prefixOf(userId)}${slot}:${key}`;
  return {
    get: async (key) => (await read(userId, toKey(key))) as string | undefined,
    set: (key, value) => changeOf(userId, (values) => values.put(value, toKey(key))),
    delete: (key) => changeOf(userId, (values) => values.delete(toKey(key))),
  };
}

/**
 * The storage of a tab, when its slot is known. Only the outbox outlives the tab: the browser holds the session, and where a
 * chat was left counts for nobody, because every page reads its chats anew.
 */
export function tabStorage(userId: string, slot: Promise<number | undefined>): Storage {
  const passing = memoryStorage();
  const kept = slot.then((number) => (number === undefined ? passing : slotStorage(userId, number)));
  const find = (key: string): Promise<Storage> => (key === outboxKey ? kept : Promise.resolve(passing));
  return {
    get: async (key) => (await find(key)).get(key),
    set: async (key, value) => (await find(key)).set(key, value),
    delete: async (key) => (await find(key)).delete(key),
  };
}

/** The slots in which messages wait. */
export async function listSlotsWithOutbox(userId: string): Promise<number[]> {
  const keys = await listKeys(prefixOf(userId));
  return keys
    .filter((key) => key.endsWith(`:${outboxKey}`))
    .map((key) => Number.parseInt(key.slice(prefixOf(userId).length), 10));
}
