import { setTimeout as sleep } from 'node:timers/promises';
import { keepSecret } from '../secret-file.ts';
import { StartError } from '../start-error.ts';
import { type Binaries, getBinaries } from './embedded-binaries.ts';
import { ensureCluster, hasCluster, names, resetPassword } from './embedded-cluster.ts';
import { findOwnership, isWrongPassword, Ownership } from './embedded-owner.ts';
import { filesOf, findPassword, findPlace, type Place, preparePlace, toDataDir } from './embedded-place.ts';
import {
  type Address,
  findFreePort,
  findPostmaster,
  type Postmaster,
  removeStalePidFile,
  startPostmaster,
  stopPostmaster,
} from './embedded-postmaster.ts';

/*
 * A PostgreSQL in a folder, run by this process.
 *
 * Invariants: at most one process owns the PostgreSQL of a folder, and only the owner uses it. A PostgreSQL without an owner
 * (its server was killed) is stopped and started anew, so what runs always has this release's settings and ends with its
 * owner. Should PostgreSQL itself end, the owner starts it again at the same address.
 */

export interface EmbeddedOptions {
  dataDir: string;
  /** Gets one sentence for each thing done that a person would want to know. */
  log: (text: string) => void;
  /** Called when the database is gone for good: another process took it over. The only right answer is to end. */
  onLost?: (reason: string) => void;
}

export interface Embedded {
  url: string;
  /** Resolves when no process of PostgreSQL is left. */
  stop(): Promise<void>;
  /** Tells PostgreSQL to stop and does not wait, for a process that ends at once. */
  stopNow(): void;
}

interface Cluster {
  place: Place;
  binaries: Binaries;
  password: string;
  logFile: string;
  passwordFile: string;
}

const startTries = 5;
const patienceMs = 60_000;
const maxRestartWaitMs = 5_000;

/**
 * Starts the PostgreSQL of a data folder, making both when they are missing.
 * @throws StartError with reason and remedy, for instance when another server owns the folder.
 */
export async function startEmbedded({ dataDir, log, onLost }: EmbeddedOptions): Promise<Embedded> {
  const cluster = await prepareCluster(await toDataDir(dataDir), log);
  let postmaster = await claim(cluster, { port: undefined, log });
  let stopping = false;
  const lose = (): void => {
    if (!stopping) onLost?.(toOwnedReason(cluster.place));
  };
  const ownership = await own(cluster, postmaster, lose);

  const supervise = async (): Promise<void> => {
    for (;;) {
      await postmaster.exited;
      if (stopping) return;
      log('PostgreSQL ended unexpectedly; starting it again.');
      const restarted = await restart(cluster, postmaster.port, () => stopping).catch(lose);
      if (!restarted) return;
      postmaster = restarted;
      log('PostgreSQL runs again.');
    }
  };
  const supervision = supervise();
  return {
    url: toUrl(postmaster, cluster.password),
    stop: async () => {
      stopping = true;
      await ownership[Symbol.asyncDispose]();
      await postmaster.stop();
      await supervision;
    },
    stopNow: () => {
      stopping = true;
      postmaster.stopNow();
    },
  };
}

/**
 * The address of the PostgreSQL of a data folder whose server is up, for commands beside it; undefined when none is up,
 * and then such a command may start it itself.
 */
export async function findEmbedded(dataDir: string): Promise<string | undefined> {
  const folder = await toDataDir(dataDir);
  const place = await findPlace(folder);
  const address = place && (await findPostmaster(place.cluster));
  const password = await findPassword(folder);
  if (!address || password === undefined) return undefined;
  return (await findOwnership(address, password, patienceMs)) === 'owned' ? toUrl(address, password) : undefined;
}

