import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import postgres from 'postgres';
import { checkDurability } from '../../../src/server/db/durability.ts';
import { startEmbedded } from '../../../src/server/db/embedded.ts';
import { migrate } from '../../../src/server/db/migrate.ts';
import type { BenchDatabase } from './context.ts';
import { findParent } from './cpu.ts';
import { dropDatabase } from './drop-database.ts';

export interface BenchPostgres extends AsyncDisposable {
  version: string;
  folder: string;
  postmaster: number | undefined;
  createDatabase(): Promise<BenchDatabase>;
}

const withName = (url: string, name: string): string =>
  url.replace(/^([a-z]+:\/\/[^/?]*)(\/[^?]*)?/, (_all, base: string) => `${base}/${name}`);

/**
 * The embedded PostgreSQL in a temporary folder, or that of DATABASE_URL, where it makes and drops databases of its own.
 * Refuses one that does not keep what it acknowledged: its figures would mean nothing.
 */
export async function openPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'messenger-bench-'));
  const given = process.env['DATABASE_URL'];
  const embedded =
    given === undefined || given === '' ? await startEmbedded({ dataDir: folder, log: () => undefined }) : undefined;
  const stopNow = (): void => embedded?.stopNow();
  process.once('exit', stopNow);
  const adminUrl = embedded?.url ?? given!;
  const { version } = await checkDurability(adminUrl, { allowUnsafe: false });
  const names = new Set<string>();
  const drop = async (name: string): Promise<void> => {
    if (names.delete(name)) await dropDatabase(name, (statement) => run(adminUrl, statement));
  };
  return {
    version,
    folder,
    postmaster: await findPostmasterPid(adminUrl),
    async createDatabase() {
      const name = `bench_${randomBytes(6).toString('hex')}`;
      names.add(name);
      await run(adminUrl, `create database ${name}`);
      const url = withName(adminUrl, name);
      await migrate(url);
      return { url, [Symbol.asyncDispose]: () => drop(name) };
    },
    async [Symbol.asyncDispose]() {
      for (const name of names) await drop(name);
      await embedded?.stop();
      process.off('exit', stopNow);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Undefined when PostgreSQL runs on another machine, or where the system tells nothing of processes. */
async function findPostmasterPid(url: string): Promise<number | undefined> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    return row && isPostgres(row.pid) ? findParent(row.pid) : undefined;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}
