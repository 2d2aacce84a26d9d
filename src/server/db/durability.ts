import postgres from 'postgres';
import { StartError } from '../start-error.ts';

/** What a PostgreSQL promises about what it has acknowledged. */
export interface Durability {
  /** For instance 18.4. */
  version: string;
  /** The settings that let it lose acknowledged messages; empty on a database that keeps its word. */
  unsafeSettings: string[];
}

const oldestVersion = 15;

/**
 * Looks at the database before it is used.
 * @throws StartError when it is too old, read-only or not UTF-8, or may lose what it acknowledged and `allowUnsafe` is false.
 */
export async function checkDurability(url: string, { allowUnsafe }: { allowUnsafe: boolean }): Promise<Durability> {
  const facts = await readFacts(url);
  if (facts.versionNumber < oldestVersion * 10_000) {
    throw new StartError(
      `The database is PostgreSQL ${facts.version}; PostgreSQL ${oldestVersion} or newer is needed. Upgrade it, or unset DATABASE_URL for the embedded one.`,
    );
  }
  if (facts.readOnly) throw new StartError('The database is a read-only standby. Point DATABASE_URL at the primary.');
  if (facts.encoding !== 'UTF8')
    throw new StartError(
      `The database has the encoding ${facts.encoding}. Make one with: create database messenger encoding 'UTF8' template template0;`,
    );
  const unsafeSettings = (['fsync', 'full_page_writes', 'synchronous_commit'] as const).filter(
    (name) => facts[name] === 'off',
  );
  if (unsafeSettings.length > 0 && !allowUnsafe) {
    throw new StartError(
      `The database may lose acknowledged messages: ${unsafeSettings.map((name) => `${name} is off`).join(', ')}.\n` +
        `Turn on what is off: ${unsafeSettings.map((name) => `alter system set ${name} = on;`).join(' ')} select pg_reload_conf(); (or, when set there, for the role or the database).\n` +
        'Only for data that may be lost: UNSAFE_DURABILITY=1.',
    );
  }
  return { version: facts.version, unsafeSettings };
}

interface Facts {
  versionNumber: number;
  version: string;
  readOnly: boolean;
  encoding: string;
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
}

async function readFacts(url: string): Promise<Facts> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    const [facts] = await sql<[Facts]>`
      select current_setting('server_version_num')::int as "versionNumber",
             split_part(current_setting('server_version'), ' ', 1) as version,
             pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "readOnly",
             current_setting('server_encoding') as encoding,
             current_setting('fsync') as fsync,
             current_setting('full_page_writes') as full_page_writes,
             current_setting('synchronous_commit') as synchronous_commit`;
    return facts;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
