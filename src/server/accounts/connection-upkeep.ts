import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';
import { listenerName } from '../realtime/bus.ts';

// Housekeeping of the history of sockets: in slices, each a statement of its own, so that none is long.

const sliceRows = 5_000;
const maxSlices = 100;

async function inSlices(change: () => Promise<{ count: number }>): Promise<void> {
  for (let slice = 0; slice < maxSlices; slice++) if ((await change()).count < sliceRows) return;
}

/**
 * The nodes, but this one, that left sockets open and do not listen on the bus. They are looked for twice: a connection
 * that was cut is there again in a moment.
 */
export async function listSilentNodes(
  sql: Sql,
  { nodeId, silentMs }: { nodeId: string; silentMs: number },
): Promise<string[]> {
  const list = async (): Promise<string[]> => {
    const rows = await sql<{ node_id: string }[]>`
      select node_id from (select distinct node_id from connections where disconnected_at is null) as n
       where node_id <> ${nodeId} and not exists (
         select from pg_stat_activity
          where datname = current_database() and application_name = ${`${listenerName} `} || n.node_id::text)`;
    return rows.map((row) => row.node_id);
  };
  const first = await list();
  if (first.length === 0) return [];
  await sleep(silentMs, undefined, { ref: false });
  const second = new Set(await list());
  return first.filter((id) => second.has(id));
}

/** Closes what these nodes left open; how they closed, nobody saw. */
export const closeLeftOpen = (sql: Sql, nodeIds: string[]): Promise<void> =>
  inSlices(
    () => sql`
      update connections set disconnected_at = now() where id in (
        select id from connections
         where disconnected_at is null and node_id = any(${nodeIds}::uuid[]) limit ${sliceRows})`,
  );

/** Deletes what closed longer ago than the history reaches. */
export const deleteOldConnections = (sql: Sql): Promise<void> =>
  inSlices(
    () => sql`
      delete from connections where id in (
        select id from connections
         where disconnected_at < now() - make_interval(days => ${limits.sockets.historyDays}) limit ${sliceRows})`,
  );
