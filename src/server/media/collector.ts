/**
 * Deletes pictures that no row names any more.
 *
 * A picture is stored before the row that names it, and two people may have the same one; so "no row names it" may be
 * true a moment before somebody's row does, on any node, and no lock spans the database and the storage. Time does:
 * a picture is deleted only when it was last put longer ago than any request takes from putting to naming
 * (putting it again makes it young again). What is put in the instant between looking and deleting is still caught: the
 * content is held for as long once more, and put back when a row names it after all.
 */
import { findPictureName, pictureSizes, toPictureFile } from '../../protocol/media.ts';
import type { Storage } from './storage.ts';

export interface CollectorOptions {
  storage: Storage;
  /** Which of these pictures rows name. */
  listUsed(names: string[]): Promise<string[]>;
  nowMs(): number;
  /** Longer than a request takes from putting a picture to naming it. */
  settleMs: number;
  /** How many deleted pictures are held at once; more stay for later. */
  maxHeld?: number;
}

interface Removed {
  files: { name: string; bytes: Buffer }[];
  atMs: number;
}

const namesAtOnce = 500;

export class Collector {
  readonly #options: Required<CollectorOptions>;
  readonly #candidates = new Set<string>();
  readonly #removed = new Map<string, Removed>();

  constructor(options: CollectorOptions) {
    this.#options = { maxHeld: 2_000, ...options };
  }

  /** Says that a picture may have lost its last row. */
  consider(name: string): void {
    this.#candidates.add(name);
  }

  /** Deletes what may go by now, and puts back what should have stayed; to be called every now and then. */
  async collect(): Promise<void> {
    await this.#restore(this.#options.settleMs);
    const names = [...this.#candidates];
    for (let start = 0; start < names.length; start += namesAtOnce)
      await this.#collectThese(names.slice(start, start + namesAtOnce));
  }

  /** Looks at every picture in the storage: also at those whose rows were deleted by a process that ended since. */
  async collectAll(): Promise<void> {
    let names = new Set<string>();
    for await (const file of this.#options.storage.list()) {
      const name = findPictureName(file);
      if (name !== undefined) names.add(name);
      if (names.size < namesAtOnce) continue;
      await this.#collectThese([...names]);
      names = new Set();
    }
    if (names.size > 0) await this.#collectThese([...names]);
  }

  /** To be called last: puts back at once what a row names after all. */
  async finish(): Promise<void> {
    await this.#restore(0);
  }

  async #collectThese(names: string[]): Promise<void> {
    const used = new Set(await this.#options.listUsed(names));
    for (const name of names) {
      if (used.has(name) || (await this.#deleteSettled(name))) this.#candidates.delete(name);
      else this.#candidates.add(name);
    }
  }

  /** Answers false when the picture is too young to go, or too many others are still held. */
  async #deleteSettled(name: string): Promise<boolean> {
    const { storage, nowMs, settleMs, maxHeld } = this.#options;
    if (this.#removed.size >= maxHeld) return false;
    const files: Removed['files'] = [];
    for (const size of pictureSizes) {
      const file = toPictureFile(name, size);
      const stored = await storage.get(file);
      if (!stored) continue;
      if (nowMs() - stored.storedAtMs < settleMs) return false;
      files.push({ name: file, bytes: stored.bytes });
    }
    if (files.length === 0) return true;
    this.#removed.set(name, { files, atMs: nowMs() });
    for (const { name: file } of files) await storage.delete(file);
    return true;
  }

  async #restore(afterMs: number): Promise<void> {
    const due = [...this.#removed].filter(([, { atMs }]) => this.#options.nowMs() - atMs >= afterMs);
    if (due.length === 0) return;
    const used = new Set(await this.#options.listUsed(due.map(([name]) => name)));
    for (const [name, { files }] of due) {
      if (used.has(name)) for (const file of files) await this.#options.storage.put(file.name, file.bytes);
      this.#removed.delete(name);
    }
  }
}
