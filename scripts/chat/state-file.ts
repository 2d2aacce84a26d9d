/**
 * Where a login and what waits to be sent survive a restart: one file for each server, person and device, readable by its
 * owner alone. It is replaced as a whole, so a crash leaves the old one or the new one. A lock beside it lets one process in
 * at a time: two would use up each other's refresh tokens.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '../../src/client/index.ts';

export interface StateFile extends AsyncDisposable {
  readonly storage: Storage;
  readonly path: string;
  /** Nothing was kept. */
  readonly isEmpty: boolean;
  /** Forgets all that it holds. */
  forget(): Promise<void>;
}

export interface StateOwner {
  folder: string;
  url: string;
  identifier: string;
  /** Logins of one person on one machine, apart from each other. */
  device: string;
}

/** `$XDG_STATE_HOME/messenger`, by default below `~/.local/state`. */
export const toDefaultFolder = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'messenger');

/** Readable, and different for whoever is different. */
export function toStatePath({ folder, url, identifier, device }: StateOwner): string {
  const owner = [url, identifier.trim().toLowerCase(), device];
  const hash = createHash('sha256').update(owner.join('\0')).digest('hex').slice(0, 16);
  const name = `${identifier}@${new URL(url).host}`.replaceAll(/[^\w@-]+/g, '_').slice(0, 60);
  return join(folder, `${name}.${device.replaceAll(/[^\w-]/g, '_').slice(0, 20)}.${hash}.json`);
}

/** Another process holds the state; `pid` is its number. */
export class StateInUse extends Error {
  readonly pid: number;

  constructor(pid: number) {
    super(`in use by process ${pid}`);
    this.pid = pid;
  }
}

const isError = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isError(error, 'EPERM');
  }
}

async function takeLock(path: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await using file = await open(path, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      return;
    } catch (error) {
      if (!isError(error, 'EEXIST')) throw error;
    }
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (tries >= 5 || (pid > 0 && pid !== process.pid && isAlive(pid))) throw new StateInUse(pid);
    if (pid === process.pid) throw new StateInUse(pid);
    // Of a process that was killed, or one that is just writing its number.
    if (pid > 0) await rm(path, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function readValues(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isError(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text === undefined) return new Map();
  await chmod(path, 0o600);
  try {
    const values = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(values.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    // Kept to be looked at; one has to log in again.
    await rename(path, `${path}.broken`);
    return new Map();
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.new`;
  await rm(next, { force: true });
  {
    await using file = await open(next, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(next, path);
}

/** @throws StateInUse when another process has it. */
export async function openStateFile(owner: StateOwner): Promise<StateFile> {
  const path = toStatePath(owner);
  await mkdir(owner.folder, { recursive: true, mode: 0o700 });
  await takeLock(`${path}.lock`);
  const values = await readValues(path);
  let writing: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  /** One write for all changes that came while the one before was at work. */
  const save = (): Promise<void> =>
    (waiting ??= writing = writing
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return replaceFile(path, JSON.stringify(Object.fromEntries(values)));
      }));
  return {
    path,
    get isEmpty() {
      return values.size === 0;
    },
    storage: {
      get: (key) => Promise.resolve(values.get(key)),
      set: (key, value) => {
        values.set(key, value);
        return save();
      },
      delete: (key) => (values.delete(key) ? save() : Promise.resolve()),
    },
    async forget() {
      values.clear();
      await writing.catch(() => undefined);
      await rm(path, { force: true });
    },
    async [Symbol.asyncDispose]() {
      await writing.catch(() => undefined);
      await rm(`${path}.lock`, { force: true });
    },
  };
}
