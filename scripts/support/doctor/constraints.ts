import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type { Sql } from '../../../src/server/db/client.ts';
import * as schema from '../../../src/server/db/schema.ts';
import type { Finding } from './check.ts';

/** The names of everything that makes PostgreSQL itself refuse a wrong row. */
export function listConstraints(): string[] {
  return Object.values(schema)
    .filter((value) => value instanceof PgTable)
    .flatMap((table) => {
      const config = getTableConfig(table);
      return [
        ...config.indexes.filter((index) => index.config.unique).map((index) => index.config.name ?? ''),
        ...config.primaryKeys.map((key) => key.getName()),
        ...config.columns.filter((column) => column.primary).map(() => `${config.name}_pkey`),
        ...config.columns.flatMap((column) => (column.isUnique && column.uniqueName ? [column.uniqueName] : [])),
        ...config.foreignKeys.map((key) => key.getName()),
        ...config.checks.map((check) => check.name),
      ];
    });
}

/** Whether every one of them is there and in force: a broken index would let through what it should refuse. */
export async function findMissingConstraints(sql: Sql): Promise<Finding> {
  const names = listConstraints();
  const missing = await sql<{ subject: string }[]>`
    select name as subject from unnest(${names}::text[]) as name
     where not exists (select from pg_constraint c where c.conname = name and c.convalidated and c.connamespace = 'public'::regnamespace
             and (c.conindid = 0 or c.contype = 'f' or exists (select from pg_index i where i.indexrelid = c.conindid and i.indisvalid)))
       and not exists (select from pg_class c join pg_index i on i.indexrelid = c.oid
            where c.relname = name and c.relnamespace = 'public'::regnamespace and i.indisunique and i.indisvalid and i.indisready)`;
  return {
    name: 'every key and constraint of the schema is there and in force',
    looked: names.length,
    of: 'constraints',
    defects: missing.length,
    subjects: missing.map((row) => row.subject),
    isNote: false,
  };
}
