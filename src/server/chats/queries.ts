import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';

export interface ListChats {
  sessionId: string;
  userId: string;
  /** At most so many chats. */
  limit: number;
  /** The last chat of the page before. */
  before?: { activeAt: string; chatId: string } | undefined;
}

interface Row {
  live: boolean;
  chats: string;
}

/**
 * A person's chats as JSON text, the newest activity first; each with its last message, the unread count and at most 50
 * members. Error: `session_revoked`.
 */
export async function listChats(sql: Sql, { sessionId, userId, limit, before }: ListChats): Promise<string> {
  const [row] = await sql<Row[]>`
    with mine as materialized (
      select s.chat_id, s.role, s.joined_seq, s.read_seq, c.type, c.last_seq, c.version, c.seen_seq, c.behind_id, c.behind_seen_seq,
        coalesce((select m.created_at from messages m where m.chat_id = s.chat_id and m.seq = c.last_seq), c.created_at) as active_at
      from memberships s join chats c on c.id = s.chat_id
      where s.user_id = ${userId} and s.left_seq is null
    ), page as (
      select * from mine
      where ${before ? sql`(active_at, chat_id) < (${before.activeAt}::text::timestamptz, ${before.chatId})` : sql`true`}
      order by active_at desc, chat_id desc limit ${limit}
    )
    select session_is_live(${sessionId}, ${userId}) as live, (${toJson(sql, userId, limits.page.defaultRows)})::text as chats`;
  return requireLive(row).chats;
}

/** One chat with all its members as JSON text. Errors: `session_revoked`; `no_chat` for everybody who is not a member. */
export async function getChat(sql: Sql, chat: { sessionId: string; userId: string; chatId: string }): Promise<string> {
  const [row] = await sql<Row[]>`
    with page as (
      select s.chat_id, s.role, s.joined_seq, s.read_seq, c.type, c.last_seq, c.version, c.seen_seq, c.behind_id, c.behind_seen_seq,
        coalesce((select m.created_at from messages m where m.chat_id = s.chat_id and m.seq = c.last_seq), c.created_at) as active_at
      from memberships s join chats c on c.id = s.chat_id
      where s.user_id = ${chat.userId} and s.chat_id = ${chat.chatId} and s.left_seq is null
    )
    select session_is_live(${chat.sessionId}, ${chat.userId}) as live,
      (${toJson(sql, chat.userId, limits.counts.membersPerGroup)})::text as chats`;
  const { chats } = requireLive(row);
  if (chats === '[]') throw new ProtocolError('no_chat');
  return chats.slice(1, -1);
}

function requireLive(row: Row | undefined): Row {
  if (!row?.live) throw new ProtocolError('session_revoked');
  return row;
}

/**
 * The chats of the CTE `page` as a JSON array. Unread is what lies between the position and the end, less one's own and
 * what others deleted: both are looked up in indexes of their own, the unread messages are never counted.
 */
const toJson = (sql: Sql, userId: string, maxMembers: number) => sql`
  with placed as materialized (
    select p.*, case when p.read_seq = p.last_seq then p.last_seq else coalesce(
      (select m.seq - 1 from messages m where m.chat_id = p.chat_id and m.seq > p.read_seq and m.sender_id <> ${userId}
        order by m.seq limit 1), p.last_seq) end as position
    from page p
  )
  select coalesce(json_agg(json_build_object(
    'id', p.chat_id, 'name', g.name, 'type', case p.type when 'direct' then 'personal' else 'group' end,
    'group_id', g.id, 'creator_id', g.creator_id, 'history', coalesce(g.history, 'all'),
    'members', who.members, 'more_members', who.more, 'role', p.role,
    'last_seq', p.last_seq, 'version', p.version, 'read_seq', p.position, 'seen_seq', p.seen_seq,
    'unread_count', p.last_seq - p.position
      - (select count(*) from messages m where m.chat_id = p.chat_id and m.sender_id = ${userId} and m.seq > 0 and m.seq > p.position)
      - (select count(*) from messages m where m.chat_id = p.chat_id and m.seq > p.position
          and m.deleted_at is not null and m.sender_id <> ${userId}),
    'last_message', (
      select json_build_object('id', m.id, 'seq', m.seq, 'sender_id', m.sender_id,
        'sender_name', (select u.name from users u where u.id = m.sender_id), 'text', m.text,
        'timestamp', instant(m.sent_at), 'is_read', m.seq <= seen_up_to(m.sender_id, p.seen_seq, p.behind_id, p.behind_seen_seq))
      from messages m where m.chat_id = p.chat_id and m.seq = p.last_seq
        and (g.history is distinct from 'since_joined' or m.seq > p.joined_seq)),
    'active_at', instant(p.active_at)) order by p.active_at desc, p.chat_id desc), '[]')
  from placed p left join groups g on g.chat_id = p.chat_id
  cross join lateral (
    select json_agg(json_build_object('id', x.user_id, 'name', u.name, 'email', u.email, 'role', x.role) order by x.user_id)
        filter (where x.place <= ${maxMembers}) as members,
      count(*) > ${maxMembers} as more
    from (
      select s.user_id, s.role, row_number() over (order by s.user_id) as place from memberships s
      where s.chat_id = p.chat_id and s.left_seq is null order by s.user_id limit ${maxMembers + 1}
    ) x
    -- The limit keeps it a look-up per member: the planner would else walk over everybody.
    cross join lateral (select name, email from users where id = x.user_id limit 1) u
  ) who`;
