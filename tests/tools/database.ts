import { openPool, type Sql } from '../../src/server/db/client.ts';
import { createDatabase } from '../support/database.ts';

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
  return {
    async clone() {
      const copy = await createDatabase({ template });
      const sql = openPool(copy.url, 3);
      return {
        url: copy.url,
        sql,
        async [Symbol.asyncDispose]() {
          await sql.end({ timeout: 5 });
          await copy[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => prepared[Symbol.asyncDispose](),
  };
}
