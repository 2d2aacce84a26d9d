import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderStorage } from '../../src/server/media/folder-storage.ts';
import { S3Storage } from '../../src/server/media/s3-storage.ts';
import type { Storage } from '../../src/server/media/storage.ts';
import { openBucket, type Bucket } from './bucket.ts';

let folder: string;
let bucket: Bucket;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  bucket = await openBucket();
});
afterAll(async () => {
  await bucket[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const inBucket = (s3Prefix: string): Storage =>
  new S3Storage({ ...bucket.place, bucket: bucket.place.s3Bucket, s3Prefix });

async function listAll(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const name of storage.list()) names.push(name);
  return names.toSorted();
}

describe.each<[string, () => Storage]>([
  ['a folder', () => new FolderStorage(join(folder, 'media'))],
  ['a bucket', () => inBucket('')],
  ['a part of a bucket', () => inBucket('messenger/')],
])('%s', (_what, open) => {
  it('keeps what is put, gives it back, lists and deletes it', async () => {
    const storage = open();
    expect(await listAll(storage)).toEqual([]);
    expect(await storage.get('a.webp')).toBeUndefined();
    const [a, b] = [Buffer.from([0, 255, 1]), Buffer.alloc(100_000, 7)];
    await Promise.all([storage.put('a.webp', a), storage.put('b.webp', b)]);
    expect((await storage.get('a.webp'))?.bytes.equals(a)).toBe(true);
    expect((await storage.get('b.webp'))?.bytes.equals(b)).toBe(true);
    expect(await listAll(storage)).toEqual(['a.webp', 'b.webp']);
    await storage.delete('a.webp');
    await storage.delete('a.webp');
    expect(await storage.get('a.webp')).toBeUndefined();
    expect(await listAll(storage)).toEqual(['b.webp']);
  });

  it('knows when something was last put: again makes it young', async () => {
    const storage = open();
    const fromMs = Date.now() - 2_000;
    await storage.put('young.webp', Buffer.from('x'));
    const first = (await storage.get('young.webp'))!.storedAtMs;
    expect(first).toBeGreaterThan(fromMs);
    await expect
      .poll(async () => {
        await storage.put('young.webp', Buffer.from('x'));
        return (await storage.get('young.webp'))!.storedAtMs;
      })
      .toBeGreaterThan(first);
  });

  it('takes nothing for a name that is a path', async () => {
    const storage = open();
    for (const name of ['../a', '/etc/passwd', 'a/b', 'a\\b', '', '.', '..', '.hidden', 'a\0b', 'x'.repeat(300)]) {
      await expect(storage.get(name), name).rejects.toThrow('not a name');
      await expect(storage.put(name, Buffer.from('x')), name).rejects.toThrow('not a name');
      await expect(storage.delete(name), name).rejects.toThrow('not a name');
    }
  });
});

describe('a folder', () => {
  it('shows no file before all of it is there, and many at once do not harm each other', async () => {
    const storage = new FolderStorage(join(folder, 'torn'));
    const bytes = Buffer.alloc(300_000, 1);
    let reading = true;
    const sizes = new Set<number | undefined>();
    const reader = (async () => {
      while (reading) sizes.add((await storage.get('big.webp'))?.bytes.length);
    })();
    await Promise.all(Array.from({ length: 20 }, () => storage.put('big.webp', bytes)));
    reading = false;
    await reader;
    sizes.delete(undefined);
    expect([...sizes]).toEqual([bytes.length]);
    expect(await readdir(join(folder, 'torn'))).toEqual(['big.webp']);
  });

  it('loses in time what a process that was killed left half written', async () => {
    const place = join(folder, 'left');
    const storage = new FolderStorage(place);
    await storage.put('whole.webp', Buffer.from('x'));
    for (const name of ['old.part', 'new.part']) await writeFile(join(place, name), 'half');
    const anHourAgo = Date.now() / 1_000 - 3_700;
    await utimes(join(place, 'old.part'), anHourAgo, anHourAgo);
    expect(await listAll(storage)).toEqual(['whole.webp']);
    expect((await readdir(place)).toSorted()).toEqual(['new.part', 'whole.webp']);
  });
});
