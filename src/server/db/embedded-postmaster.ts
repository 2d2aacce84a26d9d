import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../start-error.ts';
import { cleanEnv, identity, runAs } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';
import type { Place } from './embedded-place.ts';

/** How a running PostgreSQL is reached, as it wrote it into its folder. */
export interface Address {
  pid: number;
  port: number;
  /** The folder of its Unix socket, when it has one. */
  socketDir: string | undefined;
}

/** A PostgreSQL that was found running. */
export interface FoundPostmaster extends Address {
  /** It answers, but no process of this machine has its number: it runs in another container. */
  elsewhere: boolean;
}

/** A PostgreSQL that this process started. */
export interface Postmaster extends Address {
  /** Settles when the process has ended, for whatever reason. */
  exited: Promise<void>;
  /** Ends it and waits until no process of it is left: sessions are cut, everything is written out. */
  stop(): Promise<void>;
  /** Asks for the same and does not wait, for when this process is about to end. */
  stopNow(): void;
}

/** The whole path of a Unix socket has room for about 100 bytes on every system; the name in its folder takes up to 24. */
const maxSocketDirBytes = 76;
const maxLogBytes = 10 * 2 ** 20;
const fastStopMs = 20_000;
const immediateStopMs = 5_000;

/**
 * Starts PostgreSQL on a cluster and resolves when it accepts connections; that may take as long as a recovery takes.
 * In a process group of its own, so that Ctrl-C reaches this server alone and PostgreSQL is still there while it drains.
 */
export async function startPostmaster({
  place,
  binaries,
  port,
  logFile,
}: {
  place: Place;
  binaries: Binaries;
  port: number;
  logFile: string;
}): Promise<Postmaster> {
  const socketDir = (await canHoldSocket(place.cluster)) ? place.cluster : undefined;
  const output = await openLog(logFile);
  const logStart = (await output.stat()).size;
  const child = spawn(binaries.postgres, toArguments(place.cluster, port, socketDir), {
    ...identity(place.account),
    cwd: place.cluster,
    detached: true,
    windowsHide: true,
    env: cleanEnv,
    stdio: ['ignore', output.fd, output.fd],
  });
  const exited = Promise.race([once(child, 'exit'), once(child, 'error')]).then(
    () => undefined,
    () => undefined,
  );
  child.unref();
  await output.close();
  await untilReady(child, place.cluster, exited).catch(async () => {
    throw new StartError(`PostgreSQL did not start on ${place.cluster}:\n${await readFrom(logFile, logStart)}`);
  });
  return {
    pid: child.pid ?? 0,
    port,
    socketDir,
    exited,
    stop: () => stopChild(child, exited, () => signalFastStop(child.pid ?? 0, place, binaries)),
    stopNow: () => {
      if (!hasExited(child)) signalFastStop(child.pid ?? 0, place, binaries);
    },
  };
}

/** The PostgreSQL that runs on this cluster, whoever started it. A file that a crash left behind is not taken for one. */
export async function findPostmaster(cluster: string): Promise<FoundPostmaster | undefined> {
  const file = await readPidFile(cluster);
  if (!file) return undefined;
  if (await isRunning(file.pid, cluster)) return { ...file, elsewhere: false };
  return file.socketDir !== undefined && (await answers(toSocketPath(file.socketDir, file.port)))
    ? { ...file, elsewhere: true }
    : undefined;
}

export const toSocketPath = (socketDir: string, port: number): string => join(socketDir, `.s.PGSQL.${port}`);

/** Ends a PostgreSQL that another process started. */
export async function stopPostmaster({
  pid,
  place,
  binaries,
}: {
  pid: number;
  place: Place;
  binaries: Binaries;
}): Promise<void> {
  signalFastStop(pid, place, binaries);
  const deadline = Date.now() + fastStopMs;
  while (await isRunning(pid, place.cluster)) {
    if (Date.now() > deadline)
      throw new StartError(`PostgreSQL (process ${pid}) on ${place.cluster} does not stop. End it, then start again.`);
    await sleep(20);
  }
}

/**
 * Takes away the file of a dead PostgreSQL whose process number now belongs to something else, as it easily does when a
 * container starts again: PostgreSQL itself would take that process for itself and refuse to start.
 */
export async function removeStalePidFile(cluster: string): Promise<void> {
  const file = await readPidFile(cluster);
  if (file && isAlive(file.pid) && !(await isRunning(file.pid, cluster)))
    await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** A port of the loopback that is free now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

/** What must be ours whatever stands in postgresql.conf. */
function toArguments(cluster: string, port: number, socketDir: string | undefined): string[] {
  const ours: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDir ?? '',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  return ['-D', cluster, ...Object.entries(ours).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function untilReady(child: ChildProcess, cluster: string, exited: Promise<void>): Promise<void> {
  let ended = false;
  void exited.then(() => (ended = true));
  while (!ended) {
    const file = await readPidFile(cluster);
    if (file?.ready && file.pid === child.pid) return;
    await sleep(10);
  }
  throw new Error('ended');
}

async function readPidFile(cluster: string): Promise<(Address & { ready: boolean }) | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketDir, , , status] = text.split('\n').map((line) => line.trim());
  if (!pid) return undefined;
  return {
    pid: Math.abs(Number(pid)),
    port: Number(port),
    socketDir: socketDir === '' ? undefined : socketDir,
    ready: status === 'ready',
  };
}

/** A process number alone says little after a restart: a postmaster stands in its cluster's folder and names it. */
async function isRunning(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (platform() === 'win32') return true;
  if (platform() !== 'linux')
    return spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout.includes(cluster);
  const [cwd, folder] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    realpath(cluster).catch(() => cluster),
  ]);
  return cwd === folder;
}

async function answers(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** PostgreSQL's "fast" stop. Windows has no such signal; pg_ctl knows how there. */
function signalFastStop(pid: number, { account, cluster }: Place, { pgCtl }: Binaries): void {
  if (platform() === 'win32') {
    runAs(account, pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-W']);
    return;
  }
  try {
    kill(pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function stopChild(child: ChildProcess, exited: Promise<void>, signal: () => void): Promise<void> {
  const within = (ms: number) => Promise.race([exited, sleep(ms, undefined, { ref: false })]);
  if (hasExited(child)) return;
  child.ref();
  signal();
  await within(fastStopMs);
  if (hasExited(child)) return;
  // Cutting off what does not end is safe: it is a crash, and the next start recovers.
  child.kill('SIGQUIT');
  await within(immediateStopMs);
  if (!hasExited(child)) child.kill('SIGKILL');
  await exited;
}

/** Whether a Unix socket can be made here: the path may be too long, and some shared file systems know none. */
async function canHoldSocket(folder: string): Promise<boolean> {
  if (platform() === 'win32' || Buffer.byteLength(folder) > maxSocketDirBytes) return false;
  const path = join(folder, `.s.${randomBytes(6).toString('hex')}`);
  const server = createServer();
  try {
    await once(server.listen(path), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function openLog(path: string): Promise<FileHandle> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > maxLogBytes) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

async function readFrom(path: string, start: number): Promise<string> {
  const text = (await readFile(path)).subarray(start).toString('utf8').trim();
  return text.split('\n').slice(-12).join('\n');
}
