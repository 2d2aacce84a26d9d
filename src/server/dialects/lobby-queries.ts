import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

const { shownAtConnecting } = limits.lobby;

export interface ReceivedMessage {
  id: string;
  senderId: string;
  text: string;
  sentAt: string;
}

/**
 * The last private messages that a person was sent, over all direct chats, the oldest first. They stand in the chats in
 * which the last ones arrived, so no more chats are looked into than messages are shown. Error: `session_revoked`.
 */
export async function listLastReceived(sql: Sql, { userId, sessionId }: Actor): Promise<ReceivedMessage[]> {
  const rows = await sql<(ReceivedMessage & { live: boolean; id: string | null })[]>`
    with partners as (
      select s.chat_id, o.user_id as sender_id, last.created_at
        from memberships s
        join chats c on c.id = s.chat_id and c.type = 'direct'
        cross join lateral (
          select m.user_id from memberships m where m.chat_id = s.chat_id and m.user_id <> ${userId} limit 1) o
        cross join lateral (
          select m.created_at from messages m
           where m.chat_id = s.chat_id and m.sender_id = o.user_id and m.seq > 0 and m.deleted_at is null
           order by m.seq desc limit 1) last
       where s.user_id = ${userId} and s.left_seq is null
       order by last.created_at desc limit ${shownAtConnecting}
    ), received as (
      select m.* from partners p cross join lateral (
        select m.id, m.sender_id, m.text, m.sent_at, m.created_at, m.chat_id, m.seq from messages m
         where m.chat_id = p.chat_id and m.sender_id = p.sender_id and m.seq > 0 and m.deleted_at is null
         order by m.seq desc limit ${shownAtConnecting}) m
       order by m.created_at desc, m.chat_id, m.seq desc limit ${shownAtConnecting}
    )
    select t.live, r.id, r.sender_id as "senderId", r.text, instant(r.sent_at) as "sentAt"
      from (select session_is_live(${sessionId}, ${userId}) as live) t left join received r on t.live
     order by r.created_at, r.chat_id, r.seq`;
  requireLive(rows[0]);
  return rows.filter((row) => row.id !== null);
}
