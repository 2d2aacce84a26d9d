import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { z } from 'zod';
import { StartError } from '../start-error.ts';
import type { Sql } from './client.ts';
import { codeOf } from './failure.ts';

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
export const countMigrations = (): number =>
  journal.parse(JSON.parse(readFileSync(join(findMigrationsFolder(), 'meta', '_journal.json'), 'utf8'))).entries.length;

/** Whether the database has the migrations of this version; it may have later ones, of a newer node. */
export async function isMigrated(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from drizzle.__drizzle_migrations`;
  return (row?.n ?? 0) >= countMigrations();
}

/**
 * How many migrations a database has; none when no server of ours ever started on it.
 * @throws StartError when the role may not look.
 */
export async function countApplied(sql: Sql): Promise<number> {
  try {
    const [row] = await sql<
      { found: boolean }[]
    >`select to_regclass('drizzle.__drizzle_migrations') is not null as found`;
    if (!row?.found) return 0;
    const [count] = await sql<{ n: number }[]>`select count(*)::int as n from drizzle.__drizzle_migrations`;
    return count?.n ?? 0;
  } catch (error) {
    throw toMissingRight(error) ?? error;
  }
}

/** Brings the database to this version's schema; answers how many migrations were applied. Any number of nodes may call it at once. */
export async function migrate(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    await sql`select pg_advisory_lock(${lockKey})`;
    const before = await countApplied(sql);
    await applyMigrations(drizzle(sql), { migrationsFolder: findMigrationsFolder() }).catch(explain);
    return (await countApplied(sql)) - before;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const insufficientPrivilege = '42501';

/** What PostgreSQL said; Drizzle's own message holds the whole SQL. */
const toReason = (error: unknown): string => {
  const said = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return said instanceof Error ? said.message : String(said);
};

const toMissingRight = (error: unknown): StartError | undefined =>
  codeOf(error) === insufficientPrivilege
    ? new StartError(
        `The role of DATABASE_URL may not use the database: ${toReason(error)}. It has to own the database and all that is in it: alter database … owner to …; and load a backup as this role.`,
        { cause: error },
      )
    : undefined;

function explain(error: unknown): never {
  throw (
    toMissingRight(error) ??
    new Error(`The database could not be brought to this version: ${toReason(error)}`, { cause: error })
  );
}
