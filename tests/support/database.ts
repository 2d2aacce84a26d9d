import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { dropDatabase } from '../../scripts/bench/support/drop-database.ts';

export const templateName = 'messenger_template';

/** The same server, another database; also for URLs whose host is a socket folder in the query. */
export function withDatabaseName(url: string, name: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?]*)(\/[^?]*)?/, (_all, base: string) => `${base}/${name}`);
}

export interface TestDatabase extends AsyncDisposable {
  url: string;
}

interface DatabaseOptions {
  /** Default true; false: without any table. */
  migrated?: boolean;
  /** The name of the database it is a copy of, which nobody is connected to; default: an empty one. */
  template?: string;
}

/** A database of its own, dropped when disposed. */
export async function createDatabase({
  migrated = true,
  template = migrated ? templateName : 'template1',
}: DatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string): Promise<void> => {
    const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined });
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  await run(`create database ${name} template ${template}`);
  return {
    url: withDatabaseName(adminUrl, name),
    [Symbol.asyncDispose]: () => dropDatabase(name, run),
  };
}
