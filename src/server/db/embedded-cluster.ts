import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { platform, totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StartError } from '../start-error.ts';
import { runAs } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';
import type { Place } from './embedded-place.ts';

/** The server's own role and database; `postgres` is the superuser that guards the cluster. All have one password. */
export const names = { role: 'messenger', database: 'messenger', superuser: 'postgres' } as const;

/**
 * Where the owner of a small machine would start. They are written into postgresql.conf when the cluster is made, and
 * the operator may change them there. Nothing here weakens durability: fsync, full_page_writes and synchronous_commit
 * keep their defaults, on.
 */
const settings = (): Record<string, string> => ({
  max_connections: '200',
  shared_buffers: totalmem() >= 3 * 2 ** 30 ? '256MB' : '64MB',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
});

type Cluster = Pick<Place, 'account' | 'cluster'> & { binaries: Binaries; password: string };

/**
 * Makes the cluster when there is none: built beside its place and renamed, so a crash in the middle leaves nothing by
 * half, and of two processes that do it at once one wins. Returns whether it was made now.
 */
export async function ensureCluster(cluster: Cluster): Promise<boolean> {
  if (await hasCluster(cluster)) return false;
  const draft = `${cluster.cluster}.new-${randomBytes(6).toString('hex')}`;
  await removeOldDrafts(cluster.cluster);
  try {
    await initialise(cluster, draft);
    setUp(cluster, draft);
    syncDraft(cluster, draft);
    // On Windows a rename does not replace an empty folder.
    await rmdir(cluster.cluster).catch(() => undefined);
    await rename(draft, cluster.cluster);
  } catch (error) {
    if (await hasCluster(cluster)) return false;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await syncFolder(dirname(cluster.cluster));
  return true;
}

/** Gives both roles a new password, for a cluster whose password file was lost. No server may run on it. */
export function resetPassword({ account, cluster, binaries, password }: Cluster): void {
  single(
    { account, binaries, folder: cluster },
    [names.role, names.superuser].map((role) => `alter role ${role} password '${password}'`),
  );
}

/**
 * Whether the folder holds a cluster that these binaries can read.
 * @throws StartError when it holds something else.
 */
export async function hasCluster({ cluster, binaries }: Pick<Cluster, 'cluster' | 'binaries'>): Promise<boolean> {
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) {
    const found = await readdir(cluster).catch(() => []);
    if (found.length === 0) return false;
    throw new StartError(
      `${cluster} is not empty, and not a PostgreSQL data folder either. Move it away, or choose another DATA_DIR.`,
    );
  }
  const major = Number.parseInt(version, 10);
  if (major > binaries.major) {
    throw new StartError(
      `${cluster} was written by PostgreSQL ${major}; this release brings ${binaries.major}. Start the newer release again.`,
    );
  }
  if (major < binaries.major) throw new StartError(toUpgradeAdvice(cluster, major, binaries.major));
  return true;
}

const toUpgradeAdvice = (cluster: string, old: number, major: number): string =>
  `${cluster} was written by PostgreSQL ${old}; this release brings PostgreSQL ${major}, which cannot read it. Nothing was changed. To move:
  1. Start the release that made it, and save everything: pg_dump --format=custom --file=messenger.dump "$(npm start --silent -- --database-url)"
  2. Stop it and move ${cluster} away.
  3. Start this release and load: pg_restore --no-owner --clean --if-exists --dbname="$(npm start --silent -- --database-url)" messenger.dump
  pg_dump and pg_restore of version ${major} are in the package postgresql-client-${major} of postgresql.org.`;

async function initialise({ account, binaries, password }: Cluster, draft: string): Promise<void> {
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  try {
    if (account.uid !== undefined && account.gid !== undefined) {
      await chown(passwordFile, account.uid, account.gid);
      await mkdir(draft, { mode: 0o700 });
      await chown(draft, account.uid, account.gid);
    }
    const { status, error, stderr } = runAs(account, binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${names.superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The builtin provider sorts alike on every system, so a folder that is moved keeps valid indexes.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums',
      '--no-sync',
      ...Object.entries(settings()).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ]);
    if (status !== 0)
      throw new StartError(`The database could not be made in ${dirname(draft)}: ${(error?.message ?? stderr).trim()}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Everything reaches the disk at once before the draft becomes the cluster; a thousand small waits take seconds. */
function syncDraft({ account, binaries }: Cluster, draft: string): void {
  const method = platform() === 'linux' ? ['--sync-method=syncfs'] : [];
  const { status, error, stderr } = runAs(account, binaries.initdb, [`--pgdata=${draft}`, '--sync-only', ...method]);
  if (status !== 0)
    throw new StartError(`The database in ${draft} could not be written: ${(error?.message ?? stderr).trim()}`);
}

/** Without waiting for the disk: the draft is synced as a whole afterwards. */
const setUp = ({ account, binaries, password }: Cluster, folder: string): void =>
  single({ account, binaries, folder, options: ['fsync=off'] }, [
    `create role ${names.role} login createdb password '${password}'`,
    `create database ${names.database} owner ${names.role}`,
  ]);

/** Runs statements in PostgreSQL's single-user mode: no network, no password, and nobody else can be in. */
function single(
  {
    account,
    binaries,
    folder,
    options = [],
  }: Pick<Cluster, 'account' | 'binaries'> & { folder: string; options?: string[] },
  statements: string[],
): void {
  // Errors in this mode end the process only when exit_on_error is on.
  const all = ['exit_on_error=on', 'log_min_messages=warning', ...options].flatMap((option) => ['-c', option]);
  const args = ['--single', '-D', folder, ...all, names.superuser];
  const { status, error, stderr } = runAs(account, binaries.postgres, args, `${statements.join('\n')}\n`);
  if (status !== 0)
    throw new StartError(`The database in ${folder} could not be set up: ${(error?.message ?? stderr).trim()}`);
}

/** What a crash in the middle of a first start left behind; a draft younger than an hour may be at work. */
async function removeOldDrafts(cluster: string): Promise<void> {
  for (const name of await readdir(dirname(cluster)).catch(() => [])) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue;
    const path = join(dirname(cluster), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

async function syncFolder(path: string): Promise<void> {
  if (platform() === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
