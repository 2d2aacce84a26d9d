import { openPool, type Sql } from '../../../src/server/db/client.ts';
import { getProfile, searchPeople } from '../../../src/server/users/queries.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, idOf, openMaker } from '../support/world.ts';

/** Reading a profile and searching among many people, beside one row by its primary key. */
const names = ['profile-read', 'user-search-p99'] as const;

const people = { all: 100_000, quick: 20_000 };
/** Names of which each word is shared by many, as people's are. */
const firstNames = ['Анна', 'Пётр', 'Ёлка', 'Alice', 'Bob', 'Мария', 'Ivan', 'Жанна'];
const viewer = { userId: idOf('user', 0), sessionId: idOf('session', 0) };

async function giveNames(url: string): Promise<void> {
  const sql = openMaker(url);
  await sql.unsafe(`
    update users set username = 'user' || right(id::text, 8),
      name = (array[${firstNames.map((name) => `'${name}'`).join(', ')}])[1 + get_byte(uuid_send(id), 15) % ${firstNames.length}]
        || ' ' || substr(md5(id::text), 1, 8)`);
  await sql.unsafe('vacuum analyze');
  await sql.end({ timeout: 5 });
}

/** How long each of so many calls takes, in milliseconds. */
async function timeEach(count: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await call(i);
    times.push(performance.now() - startedAt);
  }
  return times;
}

const p99 = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;

const readRow = (sql: Sql, n: number) =>
  sql`select id, name, username, about, avatar, last_seen_at from users where id = ${idOf('user', n)}`;

/** What people type: the beginnings of names, of usernames, and of both words. */
const typed = ['пет', 'Ел', 'alice', 'user0000', 'анна 7f', 'мария a1b', 'iv', 'жанна'];

async function run(context: Context): Promise<void> {
  const all = context.quick ? people.quick : people.all;
  await using database = await context.createDatabase();
  context.say(`  making ${all} people`);
  await createWorld(database.url, { people: all, chats: 1, members: 3, step: 1 });
  await giveNames(database.url);
  const sql = openPool(database.url, 1);
  const personOf = (i: number): number => (i * 7_919) % all;
  const calls = {
    'profile-read': (i: number) => getProfile(sql, { ...viewer, personId: idOf('user', personOf(i)) }),
    'user-search-p99': (i: number) => searchPeople(sql, { ...viewer, text: typed[i % typed.length]!, limit: 20 }),
  };
  for (const name of names.filter((wanted) => context.wants(wanted))) {
    const stop = startMeter({ postmaster: context.postmaster });
    const rounds = context.rounds.rounds * 2;
    const [values, references]: [number[], number[]] = [[], []];
    const summary = name === 'profile-read' ? median : p99;
    for (let round = 0; round < rounds; round++) {
      values.push(summary(await timeEach(400, calls[name])));
      references.push(summary(await timeEach(400, (i) => readRow(sql, personOf(i)))));
    }
    const usage = stop();
    context.report({
      name,
      value: median(values),
      unit: 'ms',
      reference: median(references),
      reach: { of: 'ratio', atMost: 3 },
      cpuMicros: (toTotalMs(usage) * 1_000) / (rounds * 800),
      limitedBy: toLimit(toShares([usage])),
    });
  }
  await sql.end({ timeout: 5 });
}

export const peopleFamily: Family = { names, run };
