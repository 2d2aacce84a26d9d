import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, readConfig } from '../../src/server/config.ts';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { migrate } from '../../src/server/db/migrate.ts';
import { shareDatabase } from '../../src/server/db/provision.ts';

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
 * to stderr, so that a command's output stays its own.
 * @throws StartError with reason and remedy when the database cannot be had.
 */
export async function withDatabase<T>(
  env: NodeJS.ProcessEnv,
  work: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  const config = readConfig(existsSync('.env') ? { ...parseEnv(readFileSync('.env', 'utf8')), ...env } : env);
  const provision = await shareDatabase({ config, log: (text) => void process.stderr.write(`${text}\n`) });
  const stopNow = (): void => provision.stopNow();
  process.once('exit', stopNow);
  // Without this a signal would end the process, and an embedded PostgreSQL that it started would stay behind.
  const handlers = endings.map(([signal, code]) => [signal, () => process.exit(code)] as const);
  for (const [signal, end] of handlers) process.on(signal, end);
  try {
    await migrate(provision.url);
    const sql = openPool(provision.url, 1);
    try {
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
