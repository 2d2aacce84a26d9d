import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { createDatabase, withDatabaseName } from '../support/database.ts';

interface ToolDatabase extends AsyncDisposable {
  url: string;
  sql: Sql;
}

export interface PreparedDatabase extends AsyncDisposable {
  /** A copy of its own, dropped when disposed. */
  clone(): Promise<ToolDatabase>;
}

/** A migrated database, filled once by `prepare`, of which every test gets a copy. */
export async function prepareDatabase(
  prepare: (sql: Sql, url: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<PreparedDatabase> {
  const prepared = await createDatabase();
  const filling = openPool(prepared.url, 1);
  await prepare(filling, prepared.url);
  await filling.end();
  const template = new URL(prepared.url).pathname.slice(1);
  const admin = postgres(inject('adminUrl'), { max: 1, onnotice: () => undefined });
  return {
    async clone() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await admin`create database ${admin(name)} template ${admin(template)}`;
      const url = withDatabaseName(prepared.url, name);
      const sql = openPool(url, 3);
      return {
        url,
        sql,
        async [Symbol.asyncDispose]() {
          await sql.end({ timeout: 5 });
          await admin`drop database ${admin(name)} with (force)`;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await admin.end({ timeout: 5 });
      await prepared[Symbol.asyncDispose]();
    },
  };
}
