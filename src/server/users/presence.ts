import type { Sql } from '../db/client.ts';

/**
 * Whether the other one of a direct chat has no socket open on any node. Where one has blocked the other it is false: what
 * would follow from it tells who is there. The history of connections is a moment behind.
 */
export async function isAway(sql: Sql, { chatId, otherId }: { chatId: string; otherId: string }): Promise<boolean> {
  const [row] = await sql<{ away: boolean }[]>`
    select not blocked and not exists (
        select from connections where user_id = ${otherId} and disconnected_at is null) as away
      from chats where id = ${chatId}`;
  return row?.away ?? false;
}
