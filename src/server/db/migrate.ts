import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { z } from 'zod';
import type { Sql } from './client.ts';

/** Any number, the same in every node: who holds it migrates, the others wait and find nothing left to do. */
const lockKey = 7_300_117;

const journal = z.object({ entries: z.array(z.object({ when: z.number() })) });

/** The folder with the migrations: at the top of the package, both for `src` and for `dist/src`. */
export function findMigrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'drizzle');
    try {
      readFileSync(join(candidate, 'meta', '_journal.json'));
      return candidate;
    } catch {
      if (dirname(folder) === folder) throw new Error('the folder drizzle/ with the migrations is missing');
      folder = dirname(folder);
    }
  }
}

/** How many migrations this version of the server has. */
const countMigrations = (): number =>
  journal.parse(JSON.parse(readFileSync(join(findMigrationsFolder(), 'meta', '_journal.json'), 'utf8'))).entries.length;

/** Whether the database has the migrations of this version; it may have later ones, of a newer node. */
export async function isMigrated(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from drizzle.__drizzle_migrations`;
  return (row?.n ?? 0) >= countMigrations();
}

/** Brings the database to this version's schema; answers how many migrations were applied. Any number of nodes may call it at once. */
export async function migrate(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  const countApplied = async (): Promise<number> => {
    const [row] = await sql<
      { found: boolean }[]
    >`select to_regclass('drizzle.__drizzle_migrations') is not null as found`;
    if (!row?.found) return 0;
    const [count] = await sql<{ n: number }[]>`select count(*)::int as n from drizzle.__drizzle_migrations`;
    return count?.n ?? 0;
  };
  try {
    await sql`select pg_advisory_lock(${lockKey})`;
    const before = await countApplied();
    await applyMigrations(drizzle(sql), { migrationsFolder: findMigrationsFolder() }).catch(explain);
    return (await countApplied()) - before;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Drizzle's own message holds the whole SQL; what PostgreSQL said is below it. */
function explain(error: unknown): never {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  throw new Error(`The database could not be brought to this version: ${reason}`, { cause: error });
}
