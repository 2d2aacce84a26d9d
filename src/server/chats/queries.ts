import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

export interface ListChats extends Actor {
  /** At most so many chats. */
  limit: number;
  /** The last chat of the page before. */
  before?: { activeAt: string; chatId: string } | undefined;
  /** Only chats that are archived, or only the others. */
  archived?: boolean | undefined;
}

interface Row {
  live: boolean;
  chats: string;
}

/**
 * A person's chats as JSON text, the newest activity first; each with its last message, the unread count and at most 50
 * members. Error: `session_revoked`.
 */
export async function listChats(sql: Sql, page: ListChats): Promise<string> {
  return (await getChatPage(sql, page)).chats;
}

/** The same, with `before` of the next page as text; null: this was the last one. */
export async function getChatPage(
  sql: Sql,
  { sessionId, userId, limit, before, archived }: ListChats,
): Promise<{ chats: string; next: string | null }> {
  const ofThose =
    archived === undefined ? sql`true` : archived ? sql`s.archived_at is not null` : sql`s.archived_at is null`;
  const [row] = await sql<(Row & { next: string | null })[]>`
    with mine as materialized (
      select ${columns(sql)}
      from memberships s join chats c on c.id = s.chat_id
      where s.user_id = ${userId} and s.left_seq is null and ${ofThose}
    ), page as materialized (
      select * from mine
      where ${before ? sql`(active_at, chat_id) < (${before.activeAt}::text::timestamptz, ${before.chatId})` : sql`true`}
      order by active_at desc, chat_id desc limit ${limit}
    )
    select session_is_live(${sessionId}, ${userId}) as live, (${toJson(sql, userId, limits.page.defaultRows)})::text as chats,
      (select instant(active_at) || '_' || chat_id from page order by active_at desc, chat_id desc
        offset ${limit - 1} limit 1) as next`;
  const { chats, next } = requireLive(row);
  return { chats, next };
}

/** What the chat `c` and the membership `s` say without a look at other tables, and when the chat was last active. */
const columns = (sql: Sql) => sql`
  s.chat_id, s.role, s.joined_seq, s.read_seq, s.delivered_seq, s.muted_until, s.archived_at, s.pinned_at, s.marked_unread, c.type, c.last_seq, c.version,
  c.seen_seq, c.behind_id, c.behind_seen_seq,
  coalesce((select m.created_at from messages m where m.chat_id = s.chat_id and m.seq = c.last_seq), c.created_at) as active_at`;

/**
 * One chat with all its members as JSON text. Errors: `session_revoked`; `no_chat` for everybody who is not a member,
 * `unknown_chat` when there is none, or not any more.
 */
export async function getChat(sql: Sql, chat: Actor & { chatId: string }): Promise<string> {
  const [row] = await sql<(Row & { known: boolean })[]>`
    with page as (
      select ${columns(sql)}
      from memberships s join chats c on c.id = s.chat_id
      where s.user_id = ${chat.userId} and s.chat_id = ${chat.chatId} and s.left_seq is null
    )
    select session_is_live(${chat.sessionId}, ${chat.userId}) as live, ${isChat(sql, chat.chatId)} as known,
      (${toJson(sql, chat.userId, limits.counts.membersPerGroup)})::text as chats`;
  const { chats, known } = requireLive(row);
  if (chats === '[]') throw new ProtocolError(known ? 'no_chat' : 'unknown_chat');
  return chats.slice(1, -1);
}

/** Whether there is such a chat, and it was not deleted. */
const isChat = (sql: Sql, chatId: string) =>
  sql`coalesce((select deleted_at is null from chats where id = ${chatId}), false)`;

/** What somebody is told of a chat that is not theirs by a call that tells this from one that does not exist. */
export async function findWhyNot(sql: Sql, chatId: string): Promise<ProtocolError> {
  const [row] = await sql<{ known: boolean }[]>`select ${isChat(sql, chatId)} as known`;
  return new ProtocolError(row?.known ? 'no_chat' : 'unknown_chat');
}

