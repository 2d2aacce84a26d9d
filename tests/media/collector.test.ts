import { beforeEach, describe, expect, it } from 'vitest';
import { Collector } from '../../src/server/media/collector.ts';
import type { Storage, StoredFile } from '../../src/server/media/storage.ts';

const settleMs = 1_000;
const [mine, yours] = ['a'.repeat(64), 'b'.repeat(64)];
const filesOf = (name: string): string[] => [`${name}-256.webp`, `${name}-64.webp`];

/** A storage whose clock a test turns, and which may do something just before it deletes. */
class Shelf implements Storage {
  nowMs = 0;
  readonly files = new Map<string, StoredFile>();
  beforeDelete: () => void = () => undefined;

  put(name: string, bytes: Buffer): Promise<void> {
    this.files.set(name, { bytes, storedAtMs: this.nowMs });
    return Promise.resolve();
  }
  get(name: string): Promise<StoredFile | undefined> {
    return Promise.resolve(this.files.get(name));
  }
  delete(name: string): Promise<void> {
    this.beforeDelete();
    this.files.delete(name);
    return Promise.resolve();
  }
  async *list(): AsyncGenerator<string> {
    yield* await Promise.resolve([...this.files.keys()]);
  }
}

let shelf: Shelf;
let used: Set<string>;
let collector: Collector;

const store = (name: string): void => {
  for (const file of filesOf(name)) void shelf.put(file, Buffer.from(name));
};

beforeEach(() => {
  shelf = new Shelf();
  used = new Set();
  collector = new Collector({
    storage: shelf,
    listUsed: (names) => Promise.resolve(names.filter((name) => used.has(name))),
    nowMs: () => shelf.nowMs,
    settleMs,
  });
});

describe('a picture that was forgotten', () => {
  it('goes when it has settled, not before, and others stay', async () => {
    store(mine);
    store(yours);
    collector.consider(mine);
    await collector.collect();
    expect(shelf.files.size).toBe(4);
    shelf.nowMs += settleMs;
    await collector.collect();
    expect([...shelf.files.keys()]).toEqual(filesOf(yours));
  });

  it('stays while another row names it', async () => {
    store(mine);
    shelf.nowMs += settleMs;
    used.add(mine);
    collector.consider(mine);
    await collector.collect();
    expect(shelf.files.size).toBe(2);
  });

  it('stays when somebody stores it again before a row names it', async () => {
    store(mine);
    collector.consider(mine);
    shelf.nowMs += settleMs;
    store(mine);
    await collector.collect();
    used.add(mine);
    shelf.nowMs += settleMs;
    await collector.collect();
    expect(shelf.files.size).toBe(2);
  });

  it('comes back when somebody stored it in the very moment it was deleted', async () => {
    store(mine);
    collector.consider(mine);
    shelf.nowMs += settleMs;
    shelf.beforeDelete = () => void used.add(mine);
    await collector.collect();
    expect(shelf.files.size).toBe(0);
    shelf.nowMs += settleMs;
    await collector.collect();
    expect([...shelf.files].map(([name, { bytes }]) => [name, bytes.toString()])).toEqual(
      filesOf(mine).map((name) => [name, mine]),
    );
  });

  it('comes back at the latest when the server stops', async () => {
    store(mine);
    collector.consider(mine);
    shelf.nowMs += settleMs;
    shelf.beforeDelete = () => void used.add(mine);
    await collector.collect();
    await collector.finish();
    expect(shelf.files.size).toBe(2);
  });
});

it('of very many that nobody names some are deleted at a time, and all in the end', async () => {
  const storage = { storage: shelf, listUsed: () => Promise.resolve([]), nowMs: () => shelf.nowMs, settleMs };
  collector = new Collector({ ...storage, maxHeld: 20 });
  Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(64, '0')).forEach(store);
  const left: number[] = [];
  shelf.nowMs += settleMs;
  await collector.collectAll();
  left.push(shelf.files.size / 2);
  for (let round = 0; round < 3; round++) {
    await collector.collect();
    left.push(shelf.files.size / 2);
    shelf.nowMs += settleMs;
  }
  expect(left).toEqual([30, 30, 10, 0]);
});

it('what nobody said is forgotten is found by looking at all', async () => {
  const names = Array.from({ length: 1_200 }, (_, i) => i.toString(16).padStart(64, '0'));
  names.forEach(store);
  await shelf.put('something-else.txt', Buffer.from('not ours'));
  used = new Set(names.slice(0, 700));
  shelf.nowMs += settleMs;
  store(names[1_000]!);
  await collector.collectAll();
  expect([...shelf.files.keys()].toSorted()).toEqual(
    [...names.slice(0, 700), names[1_000]!].flatMap(filesOf).concat('something-else.txt').toSorted(),
  );
});
