import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, memoryStorage, type Messenger, type Storage } from '../../src/client/index.ts';
import { until } from './support/clients.ts';
import { ScriptedServer, userId } from './support/scripted-server.ts';

const chatId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a2';
const bobId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a3';
const since = '2026-01-01T00:00:00Z';
const numbers = { last_seq: 0, delivered_seq: 0, read_seq: 0, unread_count: 0, unread_mentions: 0 };
const kept = { muted_until: null, archived: false, pinned: false, draft: null, marked_unread: false };
const facts = { avatar_url: null, avatar_small_url: null, description: null };

const row = (version: number, bobsRole: string) => ({
  id: chatId,
  type: 'group',
  name: 'A',
  group_id: chatId,
  creator_id: userId,
  history: 'all',
  seen_seq: 0,
  active_at: since,
  version,
  role: 'owner',
  members: [
    { id: userId, name: 'Alice', email: null, username: null, avatar_small_url: null, role: 'owner' },
    { id: bobId, name: 'Bob', email: null, username: null, avatar_small_url: null, role: bobsRole },
  ],
  more_members: false,
  last_message: null,
  ...facts,
  ...numbers,
  ...kept,
});
const roleChanged = (version: number, role: string) => ({
  type: 'role_changed',
  chat_id: chatId,
  version,
  members: [{ user_id: bobId, role }],
});
const changes = (after: number, to: number, role: string) => ({
  type: 'changes',
  chat_id: chatId,
  after,
  to,
  to_seq: 0,
  more: false,
  rows: [],
  members: after < to ? [{ user_id: bobId, role }] : [],
  group: null,
  positions: [],
  own: { chat_id: chatId, version: to, role: 'owner', ...numbers, ...kept },
});

const emptyPage = (version: number) => ({
  type: 'history',
  chat_id: chatId,
  version,
  first_seq: 0,
  last_seq: 0,
  rows: [],
});

let server: ScriptedServer;
const opened: Messenger[] = [];
let storage: Storage;
beforeEach(async () => {
  storage = memoryStorage();
  server = await ScriptedServer.open();
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [row(1, 'member')], next: null });
  server.answers['history'] = () => emptyPage(1);
  server.answers['sync'] = ({ after }) => changes(after as number, Math.max(1, after as number), 'member');
});
afterEach(async () => {
  for (const messenger of opened.splice(0)) await messenger.close();
  await server[Symbol.asyncDispose]();
});

function open(): Messenger {
  const auth = { identifier: 'alice', password: 'secret' };
  const messenger = connect({ url: server.url, auth, WebSocket, storage, random: () => 0 });
  opened.push(messenger);
  return messenger;
}
const roleOfBob = (messenger: Messenger) =>
  messenger.chat(chatId).view?.members.find(({ user_id: id }) => id === bobId)?.role;

/** An earlier run, which had the chat open. */
async function openOnce(): Promise<void> {
  const first = open();
  await first.ready();
  await first.chat(chatId).open();
  await first.close();
}

describe('a row that is older than what came live', () => {
  it('of a chat that an earlier run had open: what came before the row is read again', async () => {
    await openOnce();
    server.answers['list_chats'] = (_frame, socket) => {
      socket.send(JSON.stringify(roleChanged(2, 'admin')));
      return { type: 'chats', rows: [row(1, 'member')], next: null };
    };
    server.answers['history'] = () => emptyPage(2);
    server.answers['sync'] = ({ after }) => changes(after as number, 2, 'admin');
    const second = open();
    await second.ready();
    expect(roleOfBob(second)).toBe('admin');
    expect(second.chat(chatId).view?.version).toBe(2);
  });

  it('of a chat that is known and open takes nothing back', async () => {
    const messenger = open();
    await messenger.ready();
    await messenger.chat(chatId).open();
    server.say(roleChanged(2, 'admin'));
    await until(messenger.store, 'the change', () => roleOfBob(messenger) === 'admin');
    server.answers['get_chat'] = () => ({ type: 'chat', chat: row(1, 'member') });
    await messenger.chat(chatId).get();
    expect(roleOfBob(messenger)).toBe('admin');
  });
});

it('a chat that is being opened when the messenger is closed is not waited for for ever', async () => {
  const messenger = open();
  await messenger.ready();
  const asked = new Promise<void>((resolve) => {
    server.answers['sync'] = () => {
      resolve();
      return undefined;
    };
  });
  const opening = messenger.chat(chatId).open();
  await asked;
  await messenger.close();
  await expect(opening).rejects.toMatchObject({ code: 'stopped' });
});

