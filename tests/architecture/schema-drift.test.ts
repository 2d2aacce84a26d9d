import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { top } from '../support/programs.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drift-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('generating migrations changes nothing: the schema and the migrations say the same', async () => {
  const migrations = join(folder, 'drizzle');
  await cp(join(top, 'drizzle'), migrations, { recursive: true });
  const before = (await readdir(migrations, { recursive: true })).toSorted();

  const program = join(top, 'node_modules/drizzle-kit/bin.cjs');
  const args = ['generate', '--dialect', 'postgresql', '--schema', 'src/server/db/schema.ts'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, ...args, '--out', relative(top, migrations)],
    { cwd: top },
  );

  expect(stdout).toContain('No schema changes');
  expect((await readdir(migrations, { recursive: true })).toSorted()).toEqual(before);
});

test('migrations are applied in the order of their numbers: their times grow', async () => {
  const journal = JSON.parse(await readFile(join(top, 'drizzle/meta/_journal.json'), 'utf8')) as {
    entries: { idx: number; when: number; tag: string }[];
  };
  const files = (await readdir(join(top, 'drizzle'))).filter((name) => name.endsWith('.sql')).toSorted();

  expect(journal.entries.map(({ tag }) => `${tag}.sql`)).toEqual(files);
  expect(journal.entries.map(({ idx }) => idx)).toEqual(files.map((_, i) => i));
  const times = journal.entries.map(({ when }) => when);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
});
