import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runScript } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs } from '../support/cpu.ts';
import { toLimit } from '../support/result.ts';

const name = 'populate-1m';

/** The command itself, from a file on disk into an empty database. */
async function run(context: Context): Promise<void> {
  const [people, messages] = context.quick ? [20, 20_000] : [1_000, 1_000_000];
  const file = join(context.folder, 'people.json');
  context.say(`  writing a file of ${messages} messages`);
  const sizes = ['--users', `${people}`, '--chats', `${people}`, '--messages', `${messages}`, '--seed', '1'];
  await runScript('create_json', [file, ...sizes], {}).ended;
  await using database = await context.createDatabase();
  const startedAt = performance.now();
  const populate = runScript('populate', [file], { DATABASE_URL: database.url });
  const stop = startMeter({ server: [populate.pid], postmaster: context.postmaster });
  const beforeEnd = setInterval(() => (usage = stop()), 500);
  let usage = stop();
  await populate.ended;
  clearInterval(beforeEnd);
  const seconds = (performance.now() - startedAt) / 1_000;
  await rm(file);
  context.report({
    name,
    value: seconds,
    unit: 's',
    reference: null,
    reach: { of: 'value', atMost: 120 },
    cpuMicros: (toTotalMs(usage) * 1_000) / messages,
    limitedBy: `${toLimit(toShares([usage]))}; ${messages} messages of ${people} people`,
  });
}

export const populateFamily: Family = { names: [name], run };
