import { randomUUID } from 'node:crypto';
import pino from 'pino';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { Subscriptions } from '../../src/server/chats/subscriptions.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { Hub } from '../../src/server/realtime/hub.ts';
import { Desk } from '../messages/desk.ts';
import { createActor, createGroup, logIn, messageFrame } from '../support/cast.ts';
import { createDatabase } from '../support/database.ts';
import { DatabaseProxy } from '../support/proxy.ts';
import { startTestServer } from '../support/server.ts';

it('a new chat is heard of although the database broke off when the chats were read', async () => {
  await using desk = await Desk.open();
  const { bob } = desk;
  const sql = postgres(desk.url, { max: 1 });
  using hub = new Hub({ metrics: createMetrics() });
  const names = { has: () => true, load: () => Promise.resolve() };
  using subscriptions = new Subscriptions({
    sql,
    hub,
    log: pino({ level: 'silent' }),
    names,
    originOf: () => undefined,
  });
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