it('a chat that is closed and opened again while its first page is on its way has its messages', async () => {
  const message = {
    chat_id: chatId,
    seq: 1,
    version: 1,
    sender_id: bobId,
    client_id: bobId,
    id: bobId,
    timestamp: since,
  };
  const page = { ...emptyPage(1), first_seq: 1, last_seq: 1, rows: [{ ...message, text: 'hello' }] };
  const messenger = open();
  await messenger.ready();
  const chat = messenger.chat(chatId);
  let answerFirst = (): void => undefined;
  server.answers['history'] = ({ ref }, socket) => {
    server.answers['history'] = () => page;
    answerFirst = () => socket.send(JSON.stringify({ ...page, ref }));
    return undefined;
  };
  const first = chat.open();
  await until(messenger.store, 'the question', () => server.frames.some(({ type }) => type === 'history'));
  chat.close();
  const second = chat.open();
  answerFirst();
  await Promise.all([first, second]);
  expect(chat.messages.rows.map(({ text }) => text)).toEqual(['hello']);
  expect(chat.view?.open).toBe(true);
});

it('a chat that was not known, and is closed before its row comes, is not open', async () => {
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [], next: null });
  const messenger = open();
  await messenger.ready();
  const chat = messenger.chat(chatId);
  let answer = (): void => undefined;
  server.answers['get_chat'] = ({ ref }, socket) => {
    answer = () => socket.send(JSON.stringify({ type: 'chat', ref, chat: row(1, 'member') }));
    return undefined;
  };
  const opening = chat.open();
  await until(messenger.store, 'the question', () => server.frames.some(({ type }) => type === 'get_chat'));
  chat.close();
  answer();
  await opening;
  expect(chat.view?.open).toBe(false);
  expect(server.frames.map(({ type }) => type)).not.toContain('history');
});

it('a chat that is opened while its row is on its way, and closed before its first page comes, goes on being read', async () => {
  const messenger = open();
  await messenger.ready();
  const chat = messenger.chat(chatId);
  const answers: Record<string, () => void> = {};
  for (const [type, answer] of [
    ['get_chat', { type: 'chat', chat: row(3, 'admin') }],
    ['history', emptyPage(3)],
  ] as const)
    server.answers[type] = ({ ref }, socket) => {
      answers[type] = () => socket.send(JSON.stringify({ ...answer, ref }));
      return undefined;
    };
  // What lies before it is missing.
  server.say(roleChanged(3, 'admin'));
  await until(messenger.store, 'the question', () => answers['get_chat']);
  const opening = chat.open();
  await until(messenger.store, 'the other question', () => answers['history']);
  server.answers['sync'] = ({ after }) => changes(after as number, 3, 'admin');
  answers['get_chat']!();
  await until(messenger.store, 'the row', () => roleOfBob(messenger) === 'admin');
  chat.close();
  answers['history']!();
  await opening;
  expect(chat.view).toMatchObject({ version: 3, open: false });
});

describe('an answer that is older than what came live meanwhile', () => {
  const added = (version: number) => ({ type: 'members_added', chat_id: chatId, version, user_ids: [userId] });
  const here = (messenger: Messenger) => () => messenger.chat(chatId).view?.version === 3;

  it('"you have left", of resume: the chat that one is in again is there', async () => {
    const messenger = open();
    await messenger.ready();
    server.answers['resume'] = (_frame, socket) => {
      socket.send(JSON.stringify(added(3)));
      return { type: 'changed', resume: 'token', chats: [], left: [chatId] };
    };
    server.answers['get_chat'] = () => ({ type: 'chat', chat: row(3, 'member') });
    server.closeAll(1012);
    await until(messenger.store, 'the chat', here(messenger));
    await messenger.ready();
    expect(messenger.chat(chatId).view?.version).toBe(3);
  });

  it('"no such chat", of reading it: it is read again', async () => {
    server.answers['list_chats'] = () => ({ type: 'chats', rows: [], next: null });
    const messenger = open();
    await messenger.ready();
    let asked = 0;
    server.answers['get_chat'] = (_frame, socket) => {
      asked++;
      if (asked > 1) return { type: 'chat', chat: row(3, 'member') };
      socket.send(JSON.stringify(added(3)));
      return { type: 'error', code: 'no_chat', message: 'no such chat', retry: 'never' };
    };
    server.say(roleChanged(1, 'admin'));
    await until(messenger.store, 'the chat', here(messenger));
    expect(asked).toBe(2);
  });

  it('the list, without a chat that an earlier run had open: the chat that one is in again is there, and open', async () => {
    await openOnce();
    server.answers['list_chats'] = (_frame, socket) => {
      socket.send(JSON.stringify(added(3)));
      return { type: 'chats', rows: [], next: null };
    };
    server.answers['history'] = () => emptyPage(3);
    server.answers['sync'] = ({ after }) => changes(after as number, 3, 'member');
    server.answers['get_chat'] = () => ({ type: 'chat', chat: row(3, 'member') });
    const second = open();
    await second.ready();
    expect(second.chat(chatId).view).toMatchObject({ version: 3, open: true });
  });

  it('but when nothing came live, one has left', async () => {
    const messenger = open();
    await messenger.ready();
    server.answers['resume'] = () => ({ type: 'changed', resume: 'token', chats: [], left: [chatId] });
    server.closeAll(1012);
    await until(messenger.store, 'the end', () => messenger.chat(chatId).view === undefined);
  });
});

