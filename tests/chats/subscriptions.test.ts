import pino from 'pino';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { Subscriptions } from '../../src/server/chats/subscriptions.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { Connection } from '../../src/server/realtime/connection.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { Hub } from '../../src/server/realtime/hub.ts';
import { Desk } from '../messages/desk.ts';

it('a new chat is heard of although the database broke off when the chats were read', async () => {
  await using desk = await Desk.open();
  const { bob } = desk;
  const sql = postgres(desk.url, { max: 1 });
  using hub = new Hub({ metrics: createMetrics() });
  const names = { has: () => true, load: () => Promise.resolve() };
  using subscriptions = new Subscriptions({ sql, hub, log: pino({ level: 'silent' }), names });
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

it('a message that is read before its call was answered is not told to the socket it came through', async () => {
  await using desk = await Desk.open();
  const { alice } = desk;
  const chatId = await desk.makeGroup();
  const sql = postgres(desk.url, { max: 1 });
  using hub = new Hub({ metrics: createMetrics() });
  const names = { has: () => true, load: () => Promise.resolve() };
  const listen = () => {
    const heard: ServerEvent[] = [];
    const deliverEvents = (_frames: Buffer, events: ServerEvent[]) => void heard.push(...events);
    const connection = { dialect: { echoes: false, encodeEvent: () => '{}' }, talk: {}, deliverEvents };
    return { heard, connection: connection as unknown as Connection };
  };
  const [sending, other] = [listen(), listen()];
  const sentIds: string[] = [];
  const originOf = (id: string) => (sentIds.includes(id) ? sending.connection : undefined);
  using subscriptions = new Subscriptions({ sql, hub, log: pino({ level: 'silent' }), names, originOf });
  const person = hub.enter(alice.userId);
  for (const { connection } of [sending, other]) person.connections.add(connection);
  await subscriptions.attach(person);

  sentIds.push((await desk.say(alice, chatId, 'Hello')).id);
  subscriptions.hear(chatId);
  await expect.poll(() => other.heard.length).toBe(1);
  expect(sending.heard).toEqual([]);
  await sql.end({ timeout: 1 });
});
