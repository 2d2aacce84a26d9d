import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openBusPool, openPool, type Sql } from '../../src/server/db/client.ts';
import { Bus, type Hint } from '../../src/server/realtime/bus.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let admin: Sql;

beforeAll(async () => {
  database = await createDatabase();
  admin = openPool(database.url, 1);
});
afterAll(async () => {
  await admin.end();
  await database[Symbol.asyncDispose]();
});

/** The bus of a node, with what it heard; it ends with the test. */
async function startBus() {
  const hints: Hint[] = [];
  const gaps: boolean[] = [];
  const bus = new Bus({ open: (name) => openBusPool(database.url, name), log: pino({ level: 'silent' }) });
  onTestFinished(() => bus[Symbol.asyncDispose]());
  await bus.start({
    onHint: (hint) => void hints.push(hint),
    onGap: (hasOthers) => void gaps.push(hasOthers),
    onTick: () => undefined,
  });
  return { bus, hints, gaps };
}

const ownChanged = () => ({ kind: 'own_changed', chatId: randomUUID(), userId: randomUUID() }) as const;

const end = (name: string) =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like ${name}`;

it('a node that was alone tells one that came a moment ago', async () => {
  const old = await startBus();
  const young = await startBus();
  await expect.poll(() => old.hints).toEqual([{ node: young.bus.nodeId }]);
  const live = ownChanged();
  old.bus.tellLive(live);
  await expect.poll(() => young.hints).toEqual([{ node: old.bus.nodeId, live: [live] }]);
});

it('a hint outlives the connection that was to take it', async () => {
  const [one, two] = [await startBus(), await startBus()];
  await expect.poll(() => one.hints).toEqual([{ node: two.bus.nodeId }]);
  for (let i = 0; i < 3; i++) {
    await end('messenger teller');
    const live = ownChanged();
    one.bus.tellLive(live);
    await expect.poll(() => two.hints).toContainEqual({ node: one.bus.nodeId, live: [live] });
  }
});

it('who did not hear for a moment is told, and whether anybody was there to be heard', async () => {
  const one = await startBus();
  await end('messenger bus %');
  await expect.poll(() => one.gaps).toEqual([false]);
  const two = await startBus();
  await end(`messenger bus ${two.bus.nodeId}`);
  await expect.poll(() => two.gaps).toEqual([true]);
});