/** A page of a chat's members as JSON text, by id. Errors: `session_revoked`; `no_chat` for everybody who is not a member. */
export async function listMembers(
  sql: Sql,
  page: Actor & { chatId: string; limit: number; after?: string | undefined },
): Promise<string> {
  const { sessionId, userId, chatId, limit, after = null } = page;
  const [row] = await sql<{ live: boolean; member: boolean; members: string }[]>`
    with mine as materialized (
      select s.chat_id from memberships s where s.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null
    ), members as (
      select s.user_id, s.role from mine cross join lateral (
        select m.user_id, m.role from memberships m where m.chat_id = mine.chat_id and m.left_seq is null
           and (${after}::uuid is null or m.user_id > ${after}::uuid) order by m.user_id limit ${limit}) s
    )
    select session_is_live(${sessionId}, ${userId}) as live, exists (select from mine) as member,
      (select coalesce(json_agg(${memberJson(sql)} order by x.user_id), '[]') from members x
        cross join lateral (${memberColumns(sql)}) u)::text as members`;
  const { member, members } = requireLive(row);
  if (!member) throw new ProtocolError('no_chat');
  return members;
}

/** The person of the membership `x`. The limit keeps it a look-up per member: the planner would else walk over everybody. */
const memberColumns = (sql: Sql) => sql`select name, email, username, avatar from users where id = x.user_id limit 1`;

const memberJson = (
  sql: Sql,
) => sql`json_build_object('id', x.user_id, 'name', u.name, 'email', u.email, 'username', u.username,
  'avatar_small_url', avatar_url(u.avatar, 64), 'role', x.role)`;

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
    'description', g.description, 'avatar_url', avatar_url(g.avatar, 256),
    'avatar_small_url', avatar_url(g.avatar, 64),
    'group_id', g.id, 'creator_id', g.creator_id, 'history', coalesce(g.history, 'all'),
    'members', who.members, 'more_members', who.more, 'role', p.role,
    'muted_until', muted_for(p.muted_until), 'archived', p.archived_at is not null, 'pinned', p.pinned_at is not null,
    'last_seq', p.last_seq, 'version', p.version, 'read_seq', p.position, 'delivered_seq', p.delivered_seq, 'seen_seq', p.seen_seq,
    'unread_count', p.last_seq - p.position
      - (select count(*) from messages m where m.chat_id = p.chat_id and m.sender_id = ${userId} and m.seq > 0 and m.seq > p.position)
      - (select count(*) from messages m where m.chat_id = p.chat_id and m.seq > p.position
          and m.deleted_at is not null and m.sender_id <> ${userId}),
    'unread_mentions', (select count(*) from mentions n where n.chat_id = p.chat_id and n.user_id = ${userId} and n.seq > p.read_seq),
    'marked_unread', p.marked_unread, 'draft', (
      select json_strip_nulls(json_build_object('text', d.text, 'reply_to', d.reply_seq, 'updated_at', instant(d.updated_at)))
        from drafts d where d.chat_id = p.chat_id and d.user_id = ${userId}),
    'last_message', (
      select json_build_object('id', m.id, 'seq', m.seq, 'sender_id', m.sender_id,
        'sender_name', (select u.name from users u where u.id = m.sender_id), 'text', m.text,
        'timestamp', instant(m.sent_at), 'is_read', m.seq <= seen_up_to(m.sender_id, p.seen_seq, p.behind_id, p.behind_seen_seq))
      from messages m where m.chat_id = p.chat_id and m.seq = p.last_seq
        and (g.history is distinct from 'since_joined' or m.seq > p.joined_seq)),
    'active_at', instant(p.active_at)) order by p.active_at desc, p.chat_id desc), '[]')
  from placed p left join groups g on g.chat_id = p.chat_id
  cross join lateral (
    select json_agg(${memberJson(sql)} order by x.user_id)
        filter (where x.place <= ${maxMembers}) as members,
      count(*) > ${maxMembers} as more
    from (
      select s.user_id, s.role, row_number() over (order by s.user_id) as place from memberships s
      where s.chat_id = p.chat_id and s.left_seq is null order by s.user_id limit ${maxMembers + 1}
    ) x
    cross join lateral (${memberColumns(sql)}) u
  ) who`;
