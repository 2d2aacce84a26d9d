import { openCredentials } from '../../../src/server/accounts/credentials.ts';
import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs, type Usage } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, openMaker } from '../support/world.ts';

const name = 'ack-p99-logins';
const sendsPerSecond = 500;
const loginsPerSecond = 20;

/** Everybody's password, as the load generator gives it. */
async function setPasswords(url: string): Promise<void> {
  await using credentials = openCredentials({ cost: 10 });
  const hash = await credentials.hash('the password of everybody');
  const sql = openMaker(url);
  await sql`update users set password_hash = ${hash}`;
  await sql.end({ timeout: 5 });
}

async function run(context: Context): Promise<void> {
  const people = 100;
  await using database = await context.createDatabase();
  await createWorld(database.url, { people, chats: people, members: 10, step: 1 });
  await setPasswords(database.url);
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  await load.ask('openPaced', { port: server.port, people });
  const ms = context.quick ? 1_500 : 5_000;
  const measure = (logins: number, forMs = ms) =>
    load.ask('runPaced', { ms: forMs, sendsPerSecond, loginsPerSecond: logins });
  await measure(loginsPerSecond, ms / 3);
  const withLogins: number[] = [];
  const without: number[] = [];
  const usages: Usage[] = [];
  let sends = 0;
  for (let i = 0; i < context.rounds.rounds; i++) {
    without.push((await measure(0)).p99Ms);
    const stop = startMeter({ server: [server.pid], load: [load.pid], postmaster: context.postmaster });
    const paced = await measure(loginsPerSecond);
    usages.push(stop());
    withLogins.push(paced.p99Ms);
    sends += paced.sends;
  }
  const cpuMs = usages.reduce((sum, usage) => sum + toTotalMs(usage), 0);
  context.report({
    name,
    value: median(withLogins),
    unit: 'ms p99',
    reference: median(without),
    reach: { of: 'ratio', atMost: 1.5 },
    cpuMicros: (cpuMs * 1_000) / sends,
    limitedBy: toLimit(toShares(usages)),
  });
}

export const loginsFamily: Family = { names: [name], run };
