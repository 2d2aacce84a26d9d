import pino from 'pino';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { Subscriptions } from '../../src/server/chats/subscriptions.ts';
import { createMetrics } from '../../src/server/metrics.ts';
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
