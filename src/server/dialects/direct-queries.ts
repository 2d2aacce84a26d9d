import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

interface DirectPage extends Actor {
  receiverId: string;
  limit: number;
  offset: number;
}

/** What two people wrote to each other, as JSON text, the oldest first. Throws `session_revoked`. */
export async function listDirectMessages(
  sql: Sql,
  { sessionId, userId, receiverId, limit, offset }: DirectPage,
): Promise<string> {
  const [row] = await sql<{ live: boolean; page: string }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, (
      select coalesce(json_agg(m), '[]') from chats c cross join lateral (
        select sender_id, case when sender_id = ${userId} then ${receiverId}::uuid else ${userId}::uuid end as receiver_id,
          text as content, instant(sent_at) as timestamp
        from messages where chat_id = c.id and seq > ${offset}::bigint and seq <= ${offset}::bigint + ${limit}
        order by messages.seq limit ${limit}) m
       where c.direct_key = least(${userId}::uuid, ${receiverId}::uuid) || ':' || greatest(${userId}::uuid, ${receiverId}::uuid)
    )::text as page`;
  return requireLive(row).page;
}
