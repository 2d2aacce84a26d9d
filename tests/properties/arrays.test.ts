import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openPool } from '../../src/server/db/client.ts';
import { createDatabase } from '../support/database.ts';
import { text } from './valid.ts';

it('texts go to the database and come back as an array of the same', async () => {
  await using database = await createDatabase();
  const sql = openPool(database.url, 1);
  const storable = fc
    .oneof(text, fc.constantFrom('NULL', 'null', '{', '}', ',', '"', '\\', 'a,b', ' x ', '\n'))
    .map((value) => value.toWellFormed().replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(storable)), async (texts) => {
      const [row] = await sql<{ back: (string | null)[]; n: number }[]>`
        select ${texts as string[]}::text[] as back, cardinality(${texts as string[]}::text[]) as n`;
      expect(row).toEqual({ back: texts, n: texts.length });
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uuid()), async (ids) => {
      const [row] = await sql<{ back: string[] }[]>`select ${ids}::uuid[] as back`;
      expect(row!.back).toEqual(ids);
    }),
    { numRuns: 50 },
  );
  await sql.end();
});
