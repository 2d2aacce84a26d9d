import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../db/failure.ts';
import { requirePlainName, type Storage, type StoredFile } from './storage.ts';

const unfinished = '.part';
/** An unfinished file this old was left by a process that ended. */
const abandonedAfterMs = 3_600_000;

/** Files in one folder. A file appears under its name only when all of it is on the disk. */
export class FolderStorage implements Storage {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #toPath(name: string): string {
    requirePlainName(name);
    return join(this.#folder, name);
  }

  async put(name: string, bytes: Buffer): Promise<void> {
    const path = this.#toPath(name);
    const part = `${path}.${randomUUID()}${unfinished}`;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    try {
      await writeDurably(part, bytes);
      await rename(part, path);
      await syncFolder(this.#folder);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  async get(name: string): Promise<StoredFile | undefined> {
    const path = this.#toPath(name);
    return unlessMissing(async () => {
      const file = await open(path);
      try {
        const [bytes, { mtimeMs }] = [await file.readFile(), await file.stat()];
        return { bytes, storedAtMs: mtimeMs };
      } finally {
        await file.close();
      }
    });
  }

  async delete(name: string): Promise<void> {
    await rm(this.#toPath(name), { force: true });
  }

  async *list(): AsyncGenerator<string> {
    const folder = await unlessMissing(() => opendir(this.#folder));
    if (!folder) return;
    for await (const entry of folder) {
      if (!entry.isFile()) continue;
      if (entry.name.endsWith(unfinished)) await removeAbandoned(join(this.#folder, entry.name));
      else yield entry.name;
    }
  }
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the new name survives a power cut too. Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const found = await unlessMissing(() => stat(path));
  if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
}
