import { z } from 'zod';
import type { Sql } from '../db/client.ts';

const nilUuid = '00000000-0000-0000-0000-000000000000';
const rowsAtOnce = 5_000;
/** So many slices at a time; the rest is for the next. */
const maxSlices = 1_000;

const swept = z.object({ chat_id: z.string(), done: z.boolean(), rows: z.number() }).nullable();

/** Takes away what deleted groups have left behind, in short slices; answers how many rows went. */
export async function forgetDeletedGroups(sql: Sql, slice = { rows: rowsAtOnce, max: maxSlices }): Promise<number> {
  let after = nilUuid;
  let gone = 0;
  for (let i = 0; i < slice.max; i++) {
    const [row] = await sql<{ answer: unknown }[]>`select sweep_deleted_group(${after}, ${slice.rows}) as answer`;
    const answer = swept.parse(row!.answer);
    if (!answer) break;
    gone += answer.rows;
    // A group that is not done yet is found again after the one before it.
    if (answer.done) after = answer.chat_id;
  }
  return gone;
}