async function prepareCluster(dataDir: string, log: (text: string) => void): Promise<Cluster> {
  const place = await preparePlace(dataDir, log);
  const files = filesOf(dataDir);
  const binaries = await getBinaries({ account: place.account, copyInto: place.base });
  // Asked before the password is made: every process makes the password first, so a cluster without one has lost it.
  const isPasswordLost = (await hasCluster({ ...place, binaries })) && (await findPassword(dataDir)) === undefined;
  const running = isPasswordLost ? await findPostmaster(place.cluster) : undefined;
  if (running)
    throw new StartError(
      `${files.password} is missing and PostgreSQL (process ${running.pid}) still runs on ${place.cluster}. End it, then start again.`,
    );
  const { secret: password } = await keepSecret(files.password);
  if (await ensureCluster({ ...place, binaries, password }))
    log(`Made a PostgreSQL ${binaries.major} database in ${place.cluster}.`);
  if (place.outside)
    log(
      `${place.account.name} cannot enter ${dataDir}, so the database lies in ${place.cluster}. Keep the two together.`,
    );
  if (isPasswordLost) {
    log(`The file ${files.password} was missing; the database got a new password.`);
    resetPassword({ ...place, binaries, password });
  }
  return { place, binaries, password, logFile: files.log, passwordFile: files.password };
}

/** A PostgreSQL that this process has just started on the cluster. One that nobody owns is stopped first. */
async function claim(
  cluster: Cluster,
  { port, log }: { port: number | undefined; log?: (text: string) => void },
): Promise<Postmaster> {
  for (let tries = 1; ; tries += 1) {
    await stopUnowned(cluster, log);
    await removeStalePidFile(cluster.place.cluster);
    try {
      return await startPostmaster({ ...cluster, port: port ?? (await findFreePort()) });
    } catch (error) {
      // Another process may start at the same time, the port may be taken meanwhile, and the processes of a killed
      // PostgreSQL need a moment to notice.
      if (tries === startTries) throw error;
      await sleep(tries * 100);
    }
  }
}

async function own(
  { place, password, passwordFile }: Cluster,
  postmaster: Postmaster,
  onLost: () => void,
): Promise<Ownership> {
  try {
    const ownership = await Ownership.take({ address: postmaster, password, onLost });
    if (ownership) return ownership;
  } catch (error) {
    await postmaster.stop();
    if (!isWrongPassword(String((error as { code?: unknown }).code)))
      throw new StartError(toOwnedReason(place), { cause: error });
    throw new StartError(
      `The password in ${passwordFile} is not the database's. Restore the file, or delete it: the next start then sets a new one.`,
    );
  }
  await postmaster.stop();
  throw new StartError(toOwnedReason(place));
}

async function stopUnowned({ place, binaries, password }: Cluster, log?: (text: string) => void): Promise<void> {
  const address = await findPostmaster(place.cluster);
  if (!address) return;
  const state = await findOwnership(address, password, patienceMs);
  if (state === 'owned') throw new StartError(toOwnedReason(place));
  if (state === 'wrong password') {
    throw new StartError(
      `PostgreSQL (process ${address.pid}) runs on ${place.cluster} and does not take our password. End it, then start again.`,
    );
  }
  if (state === 'silent' && (await findPostmaster(place.cluster))) {
    throw new StartError(
      `PostgreSQL (process ${address.pid}) runs on ${place.cluster} but does not answer. End it, then start again.`,
    );
  }
  if (address.elsewhere)
    throw new StartError(
      `A PostgreSQL of another container runs on ${place.cluster}. Stop that container, then start again.`,
    );
  log?.('A server was killed and left its PostgreSQL running; stopping it and starting anew.');
  await stopPostmaster({ pid: address.pid, place, binaries });
}

/** Until it runs, as often as it takes: the disk may be full for an hour. Throws when another process took it over. */
async function restart(cluster: Cluster, port: number, isStopping: () => boolean): Promise<Postmaster | undefined> {
  for (let waitMs = 100; !isStopping(); waitMs = Math.min(waitMs * 2, maxRestartWaitMs)) {
    await sleep(waitMs);
    const running = await findPostmaster(cluster.place.cluster);
    if (running && (await findOwnership(running, cluster.password, patienceMs)) === 'owned')
      throw new StartError(toOwnedReason(cluster.place));
    const postmaster = await claim(cluster, { port }).catch(() => undefined);
    if (postmaster) return postmaster;
  }
  return undefined;
}

const toOwnedReason = ({ cluster }: Place): string =>
  `Another server or command uses the database in ${cluster}. Stop it, or give this one another DATA_DIR.`;

const toUrl = ({ port }: Address, password: string): string =>
  `postgres://${names.role}:${password}@127.0.0.1:${port}/${names.database}`;
