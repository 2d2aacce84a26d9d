import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { readMetric } from '../support/metric.ts';
import { createWorld } from '../support/world.ts';

const names = ['idle-connections', 'idle-server'] as const;

/** Resident memory of the whole server process in bytes, as it tells its operators. The least of some seconds: what garbage there was may have gone. */
async function readSettledMemory(port: number, seconds: number): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < seconds; i++) {
    least = Math.min(least, await readMetric(port, 'process_resident_memory_bytes'));
    await sleep(1_000);
  }
  return least;
}

/** People with a token and ten chats each, every one with one socket that says nothing. */
async function run(context: Context): Promise<void> {
  const people = context.quick ? 2_000 : 10_000;
  await using database = await context.createDatabase();
  await createWorld(database.url, { people, chats: people, members: 10, step: 1 });
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, {});
  const seconds = context.quick ? 2 : 10;
  const before = await readSettledMemory(server.port, seconds);
  await load.ask('openIdle', { port: server.port, people });
  const after = await readSettledMemory(server.port, seconds);
  const limitedBy = `${people} sockets of as many people, 10 chats each; empty server ${Math.round(before / 1e6)} MB`;
  const shared = { reference: null, limitedBy };
  if (context.wants('idle-connections'))
    context.report({
      ...shared,
      name: 'idle-connections',
      value: (after - before) / people / 1_000,
      unit: 'kB each',
      reach: { of: 'value', atMost: 12 },
    });
  if (context.wants('idle-server'))
    context.report({
      ...shared,
      name: 'idle-server',
      value: after / 1e6,
      unit: 'MB',
      reach: { of: 'value', atMost: 250 },
    });
}

export const idleFamily: Family = { names, run };
