import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { limits } from '../../protocol/limits.ts';
import { fromArray, toTextArray } from './arrays.ts';
import * as schema from './schema.ts';

export type Sql = postgres.Sql;
export type Database = PostgresJsDatabase<typeof schema>;

const arrayType = (oid: number): postgres.PostgresType => ({
  to: oid,
  from: [oid],
  serialize: (value: readonly (string | null)[] | string) => (typeof value === 'string' ? value : toTextArray(value)),
  parse: fromArray,
});

/**
 * The driver would ask the database for its array types on each new connection, and when the connection dies meanwhile,
 * nobody catches that: the process would end. So it does not ask, and the types of arrays in use are named here.
 */
const shared = {
  fetch_types: false,
  types: { texts: arrayType(1009), uuids: arrayType(2951) },
  connect_timeout: 5,
  /** Seconds before the next try to connect: a database that is back is found at once. */
  backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 0.5),
  keep_alive: 10,
  max_lifetime: null,
  onnotice: () => undefined,
} satisfies postgres.Options<Record<string, postgres.PostgresType>>;

/**
 * Statements here look things up by key, so the plan that fits any value is the right one; made anew for each value, the
 * plan of a history page would cost as much as the page.
 */
const session = (name: string): Record<string, string | number | boolean> => ({
  application_name: name,
  plan_cache_mode: 'force_generic_plan',
  // A word, not a boolean: the driver leaves out what is falsy. A table that was empty when planned is not read whole later.
  enable_seqscan: 'off',
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  statement_timeout: limits.postgres.statementMs,
  lock_timeout: limits.postgres.lockMs,
  client_connection_check_interval: 1_000,
});

/** A pool for ordinary statements. */
export const openPool = (url: string, max: number = limits.postgres.poolConnections): Sql =>
  postgres(url, { ...shared, max, connection: session('messenger') });

/**
 * One connection of the write path. Its few statements are planned once, and never by a hash or merge join or a
 * sequential scan: an empty table at start-up must not decide how a full one is read.
 */
export const openWriter = (url: string): Sql =>
  postgres(url, {
    ...shared,
    max: 1,
    connection: {
      ...session('messenger writer'),
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      jit: 'off',
    },
  });

/** A connection of the road between nodes, known to the others by its name. */
export const openBusPool = (url: string, name: string): Sql =>
  postgres(url, { ...shared, max: 1, connection: session(name) });

/** The Drizzle view of a pool. It changes the pool's parsers, so the pool belongs to it alone: pass one of its own. */
export const openDatabase = (url: string, max?: number): { db: Database; close(): Promise<void> } => {
  const pool = openPool(url, max);
  return { db: drizzle(pool, { schema }), close: () => pool.end({ timeout: 5 }) };
};
