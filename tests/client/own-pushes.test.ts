import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Messenger } from '../../src/client/index.ts';
import { until } from './support/clients.ts';
import { ScriptedServer, userId } from './support/scripted-server.ts';

const chatId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a2';
const forEver = '2100-01-01T00:00:00Z';
const numbers = { last_seq: 3, delivered_seq: 3, unread_count: 0, unread_mentions: 0 };
const kept = { muted_until: null, archived: false, pinned: false, draft: null, marked_unread: false };
const own = (change: Record<string, unknown> = {}) => ({
  chat_id: chatId,
  version: 5,
  role: 'member',
  read_seq: 2,
  ...numbers,
  ...kept,
  ...change,
});
/** Its `read_seq` goes on over the own message 3. */
const row = (change: Record<string, unknown> = {}) => ({
  id: chatId,
  type: 'group',
  name: 'A',
  description: null,
  avatar_url: null,
  avatar_small_url: null,
  group_id: chatId,
  creator_id: userId,
  history: 'all',
  seen_seq: 0,
  active_at: forEver,
  version: 5,
  role: 'member',
  read_seq: 3,
  members: [],
  more_members: false,
  last_message: null,
  ...numbers,
  ...kept,
  ...change,
});
const push = (change: Record<string, unknown>) => ({ type: 'own', own: own(change) });

let server: ScriptedServer;
let messenger: Messenger;
beforeEach(async () => {
  server = await ScriptedServer.open();
  server.answers['list_chats'] = () => ({ type: 'chats', rows: [row()], next: null });
});
afterEach(async () => {
  await messenger.close();
  await server[Symbol.asyncDispose]();
});

async function open(): Promise<Messenger> {
  const auth = { identifier: 'alice', password: 'secret' };
  messenger = connect({ url: server.url, auth, WebSocket, random: () => 0 });
  await messenger.ready();
  return messenger;
}
const ownNow = () => messenger.chat(chatId).view!.own;

describe('what changed on another device', () => {
  it('while the chats are being listed is not taken back by the list', async () => {
    server.answers['list_chats'] = (_frame, socket) => {
      socket.send(JSON.stringify(push({ muted_until: forEver, pinned: true })));
      return { type: 'chats', rows: [row()], next: null };
    };
    await open();
    expect(ownNow()).toMatchObject({ muted_until: forEver, pinned: true });
  });

  it.each(['before', 'together with'] as const)(
    'is not taken back by a row that was read earlier: %s it',
    async (when) => {
      await open();
      server.answers['get_chat'] = ({ ref }, socket) => {
        const answer = { type: 'chat', chat: row(), ref };
        const told = push({ archived: true, draft: { text: 'not yet', updated_at: forEver } });
        const frames = when === 'before' ? [told, answer] : [answer, told];
        // In one piece, so that one is heard while the other is not carried out yet.
        const { _socket: stream } = socket as unknown as { _socket: { cork(): void; uncork(): void } };
        stream.cork();
        for (const frame of frames) socket.send(JSON.stringify(frame));
        stream.uncork();
        return undefined;
      };
      await messenger.chat(chatId).get();
      await until(messenger.store, 'the change', () => ownNow().archived);
      expect(ownNow()).toMatchObject({ archived: true, draft: { text: 'not yet' } });
    },
  );

  it('is not taken back by what a login is told of the time before', async () => {
    await open();
    server.answers['resume'] = (_frame, socket) => {
      socket.send(JSON.stringify(push({ marked_unread: true })));
      return { type: 'changed', resume: 'token', chats: [own()], left: [] };
    };
    const { connections } = server;
    server.closeAll(1012);
    await until(messenger.store, 'another login', () => server.connections > connections);
    await messenger.ready();
    expect(ownNow().marked_unread).toBe(true);
  });

  it('before the question, or in an older state of the chat, does not change the answer', async () => {
    await open();
    server.say(push({ muted_until: forEver }));
    await until(messenger.store, 'the change', () => ownNow().muted_until);
    server.answers['get_chat'] = () => ({ type: 'chat', chat: row() });
    await messenger.chat(chatId).get();
    expect(ownNow().muted_until).toBeNull();
    server.answers['get_chat'] = (_frame, socket) => {
      socket.send(JSON.stringify(push({ pinned: true })));
      return { type: 'chat', chat: row({ version: 6 }) };
    };
    await messenger.chat(chatId).get();
    expect(ownNow()).toMatchObject({ version: 6, pinned: false });
  });
});
