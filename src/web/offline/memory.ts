/** What the last visit saw: the newest chats, the people in them, and the newest messages of those that were looked at last. */
import type { ChatView, MessagesView, Person } from '../../client/index.ts';
import { changeOf, listKeys, read, toRange } from './database.ts';

const maxChats = 100;
/** Chats whose messages are kept. */
export const maxOpened = 20;
const maxRows = 50;

interface SavedList {
  chats: readonly ChatView[];
  people: readonly Person[];
}

interface SavedMessages {
  chatId: string;
  shownAt: number;
  view: MessagesView;
}

const listKeyOf = (userId: string): string => `${userId}:list`;
const openedPrefixOf = (userId: string): string => `${userId}:opened:`;

/** The last visit, to be looked at. */
export interface Memory {
  readonly chats: readonly ChatView[];
  readonly people: ReadonlyMap<string, Person>;
  readonly messages: ReadonlyMap<string, MessagesView>;
}

export const emptyMemory: Memory = { chats: [], people: new Map(), messages: new Map() };

/** What is kept of a person's last visit. */
export async function readMemory(userId: string): Promise<Memory> {
  const list = (await read(userId, listKeyOf(userId))) as SavedList | undefined;
  if (!list) return emptyMemory;
  const opened = (await Promise.all((await listKeys(openedPrefixOf(userId))).map((key) => read(userId, key)))) as (
    | SavedMessages
    | undefined
  )[];
  return {
    chats: list.chats,
    people: new Map(list.people.map((person) => [person.id, person])),
    messages: new Map(opened.filter((one) => one !== undefined).map(({ chatId, view }) => [chatId, view])),
  };
}

const toSaved = (chatId: string, { rows, atStart }: MessagesView): SavedMessages => {
  const last = rows.slice(-maxRows);
  return {
    chatId,
    shownAt: Date.now(),
    view: { rows: last, pending: [], atStart: atStart && last.length === rows.length, atEnd: true },
  };
};

export interface Visit {
  /** All of them, the newest activity first. */
  chats: readonly ChatView[];
  findPerson(userId: string): Person | undefined;
  /** Messages that were shown and have changed since they were kept. */
  shown: ReadonlyMap<string, MessagesView>;
}

/** Who is named in lists and beside the messages: oneself, the others of direct chats, and who wrote. */
function findPeople(userId: string, chats: readonly ChatView[], { shown, findPerson }: Visit): Person[] {
  const ids = new Set([userId]);
  for (const { type, members, last_message: last } of chats) {
    if (type === 'personal') for (const { user_id: id } of members) ids.add(id);
    if (last) ids.add(last.sender_id);
  }
  for (const { rows } of shown.values()) for (const { sender_id: id } of rows.slice(-maxRows)) ids.add(id);
  return [...ids].map((id) => findPerson(id)).filter((person) => person !== undefined);
}

/** Keeps how things stand; chats that are no more, and those that were looked at longest ago, are let go. */
export const saveMemory = (userId: string, visit: Visit): Promise<void> =>
  changeOf(userId, async (values) => {
    const chats = visit.chats.slice(0, maxChats).map((chat) => ({ ...chat, open: false }));
    const list: SavedList = { chats, people: findPeople(userId, chats, visit) };
    await values.put(list, listKeyOf(userId));
    const prefix = openedPrefixOf(userId);
    for (const [chatId, view] of visit.shown) await values.put(toSaved(chatId, view), prefix + chatId);
    const opened = (await values.getAll(toRange(prefix))) as SavedMessages[];
    const ids = new Set(visit.chats.map(({ id }) => id));
    const isLetGo = new Set(opened.sort((a, b) => b.shownAt - a.shownAt).slice(maxOpened));
    for (const one of opened) if (isLetGo.has(one) || !ids.has(one.chatId)) await values.delete(prefix + one.chatId);
  });
