import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readSecret } from '../secret-file.ts';
import { StartError } from '../start-error.ts';
import { type Account, canEnter, getAccount, isRoot } from './embedded-account.ts';

/** Where the cluster of a data folder lives, and whose it is. */
export interface Place {
  account: Account;
  /** The folder with the cluster's files (PGDATA). */
  cluster: string;
  /** A folder the account can enter, for what belongs to PostgreSQL but not to the cluster. */
  base: string;
  /** True when PostgreSQL's account cannot enter the data folder, so that its files lie elsewhere. */
  outside: boolean;
}

/** Files of the data folder. */
export const filesOf = (dataDir: string) => ({
  cluster: join(dataDir, 'postgres'),
  password: join(dataDir, 'postgres-password'),
  log: join(dataDir, 'postgres.log'),
  /** Names the folder outside that holds the cluster, when there is one. */
  location: join(dataDir, 'postgres-location'),
});

/** Root's place for clusters whose data folder PostgreSQL's account cannot enter. */
const outsideBase = '/var/lib/messenger';

/** Makes the data folder and decides where its cluster lives. Once decided it stays so. */
export async function preparePlace(dataDir: string, log: (text: string) => void): Promise<Place> {
  await makeFolder(dataDir, isRoot() ? 0o711 : 0o700);
  const found = await findPlace(dataDir);
  if (found) return found;
  const account = getAccount(undefined);
  if (canEnter(account, dataDir)) return inside(account, dataDir);
  if (await letIn(account, dataDir)) {
    log(`Let other users enter ${dataDir} (not list it), because PostgreSQL runs as ${account.name}.`);
    return inside(account, dataDir);
  }
  const base = join(outsideBase, randomBytes(6).toString('hex'));
  await makeFolder(outsideBase, 0o711);
  await makeFolder(base, 0o711);
  if (!canEnter(account, base)) {
    throw new StartError(
      `PostgreSQL runs as ${account.name}, who can enter neither ${dataDir} nor ${outsideBase}. Choose a DATA_DIR that ${account.name} can enter.`,
    );
  }
  await writeFile(filesOf(dataDir).location, `${base}\n`, { flag: 'wx', mode: 0o644 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  return (await findPlace(dataDir)) ?? inside(account, dataDir);
}

/** The place of a cluster that was made before, or undefined. Makes nothing. */
export async function findPlace(dataDir: string): Promise<Place | undefined> {
  const location = await readFile(filesOf(dataDir).location, 'utf8').catch(() => undefined);
  if (location !== undefined) {
    const base = location.trim();
    const cluster = join(base, 'postgres');
    return { account: getAccount(await findOwner(cluster)), cluster, base, outside: true };
  }
  const { cluster } = filesOf(dataDir);
  const owner = await findOwner(cluster);
  if (owner === undefined) return undefined;
  const account = getAccount(owner);
  if (canEnter(account, cluster)) return inside(account, dataDir);
  throw new StartError(
    `PostgreSQL runs as ${account.name}, who can no longer enter ${cluster}. Give the folders above it back the right to be entered (chmod a+x), or move DATA_DIR.`,
  );
}

/** The password that the cluster's roles were made with, or undefined when none was ever made. */
export const findPassword = (dataDir: string): Promise<string | undefined> => readSecret(filesOf(dataDir).password);

/** The data folder as one absolute path, so that two ways to write it are one folder. */
export const toDataDir = async (dataDir: string): Promise<string> =>
  realpath(resolve(dataDir)).catch(() => resolve(dataDir));

const inside = (account: Account, dataDir: string): Place => ({
  account,
  cluster: filesOf(dataDir).cluster,
  base: dataDir,
  outside: false,
});

const findOwner = async (folder: string): Promise<number | undefined> =>
  (await stat(folder).catch(() => undefined))?.uid;

/**
 * A new data folder that only its owner may enter is opened for entering, where that is all that was missing: the
 * database belongs where the operator wants it. A folder that already holds something keeps its mode.
 */
async function letIn(account: Account, dataDir: string): Promise<boolean> {
  if (!canEnter(account, dirname(dataDir))) return false;
  // Not empty any more may mean that another process has just done this, before it wrote anything.
  if ((await readdir(dataDir)).length === 0) await chmod(dataDir, (await stat(dataDir)).mode | 0o111);
  return canEnter(account, dataDir);
}

/** A folder that is made gets the mode whatever the umask says; one that is there keeps its own. */
async function makeFolder(path: string, mode: number): Promise<void> {
  const made = await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw new StartError(
      `The folder ${path} cannot be made: ${(error as Error).message}. Choose another DATA_DIR, or give this user the right to write there.`,
    );
  });
  if (made !== undefined) await chmod(path, mode);
}
