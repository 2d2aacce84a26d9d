import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Presence as Row } from '../../src/protocol/full.ts';
import { openBusPool, openPool, type Sql } from '../../src/server/db/client.ts';
import { Presence, type Watcher } from '../../src/server/presence/presence.ts';
import { Bus } from '../../src/server/realtime/bus.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;
/** Another node, which is up. */
let other: Bus;
let presence: Presence;
let published: ServerEvent[];
let asked: number;
let isAway: boolean;
const people: Record<'alice' | 'bob', { userId: string; sessionId: string }> = {
  alice: { userId: randomUUID(), sessionId: randomUUID() },
  bob: { userId: randomUUID(), sessionId: randomUUID() },
};
const { alice, bob } = people;

interface FakeSocket extends Watcher {
  told: Row[];
}

const openSocket = ({ userId, sessionId }: { userId: string; sessionId: string }): FakeSocket => {
  const told: Row[] = [];
  return {
    told,
    speaker: { userId, sessionId, ownSession: false },
    sayLive: (text) => void told.push(...(JSON.parse(text) as { rows: Row[] }).rows),
  };
};

/** Counts uses of the database, and breaks them while it is away. */
const watched = (pool: Sql): Sql =>
  new Proxy(pool, {
    apply: (target, _self, args: [TemplateStringsArray, ...string[]]) => {
      asked++;
      if (isAway) throw new Error('away');
      return target(...args);
    },
  });

beforeAll(async () => {
  database = await createDatabase();
  sql = openPool(database.url, 2);
  other = new Bus({ open: (name) => openBusPool(database.url, name), log: pino({ level: 'silent' }) });
  await other.start({ onHint: () => undefined, onGap: () => undefined, onTick: () => undefined });
  const chatId = randomUUID();
  await sql`insert into chats (id, type, version, members_version) values (${chatId}, 'group', 1, 1)`;
  for (const { userId, sessionId } of Object.values(people)) {
    await sql`insert into users (id, name, username) values (${userId}, 'somebody', ${userId.slice(0, 30)})`;
    await sql`insert into sessions (id, user_id, kind, expires_at) values (${sessionId}, ${userId}, 'device', now() + interval '1 day')`;
    await sql`insert into memberships (chat_id, user_id, version) values (${chatId}, ${userId}, 1)`;
  }
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await sql.end();
  await database[Symbol.asyncDispose]();
});

beforeEach(() => {
  [published, asked, isAway] = [[], 0, false];
  presence = new Presence({
    sql: watched(sql),
    log: pino({ level: 'silent' }),
    publish(events) {
      published.push(...events);
      presence.take(events);
    },
    lingerMs: 100,
    lookEveryMs: 50,
  });
});
afterEach(async () => {
  presence[Symbol.dispose]();
  await sql`delete from connections`;
  await sql`update sessions set revoked_at = null`;
});

const openRow = (nodeId: string) =>
  sql`insert into connections (id, user_id, session_id, node_id, dialect, connected_at)
    values (${randomUUID()}, ${bob.userId}, ${bob.sessionId}, ${nodeId}, 'plain', now())`;

describe('without a word from anybody', () => {
  it('somebody who came to or went from another node is found', async () => {
    const socket = openSocket(alice);
    expect(await presence.watch(socket, [bob.userId])).toMatchObject([{ online: false }]);
    await openRow(other.nodeId);
    await expect.poll(() => socket.told.map(({ online }) => online)).toEqual([true]);
    await sql`delete from connections`;
    await expect.poll(() => socket.told.map(({ online }) => online)).toEqual([true, false]);
  });

  it('nobody is there by sockets that a dead node left open', async () => {
    await openRow(randomUUID());
    const socket = openSocket(alice);
    expect(await presence.watch(socket, [bob.userId])).toMatchObject([{ online: false }]);
  });

  it('what happened while the database was away is found afterwards', async () => {
    const socket = openSocket(alice);
    await presence.watch(socket, [bob.userId]);
    isAway = true;
    await openRow(other.nodeId);
    const askedBefore = asked;
    presence.take([{ kind: 'presence', userId: bob.userId, online: true }]);
    await expect.poll(() => asked).toBeGreaterThan(askedBefore);
    isAway = false;
    await expect.poll(() => socket.told).toMatchObject([{ online: true }]);
  });

  it('who may not be known of any more is gone, although the database was away for those who were due before', async () => {
    await openRow(other.nodeId);
    const strangers = () => Array.from({ length: 199 }, () => randomUUID());
    for (let i = 0; i < 3; i++) await presence.watch(openSocket(alice), strangers());
    const socket = openSocket(alice);
    expect((await presence.watch(socket, [bob.userId])).at(-1)).toMatchObject({ online: true });
    await sql`update users set presence_hidden = true where id = ${bob.userId}`;
    onTestFinished(async () => void (await sql`update users set presence_hidden = false`));
    isAway = true;
    const askedBefore = asked;
    presence.hearOfMembers([alice.userId]);
    await expect.poll(() => asked).toBeGreaterThan(askedBefore);
    isAway = false;
    await expect.poll(() => socket.told).toMatchObject([{ online: false }]);
  });
});

it('whoever is watched a moment after another node said that they came is there', async () => {
  presence.take([{ kind: 'presence', userId: bob.userId, online: true }]);
  expect(await presence.watch(openSocket(alice), [bob.userId])).toMatchObject([{ online: true }]);
  presence.take([{ kind: 'presence', userId: bob.userId, online: false }]);
  expect(await presence.watch(openSocket(alice), [bob.userId])).toMatchObject([{ online: false }]);
});

describe('a socket', () => {
  it('that closed is looked after no more', async () => {
    const socket = openSocket(alice);
    await presence.watch(socket, [bob.userId]);
    socket.speaker = undefined;
    presence.noteSpeaker(socket);
    const before = asked;
    presence.take([{ kind: 'presence', userId: bob.userId, online: true }]);
    await setTimeout(200);
    expect(asked).toBe(before);
    expect(socket.told).toEqual([]);
  });

  it('whose session ended is told nothing, and may not watch', async () => {
    const socket = openSocket(alice);
    await presence.watch(socket, [bob.userId]);
    await sql`update sessions set revoked_at = now() where id = ${alice.sessionId}`;
    const before = asked;
    presence.take([{ kind: 'presence', userId: bob.userId, online: true }]);
    await expect.poll(() => asked).toBeGreaterThan(before);
    await expect(presence.watch(socket, [bob.userId])).rejects.toMatchObject({ code: 'session_revoked' });
    expect(socket.told).toEqual([]);
  });

  it('that nobody is logged in on may not watch', async () => {
    const socket = openSocket(alice);
    socket.speaker = undefined;
    await expect(presence.watch(socket, [bob.userId])).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('is told once of whoever comes with many sockets, and goes with the last of them', async () => {
    const socket = openSocket(alice);
    await presence.watch(socket, [bob.userId]);
    const sockets = Array.from({ length: 5 }, () => openSocket(bob));
    for (const each of sockets) presence.noteSpeaker(each);
    await expect.poll(() => socket.told).toMatchObject([{ online: true }]);
    for (const each of sockets) {
      each.speaker = undefined;
      presence.noteSpeaker(each);
    }
    await expect.poll(() => published.length).toBe(2);
    await expect.poll(() => socket.told).toMatchObject([{ online: true }, { online: false }]);
  });
});
