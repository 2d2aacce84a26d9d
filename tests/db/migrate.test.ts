import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findMigrationsFolder, migrate } from '../../src/server/db/migrate.ts';
import { createDatabase } from '../support/database.ts';

it('migrations bring an empty database to the schema, and a second time change nothing', async () => {
  await using database = await createDatabase({ migrated: false });
  const { url } = database;
  expect(await migrate(url)).toBeGreaterThan(0);
  expect(await migrate(url)).toBe(0);
});

it('five processes that migrate at once do it once', async () => {
  await using database = await createDatabase({ migrated: false });
  const { url } = database;
  const program = `import(${JSON.stringify(join(import.meta.dirname, '../../src/server/db/migrate.ts'))})
    .then(({ migrate }) => migrate(process.env.URL)).then((n) => console.log(n))`;
  const children = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '-e', program], {
      env: { ...process.env, URL: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const applied = await Promise.all(
    children.map(async (child) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      expect(code).toBe(0);
      return Number(output);
    }),
  );
  expect(applied.filter((n) => n > 0)).toHaveLength(1);
});

it('the journal lists the migrations in the order of their times: an earlier one would be passed over in silence', () => {
  const journal = JSON.parse(readFileSync(join(findMigrationsFolder(), 'meta', '_journal.json'), 'utf8')) as {
    entries: { idx: number; when: number }[];
  };
  const times = journal.entries.map(({ when }) => when);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBe(times.length);
});
