import { randomUUID } from 'node:crypto';
import pino from 'pino';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { Subscriptions } from '../../src/server/chats/subscriptions.ts';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { isChatEvent } from '../../src/server/realtime/events.ts';
import { Hub } from '../../src/server/realtime/hub.ts';
import { Desk } from '../messages/desk.ts';
import { createActor, createActors, createGroup, logIn, messageFrame } from '../support/cast.ts';
import { createDatabase } from '../support/database.ts';
import { Listener } from '../support/listener.ts';
import { DatabaseProxy } from '../support/proxy.ts';
import { startTestServer } from '../support/server.ts';

const createSubscriptions = (
  sql: Sql,
  hub: Hub,
  originOf = (_id: string): object | undefined => undefined,
): Subscriptions =>
  new Subscriptions({
    sql,
    hub,
    log: pino({ level: 'silent' }),
    names: { has: () => true, load: () => Promise.resolve() },
    originOf,
  });

it('a new chat is heard of although the database broke off when the chats were read', async () => {
  await using desk = await Desk.open();
  const { bob } = desk;
  const sql = postgres(desk.url, { max: 1 });
  using hub = new Hub({ metrics: createMetrics() });
  using subscriptions = createSubscriptions(sql, hub);
  await subscriptions.attach(hub.enter(bob.userId));

  const chatId = await desk.makeGroup();
  await desk.sql.begin(async (blocking) => {
    await blocking`lock table memberships`;
    subscriptions.hearOfPeople([bob.userId]);
    const breakOff = () =>
      desk.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(breakOff).toHaveLength(1);
  });
  await expect.poll(() => subscriptions.chatIds).toEqual([chatId]);
  await sql.end({ timeout: 1 });
});

it('a message that is read before its call was answered is acknowledged to the socket it came through, and not told', async () => {
  await using database = await createDatabase();
  await using road = await DatabaseProxy.open(database.url);
  await using server = await startTestServer({ database: road });
  const [alice, bob, carol] = await Promise.all(['Alice', 'Bob', 'Carol'].map((name) => createActor(server, name)));
  const { chatId } = await createGroup(server, [alice!, bob!, carol!]);
  const [a, b] = [await logIn(server, alice!), await logIn(server, bob!)];
  const [text, clientId] = [randomUUID(), randomUUID()];

  const release = road.holdRepliesTo(text);
  a.send(messageFrame(alice!, chatId, text, clientId));
  const sql = postgres(database.url, { max: 1 });
  await expect.poll(() => sql`select from messages where text = ${text}`).toHaveLength(1);
  await sql.end();
  // Whoever logs in has the chat read.
  const c = await logIn(server, carol!);
  await b.until('the message', () => b.unread.some((frame) => frame.includes(text)));
  release();
  expect(await a.next()).toMatchObject({ client_id: clientId });
  await a.expectNothingElse();
  await Promise.all([a, b, c].map((socket) => socket.close()));
});

describe('where a login reads a change before the call that made it was answered', () => {
  it('who became a member by it hears of the chat', async () => {
    await using database = await createDatabase();
    await using road = await DatabaseProxy.open(database.url);
    await using server = await startTestServer({ database: road });
    const [alice, bob, carol] = await createActors(server, 'Alice', 'Bob', 'Carol');
    const b = await logIn(server, bob);

    const name = randomUUID();
    const release = road.holdRepliesTo(name);
    const creating = createGroup(server, [alice, bob, carol], name);
    const sql = postgres(database.url, { max: 1 });
    await expect.poll(() => sql`select from groups where name = ${name}`).toHaveLength(1);
    await sql.end();
    // The chat is heard of from now on: by her.
    const c = await logIn(server, carol);
    release();
    const { chatId } = await creating;
    await b.until('the group', () => b.unread.some((frame) => frame.includes(name)));
    c.send(messageFrame(carol, chatId, 'hello'));
    await b.until('the message', () => b.unread.some((frame) => frame.includes('hello')));
    await Promise.all([b, c].map((socket) => socket.close()));
  });

  it('who was removed by it is not subscribed by what was read before', async () => {
    await using desk = await Desk.open();
    const { alice, bob, carol } = desk;
    const chatId = await desk.makeGroup();
    await using road = await DatabaseProxy.open(desk.url);
    const sql = openPool(road.url, 2);
    using hub = new Hub({ metrics: createMetrics() });
    using subscriptions = createSubscriptions(sql, hub);
    const [b, c] = [hub.enter(bob.userId), hub.enter(carol.userId)];

    const release = road.holdRepliesTo(bob.userId);
    const ready = subscriptions.attach(b);
    const asked =
      () => desk.sql`select from pg_stat_activity where query like '%joined_version%' and pid <> pg_backend_pid()
      and datname = current_database() and state = 'idle'`;
    await expect.poll(asked).toHaveLength(1);
    await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
    await subscriptions.attach(c);
    subscriptions.publish(desk.published.filter((event) => isChatEvent(event)));
    release();
    await ready;
    expect(subscriptions.chatIds).toEqual([chatId]);
    // Nobody but Carol heard of the chat.
    subscriptions.detach(c);
    expect(subscriptions.chatIds).toEqual([]);
    await sql.end({ timeout: 1 });
  });
});

