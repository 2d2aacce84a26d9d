import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { type Parties, startMeter, toShares, type Usage } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, fillChats, openMaker, readAll, touchChats, type World } from '../support/world.ts';

/** Somebody with many chats comes back. */
const name = 'resume-cpu';

const changed = 20;
/** Chats a page of the list. */
const limit = 200;

/** Transactions that a database has committed, as its backends have told by now: each tells once a second. */
async function countTransactions(url: string): Promise<number> {
  const sql = openMaker(url);
  await sql.unsafe('select pg_sleep(1.5)');
  const [row] = await sql<{ n: number }[]>`
    select xact_commit::int as n from pg_stat_database where datname = current_database()`;
  await sql.end({ timeout: 5 });
  return row!.n;
}

/** What was done, and what that took. */
class Tally {
  readonly usages: Usage[] = [];
  readonly #cpuMs: number[] = [];
  done = 0;

  async add<T extends { done: number }>(parties: Parties, work: () => Promise<T>): Promise<T> {
    const stop = startMeter(parties);
    const result = await work();
    const usage = stop();
    this.usages.push(usage);
    this.#cpuMs.push((usage.serverMs + (usage.postgresMs ?? 0)) / result.done);
    this.done += result.done;
    return result;
  }

  /** CPU of server and PostgreSQL for each: the middle of the rounds. */
  get cpuMs(): number {
    return median(this.#cpuMs);
  }
}

/** CPU of server and PostgreSQL, by turns with reading the whole list, which a client without a token has to do. */
async function run(context: Context): Promise<void> {
  const chats = context.quick ? 100 : 500;
  await using database = await context.createDatabase();
  const world: World = { people: 10, chats, members: 10, step: 1 };
  await createWorld(database.url, world);
  await fillChats(database.url, world, { from: 0, to: chats, messages: 200 });
  await readAll(database.url);
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  const token = await load.ask('openCatchUp', { port: server.port, person: 0 });
  await touchChats(database.url, changed);
  const { ms, rounds } = context.rounds;
  await load.ask('resume', { token, ms });
  await load.ask('listAll', { ms, limit });
  const parties = { server: [server.pid], load: [load.pid], postmaster: context.postmaster };
  const [resumes, lists] = [new Tally(), new Tally()];
  const before = await countTransactions(database.url);
  let frames = 0;
  for (let i = 0; i < rounds; i++) {
    const resumed = await resumes.add(parties, () => load.ask('resume', { token, ms }));
    if (resumed.chats !== changed) throw new Error(`${name}: ${resumed.chats} chats were told, not ${changed}`);
    frames += resumed.frames;
    await lists.add(parties, () => load.ask('listAll', { ms: ms / 2, limit }));
  }
  const transactions = (await countTransactions(database.url)) - before - lists.done * Math.ceil(chats / limit);
  const each = [frames, transactions].map((n) => (n / resumes.done).toFixed(2));
  context.report({
    name,
    value: resumes.cpuMs,
    unit: 'ms CPU',
    reference: lists.cpuMs,
    reach: { of: 'value', atMost: 2 },
    limitedBy: `${toLimit(toShares(resumes.usages))}; ${changed} of ${chats} chats, ${each[0]} frames and ${each[1]} transactions each`,
  });
}

export const resumeFamily: Family = { names: [name], run };
