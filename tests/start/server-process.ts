import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { build, compiled, top } from '../support/programs.ts';

export const isRoot = process.getuid?.() === 0;

/** An empty folder that everybody may enter; it is gone after the test. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'start-')));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ServerOptions {
  env?: Record<string, string>;
  args?: string[];
  /** The clone to run; this one unless given. */
  clone?: string;
  cwd?: string;
  identity?: { uid: number; gid: number };
}

export interface ServerProcess {
  child: ChildProcess;
  output(): string;
  /** Resolves when the output holds this text; rejects when the process ends before. */
  until(text: string): Promise<void>;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** The server as `npm start` runs it, on any free port unless `env` says otherwise. It is ended after the test. */
export function runServer({ env = {}, args = [], clone = top, cwd = clone, identity }: ServerOptions): ServerProcess {
  if (clone === top) build();
  const child = spawn(process.execPath, [compiled('src/server/main.ts', clone), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'silent', ...env },
    detached: true,
    ...identity,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> => {
    child.kill(signal);
    return ended;
  };
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await stop();
  });
  const until = async (wanted: string): Promise<void> => {
    let closed = false;
    void ended.then(() => (closed = true));
    await expect.poll(() => text.includes(wanted) || closed, { timeout: 100_000, interval: 10 }).toBe(true);
    if (!text.includes(wanted)) throw new Error(`the server ended without saying "${wanted}":\n${text}`);
  };
  return { child, output: () => text, until, ended, stop };
}

/** A server that is ready. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const server = runServer(options);
  await server.until('Ready in');
  return server;
}

/** The output of a server that must not start. */
export async function expectRefusal(options: ServerOptions): Promise<string> {
  const server = runServer(options);
  expect(await server.ended, server.output()).toBe(1);
  expect(server.output()).not.toMatch(/^\s+at /m);
  return server.output();
}

/** The database of the server that is up on a data folder. */
export async function getDatabaseUrl(dataDir: string): Promise<string> {
  const command = runServer({ env: { DATA_DIR: dataDir }, args: ['--database-url'] });
  expect(await command.ended, command.output()).toBe(0);
  return command.output().trim();
}

/** Tells those of these processes that are still there. */
export function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** What `ps` calls a process; empty when it is gone. */
export function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export const getPostmasterPid = (cluster: string): number =>
  Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** The processes that stand in a cluster's folder: PostgreSQL, its sessions and background workers. */
export function listDatabaseProcesses(cluster: string): number[] {
  const standsThere = (pid: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(cluster);
    } catch {
      return false;
    }
  };
  if (existsSync('/proc/self/cwd'))
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && standsThere(name))
      .map(Number);
  return existsSync(join(cluster, 'postmaster.pid')) ? [getPostmasterPid(cluster)] : [];
}