/** Bob, who has a socket, and Carol; what they are in is read over a road, one question at a time. */
async function openStage() {
  const desk = await Desk.open();
  const road = await DatabaseProxy.open(desk.url);
  const sql = openPool(road.url, 1);
  const hub = new Hub({ metrics: createMetrics() });
  const subscriptions = createSubscriptions(sql, hub);
  const { alice, bob, carol } = desk;
  const [b, c] = [hub.enter(bob.userId), hub.enter(carol.userId)];
  const listener = await Listener.open(b);
  return {
    desk,
    alice,
    bob,
    road,
    sql,
    subscriptions,
    listener,
    b,
    c,
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      subscriptions[Symbol.dispose]();
      hub[Symbol.dispose]();
      await sql.end({ timeout: 1 });
      await road[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}

describe('whom another node made a member of a chat that is further already', () => {
  it('hears of their removal, and of nothing after it', async () => {
    await using stage = await openStage();
    const { desk, alice, bob, road, subscriptions, listener, b, c } = stage;
    await subscriptions.attach(b);
    const chatId = await desk.makeGroup();
    await subscriptions.attach(c);

    const release = road.holdRepliesTo(bob.userId);
    subscriptions.hearOfPeople([bob.userId]);
    await expect.poll(() => road.held).toBe(1);
    await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
    await desk.say(alice, chatId, 'among ourselves');
    release();
    await expect.poll(() => listener.heard).toEqual(['group_created', 'member_removed']);
    await desk.say(alice, chatId, 'still among ourselves');
    subscriptions.publish(desk.published.filter((event) => isChatEvent(event)));
    expect(await listener.all()).toHaveLength(2);
    subscriptions.detach(c);
    expect(subscriptions.chatIds).toEqual([]);
  });

  it('hears of their removal, although the others are told of it while what was before is read', async () => {
    await using stage = await openStage();
    const { desk, alice, bob, road, subscriptions, listener, b, c } = stage;
    await subscriptions.attach(b);
    const chatId = await desk.makeGroup();
    await desk.say(alice, chatId, 'welcome');
    await subscriptions.attach(c);

    // Asked for when it is known that he is a member.
    const release = road.holdRepliesTo('message_json');
    subscriptions.hearOfPeople([bob.userId]);
    await expect.poll(() => road.held).toBe(1);
    desk.published = [];
    await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
    subscriptions.publish(desk.published.filter((event) => isChatEvent(event)));
    release();
    await expect.poll(() => listener.heard.at(-1)).toBe('member_removed');
    subscriptions.detach(c);
    expect(subscriptions.chatIds).toEqual([]);
  });

  it('hears of the chat when they come back while their removal is read', async () => {
    await using stage = await openStage();
    const { desk, alice, bob, road, sql, subscriptions, listener, b, c } = stage;
    await subscriptions.attach(b);
    const chatId = await desk.makeGroup();
    await subscriptions.attach(c);
    // Once prepared, a statement is carried out when it is asked for.
    subscriptions.hear(chatId);
    await sql`select`;

    const releaseChats = road.holdRepliesTo(bob.userId);
    subscriptions.hearOfPeople([bob.userId]);
    await expect.poll(() => road.held).toBe(1);
    await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
    releaseChats();
    const release = road.holdRepliesTo(chatId);
    await expect.poll(() => road.held).toBe(1);
    await desk.chats.addMembers({ ...alice, chatId, users: [bob.userId] });
    await desk.say(alice, chatId, 'welcome back');
    subscriptions.publish(desk.published.filter((event) => isChatEvent(event)));
    release();
    await expect.poll(() => listener.heard).toEqual(['group_created', 'member_removed', 'members_added', 'message']);
  });

  it('is not told a message of theirs that waits for its ack', async () => {
    await using desk = await Desk.open();
    const { bob, carol } = desk;
    using hub = new Hub({ metrics: createMetrics() });
    const [b, c] = [hub.enter(bob.userId), hub.enter(carol.userId)];
    await using listener = await Listener.open(b);
    using subscriptions = createSubscriptions(desk.sql, hub, () => listener.connection);
    await subscriptions.attach(b);
    const chatId = await desk.makeGroup();
    await desk.say(bob, chatId, 'hello');
    await subscriptions.attach(c);
    subscriptions.hearOfPeople([bob.userId]);
    await expect.poll(() => listener.heard).toContain('group_created');
    expect(await listener.all()).not.toContain('message');
  });
});
