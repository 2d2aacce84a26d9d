import { resolve } from 'node:path';
import { type Config, readConfig } from '../../src/server/config.ts';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { findPlace } from '../../src/server/db/embedded-place.ts';
import { countApplied, countMigrations, migrate } from '../../src/server/db/migrate.ts';
import { shareDatabase } from '../../src/server/db/provision.ts';
import { readEnvironment } from '../../src/server/environment.ts';
import { StartError } from '../../src/server/start-error.ts';

/** What a command beside the server works with. */
export interface OpenDatabase {
  /** One connection, with the server's settings. */
  sql: Sql;
  url: string;
  config: Config;
}

/** What a shell expects of a command that a signal ended. */
const endings = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/**
 * Runs `work` on the database that the environment (with `.env` below it) asks for, migrated: DATABASE_URL, else that of
 * the server that is up on DATA_DIR, else the embedded one, started for the time of the work. What is said meanwhile goes
 * to stderr, so that a command's output stays its own. `mustExist`: a mistyped DATA_DIR is refused and no database made there.
 * `onlyReads`: so too, and none is brought to this release.
 * @throws StartError with reason and remedy when the database cannot be had.
 */
export async function withDatabase<T>(
  env: NodeJS.ProcessEnv,
  work: (database: OpenDatabase) => Promise<T>,
  { onlyReads = false, mustExist = onlyReads }: { onlyReads?: boolean; mustExist?: boolean } = {},
): Promise<T> {
  const config = readConfig(readEnvironment(env));
  if (mustExist) await requireDatabase(config);
  const provision = await shareDatabase({ config, log: (text) => void process.stderr.write(`${text}\n`) });
  const stopNow = (): void => provision.stopNow();
  process.once('exit', stopNow);
  // Without this a signal would end the process, and an embedded PostgreSQL that it started would stay behind.
  const handlers = endings.map(([signal, code]) => [signal, () => process.exit(code)] as const);
  for (const [signal, end] of handlers) process.on(signal, end);
  try {
    if (!onlyReads) await migrate(provision.url);
    const sql = openPool(provision.url, 1);
    try {
      if (onlyReads) await requireSchema(sql);
      return await work({ sql, url: provision.url, config });
    } finally {
      await sql.end({ timeout: 5 });
    }
  } finally {
    await provision.stop();
    for (const [signal, end] of handlers) process.off(signal, end);
    process.off('exit', stopNow);
  }
}

async function requireDatabase({ databaseUrl, dataDir }: Config): Promise<void> {
  if (databaseUrl !== undefined || (await findPlace(dataDir)) !== undefined) return;
  throw new StartError(
    `There is no database in ${resolve(dataDir)}. Set DATA_DIR, or DATABASE_URL, to the one that is meant.`,
  );
}

async function requireSchema(sql: Sql): Promise<void> {
  const [applied, wanted] = [await countApplied(sql), countMigrations()];
  if (applied >= wanted) return;
  throw new StartError(
    applied === 0
      ? 'The database holds nothing of a messenger. Set DATABASE_URL, or DATA_DIR, to the one that is meant.'
      : `The database is of an older release: it has ${applied} of ${wanted} migrations. Use the command of that release, or start the server of this one first, which brings it up.`,
  );
}