it('a chat of which an earlier run had not read everything has all positions', async () => {
  const place = { user_id: userId, token: 'token', chats: { [chatId]: { version: 1, seq: 0, target: 2 } } };
  await storage.set('messenger:sync', JSON.stringify(place));
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [row(2, 'member')], next: null });
  server.answers['get_chat'] = () => ({ type: 'chat', chat: row(2, 'member') });
  server.answers['history'] = () => emptyPage(2);
  const positions = [{ user_id: bobId, delivered_seq: 0, read_seq: 0 }];
  server.answers['sync'] = ({ after, positions_since: from }) => ({
    ...changes(after as number, 2, 'member'),
    positions: from === undefined ? positions : [],
  });
  const messenger = open();
  await messenger.ready();
  expect(messenger.store.get(`positions:${chatId}`)).toEqual(positions);
});

it('a chat that is opened twice is open for both or for none', async () => {
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [], next: null });
  const messenger = open();
  await messenger.ready();
  const chat = messenger.chat(chatId);
  let asked = 0;
  server.answers['get_chat'] = () =>
    ++asked === 1
      ? { type: 'error', code: 'internal', message: 'a bug', retry: 'same' }
      : { type: 'chat', chat: row(1, 'member') };
  const both = await Promise.allSettled([chat.open(), chat.open()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await chat.open();
  expect(chat.view?.open).toBe(true);
});

it('what may have been missed while the chats were listed for the first time is asked for', async () => {
  server.answers['list_chats'] = ({ before }, socket) => {
    if (before === undefined) return { type: 'chats', rows: [row(1, 'member')], next: 'next' };
    socket.send(JSON.stringify({ type: 'lag', chats: [] }));
    return { type: 'chats', rows: [], next: null };
  };
  const own = { chat_id: chatId, version: 1, role: 'owner', ...numbers, ...kept, archived: true };
  server.answers['resume'] = () => ({ type: 'changed', resume: 'token', chats: [own], left: [] });
  const messenger = open();
  await messenger.ready();
  await until(messenger.store, 'what was missed', () => messenger.chat(chatId).view?.own.archived);
});

it('marks that a database had before it was restored are told again', async () => {
  const at = (last: number) => ({ ...row(last, 'member'), last_seq: last, delivered_seq: last });
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [at(9)], next: null });
  server.answers['mark_read'] = () => ({ type: 'done' });
  const messenger = open();
  await messenger.ready();
  await messenger.chat(chatId).markRead(9);
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [at(5)], next: null });
  server.answers['resume'] = () => ({ type: 'error', code: 'resume_not_possible', message: 'anew', retry: 'never' });
  server.closeAll(1012);
  await until(messenger.store, 'the other life', () => messenger.chat(chatId).view?.version === 5);
  await messenger.chat(chatId).markRead(5);
  expect(server.frames.filter(({ type }) => type === 'mark_read').map(({ seq }) => seq)).toEqual([9, 5]);
});

describe('a chat that an earlier run had open and that one is in no more', () => {
  beforeEach(async () => {
    await openOnce();
    const noChat = () => ({ type: 'error', code: 'no_chat', message: 'no such chat', retry: 'never' });
    server.answers['list_chats'] = () => ({ type: 'chats', rows: [], next: null });
    for (const type of ['get_chat', 'history', 'sync']) server.answers[type] = noChat;
  });

  it('keeps nobody from being online', async () => {
    const second = open();
    await second.ready();
    expect(second.chat(chatId).view).toBeUndefined();
  });

  it('nor does it where all that was known has to be forgotten', async () => {
    server.answers['resume'] = () => ({
      type: 'error',
      code: 'resume_not_possible',
      message: 'read anew',
      retry: 'new',
    });
    const second = open();
    await second.ready();
    expect(second.chat(chatId).view).toBeUndefined();
  });
});
