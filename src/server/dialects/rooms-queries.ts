/** Messages as clients of system 004 know them. */
import { ProtocolError } from '../../protocol/errors.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

/**
 * A message `m` as seen by `userId`, of whose chat `v` knows what counts as read. The sender's address is for those who
 * share the chat now.
 */
const toJson = (sql: Sql, userId: string) => sql`
  json_build_object('id', m.id, 'chat_id', m.chat_id, 'sender_id', m.sender_id,
    'sender', json_build_object('id', m.sender_id,
      'name', coalesce((select u.name from users u where u.id = m.sender_id), ''),
      'email', case when m.sender_id = ${userId} or (v.is_member and (
          select s.left_seq is null from memberships s where s.chat_id = m.chat_id and s.user_id = m.sender_id))
        then (select u.email from users u where u.id = m.sender_id) end),
    'text', case when v.is_member then m.text else text_until(m.chat_id, m.seq, v.version, v.left_seq) end,
    'timestamp', instant(m.sent_at),
    'is_read', m.seq <= seen_up_to(m.sender_id, v.seen_seq, v.behind_id, v.behind_seen_seq))`;

/** What somebody may see of a chat: (floor, ceiling]. */
const visible = (sql: Sql, { chatId, userId }: { chatId: string; userId: string }) => sql`
  select c.seen_seq, c.behind_id, c.behind_seen_seq, s.left_seq is null as is_member, s.left_seq, s.version,
    case when g.history = 'since_joined' then s.joined_seq else 0 end as floor, coalesce(s.left_seq, c.last_seq) as ceiling
  from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
  where s.chat_id = ${chatId} and s.user_id = ${userId} and c.deleted_at is null`;

/**
 * A page of history, the newest first, with the number of all messages one may see, as JSON text in one statement. Errors:
 * `session_revoked`; `no_chat` for everybody who never was a member, whether the chat exists or not.
 */
export async function getRoomHistory(
  sql: Sql,
  page: Actor & { chatId: string; limit: number; offset: number },
): Promise<string> {
  const { sessionId, userId, chatId, limit, offset } = page;
  const [row] = await sql<{ live: boolean; page: string | null }[]>`
    with visible as materialized (${visible(sql, { chatId, userId })})
    select session_is_live(${sessionId}, ${userId}) as live, (
      select json_build_object('messages', (
          select coalesce(json_agg(${toJson(sql, userId)} order by m.seq desc), '[]') from (
            select * from messages where chat_id = ${chatId} and seq > greatest(v.floor, v.ceiling - ${offset}::bigint - ${limit})
             and seq <= v.ceiling - ${offset}::bigint order by messages.seq limit ${limit}) m),
        'total', greatest(v.ceiling - v.floor, 0)) from visible v)::text as page`;
  const { page: text } = requireLive(row);
  if (text === null) throw new ProtocolError('no_chat');
  return text;
}

/** One message as JSON text, for whoever may see it. Error: `no_message`. */
export async function getRoomMessage(
  sql: Sql,
  { userId, chatId, seq }: { userId: string; chatId: string; seq: number },
): Promise<string> {
  const [row] = await sql<{ message: string }[]>`
    with visible as materialized (${visible(sql, { chatId, userId })})
    select ${toJson(sql, userId)}::text as message from visible v join messages m on m.chat_id = ${chatId} and m.seq = ${seq}
     where m.seq > v.floor and m.seq <= v.ceiling`;
  if (!row) throw new ProtocolError('no_message');
  return row.message;
}

export interface Reading {
  isOwn: boolean;
  /** When the person had first read so far; for a message of their own, when it was stored. */
  readAt: string;
}

/**
 * When somebody read a message, once they have. What was read before they joined counts as read when it was stored.
 * Errors: `session_revoked`; `no_message`, also for who is no member.
 */
export async function getReading(
  sql: Sql,
  { sessionId, userId, messageId }: Actor & { messageId: string },
): Promise<Reading> {
  const [row] = await sql<{ live: boolean; isOwn: boolean | null; readAt: string }[]>`
    select t.live, r.* from (select session_is_live(${sessionId}, ${userId}) as live) t left join (
      select m.sender_id = ${userId} as "isOwn", instant(coalesce(case when m.sender_id <> ${userId} then (
          select r.read_at from message_reads r where r.chat_id = m.chat_id and r.user_id = ${userId} and r.seq >= m.seq
           order by r.seq limit 1) end, m.created_at)) as "readAt"
      from messages m join memberships s on s.chat_id = m.chat_id and s.user_id = ${userId}
      where m.id = ${messageId} and s.left_seq is null) r on t.live`;
  const { isOwn, readAt } = requireLive(row);
  if (isOwn === null) throw new ProtocolError('no_message');
  return { isOwn, readAt };
}
