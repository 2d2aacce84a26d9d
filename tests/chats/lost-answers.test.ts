import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createChatCommands, type ChatCommands } from '../../src/server/chats/commands.ts';
import { Lanes } from '../../src/server/db/lanes.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

/** A road to PostgreSQL that can swallow one answer: the call has been carried out, and the connection breaks. */
class LossyRoad {
  #armed = false;
  lost = 0;
  readonly #server: Server;

  constructor(target: URL) {
    this.#server = createServer((client) => {
      const database = connect(Number(target.port), target.hostname);
      client.on('data', (bytes) => database.write(bytes));
      database.on('data', (bytes) => {
        if (!this.#armed) {
          client.write(bytes);
          return;
        }
        this.#armed = false;
        this.lost++;
        client.destroy();
        database.destroy();
      });
      for (const [one, other] of [
        [client, database],
        [database, client],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  loseNextAnswer(): void {
    this.#armed = true;
  }

  close(): void {
    this.#server.close();
  }
}

let database: TestDatabase;
let road: LossyRoad;
let lanes: Lanes;
let sql: postgres.Sql;
let chats: ChatCommands;
let published: ServerEvent[] = [];
let doubted: { chatIds: string[]; userIds: string[] }[] = [];
let alice: { userId: string; sessionId: string };
let bobId: string;
let carolId: string;

beforeAll(async () => {
  database = await createDatabase();
  sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  const target = new URL(database.url);
  road = new LossyRoad(new URL(database.url));
  target.port = String(await road.open());
  target.hostname = '127.0.0.1';
  lanes = new Lanes(target.href, 1);
  chats = createChatCommands({
    lanes,
    publish: (events) => void published.push(...events),
    uncertain: (chatIds, userIds) => void doubted.push({ chatIds, userIds }),
    config: { rateLimits: true },
  });
  const [aliceId, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  [bobId, carolId] = [second, third];
  for (const id of [aliceId, bobId, carolId])
    await sql`insert into users (id, name, username) values (${id}, ${id}, ${id})`;
  const sessionId = randomUUID();
  await sql`insert into sessions (id, user_id, kind, expires_at) values (${sessionId}, ${aliceId}, 'device', now() + interval '1 day')`;
  alice = { userId: aliceId, sessionId };
});

// Every statement is known to the connection afterwards: its next call is one packet and one answer.
beforeEach(async () => {
  const { chatId } = await chats.createGroup({ ...alice, name: 'Warm', users: [bobId] });
  await chats.openDirect({ ...alice, otherId: carolId });
  await chats.addMembers({ ...alice, chatId, users: [carolId] });
  await chats.removeMember({ ...alice, chatId, memberId: carolId });
  published = [];
  doubted = [];
  road.lost = 0;
});

afterAll(async () => {
  await lanes[Symbol.asyncDispose]();
  road.close();
  await sql.end();
  await database[Symbol.asyncDispose]();
});

test('a group whose answer was lost exists once and is announced once', async () => {
  road.loseNextAnswer();
  const { chatId, groupId } = await chats.createGroup({ ...alice, name: 'Once', users: [bobId] });
  expect(road.lost).toBe(1);
  expect(await sql`select chat_id as "chatId" from groups where name = 'Once'`).toEqual([{ chatId }]);
  const group = { id: groupId, name: 'Once', creatorId: alice.userId, memberIds: [alice.userId, bobId] };
  expect(published).toEqual([{ kind: 'group_created', chatId, version: 1, group }]);
});

test('a direct chat whose answer was lost is there once and is announced once', async () => {
  road.loseNextAnswer();
  const direct = await chats.openDirect({ ...alice, otherId: bobId });
  expect(road.lost).toBe(1);
  expect(direct.created).toBe(true);
  expect(await chats.openDirect({ ...alice, otherId: bobId })).toEqual({ chatId: direct.chatId, created: false });
  expect(published).toMatchObject([{ kind: 'direct_opened', chatId: direct.chatId, memberIds: [alice.userId, bobId] }]);
});

test('an addition whose answer was lost succeeds, and whoever lives here is told to look', async () => {
  const { chatId } = await chats.createGroup({ ...alice, name: 'Add', users: [] });
  road.loseNextAnswer();
  const { version } = await chats.addMembers({ ...alice, chatId, users: [bobId] });
  expect(road.lost).toBe(1);
  expect(version).toBe(2);
  expect(doubted).toEqual([{ chatIds: [chatId], userIds: [bobId] }]);
  expect(await sql`select from memberships where chat_id = ${chatId} and left_seq is null`).toHaveLength(2);
});

test.each([
  ['a removal', () => bobId],
  ['a leaving', () => alice.userId],
])('%s whose answer was lost succeeds, with the version it had', async (_what, memberId) => {
  const { chatId } = await chats.createGroup({ ...alice, name: 'Remove', users: [bobId] });
  published = [];
  road.loseNextAnswer();
  expect(await chats.removeMember({ ...alice, chatId, memberId: memberId() })).toEqual({ version: 2 });
  expect(road.lost).toBe(1);
  expect(published).toEqual([{ kind: 'member_removed', chatId, version: 2, userId: memberId() }]);
  await expect(chats.removeMember({ ...alice, chatId, memberId: memberId() })).rejects.toMatchObject({
    code: memberId() === alice.userId ? 'no_chat' : 'no_user',
  });
});
