import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createChatCommands, type ChatCommands } from '../../src/server/chats/commands.ts';
import { createGroupCommands, type GroupCommands } from '../../src/server/chats/group-commands.ts';
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
let groups: GroupCommands;
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
  const options: Parameters<typeof createChatCommands>[0] = {
    lanes,
    publish: (events) => void published.push(...events),
    uncertain: (chatIds, userIds) => void doubted.push({ chatIds, userIds }),
    config: { rateLimits: true },
  };
  chats = createChatCommands(options);
  groups = createGroupCommands(options);
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
  await groups.changeGroup({ ...alice, chatId, group: { name: 'Warmer' } });
  const { inviteId } = await groups.createInvite({ ...alice, chatId });
  await groups.joinByInvite({ ...alice, chatId, token: await tokenOf(inviteId) });
  await groups.setRole({ ...alice, chatId, memberId: bobId, role: 'admin' });
  await groups.deleteGroup({ ...alice, chatId });
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

async function tokenOf(inviteId: string): Promise<string> {
  const [row] = await sql<{ token: string }[]>`select token from chat_invites where id = ${inviteId}`;
  return row!.token;
}

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

describe('of a group whose answers are lost', () => {
  let chatId: string;
  beforeEach(async () => {
    ({ chatId } = await chats.createGroup({ ...alice, name: 'Lossy', users: [bobId] }));
    published = [];
  });
  const expectDoubt = (): void => {
    expect(road.lost).toBe(1);
    expect(doubted.map(({ chatIds }) => chatIds)).toEqual([[chatId]]);
  };

  test('a change has happened once', async () => {
    road.loseNextAnswer();
    const { version, group } = await groups.changeGroup({ ...alice, chatId, group: { name: 'Changed' } });
    expect([version, group.name]).toEqual([2, 'Changed']);
    expectDoubt();
  });

  test('handing it on succeeds, with the version it had', async () => {
    road.loseNextAnswer();
    expect(await groups.setRole({ ...alice, chatId, memberId: bobId, role: 'owner' })).toMatchObject({ version: 2 });
    expectDoubt();
    await expect(groups.setRole({ ...alice, chatId, memberId: bobId, role: 'owner' })).rejects.toMatchObject({
      code: 'access_denied',
    });
  });

  test('deleting it succeeds and is announced once', async () => {
    road.loseNextAnswer();
    expect(await groups.deleteGroup({ ...alice, chatId })).toMatchObject({ version: 2 });
    expect(published).toEqual([{ kind: 'chat_deleted', chatId, version: 2 }]);
    expectDoubt();
    await expect(groups.deleteGroup({ ...alice, chatId })).rejects.toMatchObject({ code: 'no_chat' });
  });

  test('an invite is made once', async () => {
    road.loseNextAnswer();
    const { inviteId } = await groups.createInvite({ ...alice, chatId, maxUses: 1 });
    expectDoubt();
    expect(await sql`select id from chat_invites where chat_id = ${chatId}`).toEqual([{ id: inviteId }]);
  });

  test('joining by an invite uses it up once', async () => {
    const { inviteId } = await groups.createInvite({ ...alice, chatId, maxUses: 5 });
    await chats.removeMember({ ...alice, chatId, memberId: bobId });
    await groups.setRole({ ...alice, chatId, memberId: alice.userId, role: 'owner' });
    const bob = { userId: bobId, sessionId: randomUUID() };
    await sql`insert into sessions (id, user_id, kind, expires_at) values (${bob.sessionId}, ${bobId}, 'device', now() + interval '1 day')`;
    doubted = [];
    road.loseNextAnswer();
    await groups.joinByInvite({ ...bob, chatId, token: await tokenOf(inviteId) });
    expectDoubt();
    expect(await sql`select uses from chat_invites where id = ${inviteId}`).toEqual([{ uses: 1 }]);
  });
});
