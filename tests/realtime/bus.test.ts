import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openBusPool, openPool, type Sql } from '../../src/server/db/client.ts';
import { Bus } from '../../src/server/realtime/bus.ts';
import type { Hint } from '../../src/server/realtime/hint.ts';
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
async function startBus({ lookEveryMs = 200, isMute = (): boolean => false } = {}) {
  const hints: Hint[] = [];
  const gaps: boolean[] = [];
  let looks = 0;
  let ticks = 0;
  const open = (name: string): Sql =>
    new Proxy(openBusPool(database.url, name), {
      apply(target, _self, args: [TemplateStringsArray, ...string[]]) {
        const text = args[0].join('');
        if (text.includes('pg_stat_activity')) looks++;
        if (text.includes('pg_notify') && isMute()) return Promise.reject(new Error('mute'));
        return target(...args);
      },
    });
  const bus = new Bus({ open, log: pino({ level: 'silent' }), lookEveryMs });
  onTestFinished(() => bus[Symbol.asyncDispose]());
  await bus.start({
    onHint: (hint) => void hints.push(hint),
    onGap: (hasOthers) => void gaps.push(hasOthers),
    onTick: () => void ticks++,
  });
  return {
    bus,
    hints,
    gaps,
    /** Waits until it takes itself to be alone: it has looked around, and looks once more, without having compared. */
    untilAlone: () => expect.poll(() => looks - ticks).toBeGreaterThan(1),
  };
}

const ownChanged = () => ({ kind: 'own_changed', chatId: randomUUID(), userId: randomUUID() }) as const;

const end = (name: string) =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like ${name}`;

it('a node that was alone tells one that came a moment ago', async () => {
  const old = await startBus();
  await old.untilAlone();
  const young = await startBus();
  await expect.poll(() => old.hints).toEqual([{ node: young.bus.nodeId }]);
  const live = ownChanged();
  old.bus.tellLive(live);
  await expect.poll(() => young.hints).toEqual([{ node: old.bus.nodeId, live: [live] }]);
});

it('who did not hear for a moment is told, and that nobody was there to be heard', async () => {
  const one = await startBus();
  await one.untilAlone();
  await end('messenger bus %');
  await expect.poll(() => one.gaps).toContain(false);
});

it('two that were cut at once know of each other, and what one tells then is heard by the other', async () => {
  // Longer than it takes to listen again where much is going on. Who hears does not look: found deaf in two of the cuts it
  // would listen anew at any moment, and miss what is told then.
  const [one, two] = [await startBus({ lookEveryMs: 1_000 }), await startBus({ lookEveryMs: 60_000 })];
  await expect.poll(() => one.hints).toEqual([{ node: two.bus.nodeId }]);
  for (let i = 0; i < 5; i++) {
    const before = [one.gaps.length, two.gaps.length] as const;
    await end('messenger bus %');
    await expect.poll(() => one.gaps.length > before[0] && two.gaps.length > before[1]).toBe(true);
    const live = ownChanged();
    one.bus.tellLive(live);
    await expect.poll(() => two.hints).toContainEqual({ node: one.bus.nodeId, live: [live] });
  }
  expect(new Set([...one.gaps, ...two.gaps])).toEqual(new Set([true]));
});

it('that people are called otherwise is told again where it could not be told', async () => {
  let [isMute, refused] = [true, 0];
  const one = await startBus({ isMute: () => isMute && ++refused > 0 });
  const two = await startBus();
  await expect.poll(() => one.hints).toEqual([{ node: two.bus.nodeId }]);
  const [userId, before] = [randomUUID(), refused];
  one.bus.tellRenamed([userId]);
  await expect.poll(() => refused).toBeGreaterThan(before);
  isMute = false;
  await expect.poll(() => two.hints).toContainEqual({ node: one.bus.nodeId, renamed: [userId] });
});
