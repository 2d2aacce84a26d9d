/** What system 003 shows of chats, as JSON text that PostgreSQL makes. Errors of all: `session_revoked`. */
import type { Role } from '../../protocol/chats.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

/** The person `x.user_id`. The limit keeps it a look-up: the planner would else walk over everybody. */
const person = (sql: Sql) => sql`select name, email from users where id = x.user_id limit 1`;
const personJson = (sql: Sql) => sql`json_build_object('id', x.user_id, 'name', u.name, 'email', u.email)`;

/** A person's chats, the youngest first; `before` a chat, or only the one named. */
async function readChats(
  sql: Sql,
  { sessionId, userId, before = null, only = null }: Actor & { before?: string | null; only?: string | null },
): Promise<string> {
  const [row] = await sql<{ live: boolean; chats: string }[]>`
    with mine as materialized (
      select s.chat_id, c.type, g.id as group_id, g.name
      from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
      where s.user_id = ${userId} and s.left_seq is null
        and (${before}::uuid is null or s.chat_id < ${before}::uuid) and (${only}::uuid is null or s.chat_id = ${only}::uuid)
      order by s.chat_id desc limit ${limits.actions.maxPageRows}
    )
    select session_is_live(${sessionId}, ${userId}) as live, (
      select coalesce(json_agg(json_build_object('id', m.chat_id,
          'name', coalesce(m.name, 'Чат ' || who.names), 'type', case m.type when 'direct' then 'personal' else 'group' end,
          'members', who.members, 'group_id', m.group_id) order by m.chat_id desc), '[]')
      from mine m cross join lateral (
        select json_agg(json_build_object('user', ${personJson(sql)}) order by x.user_id) as members,
          string_agg(u.name, ' и ' order by x.user_id = ${userId} desc) as names
        from (
          select s.user_id from memberships s where s.chat_id = m.chat_id and s.left_seq is null
          order by s.user_id limit ${limits.page.defaultRows}
        ) x cross join lateral (${person(sql)}) u
      ) who)::text as chats`;
  return requireLive(row).chats;
}

export const listChats = (sql: Sql, page: Actor & { before: string | undefined }): Promise<string> =>
  readChats(sql, { ...page, before: page.before ?? null });

/** One chat of one's own. */
export const getChat = async (sql: Sql, { chatId, ...actor }: Actor & { chatId: string }): Promise<string> =>
  (await readChats(sql, { ...actor, only: chatId })).slice(1, -1);

export interface Group {
  chatId: string;
  role: Role;
  ownerId: string | null;
  json: string;
}

/** A group of one's own with all its members. Errors: `no_chat` for others, `unknown_chat` when there is none. */
export async function getGroup(sql: Sql, { sessionId, userId, groupId }: Actor & { groupId: string }): Promise<Group> {
  const [row] = await sql<
    (Omit<Group, 'chatId' | 'role'> & { live: boolean; chatId: string | null; role: Role | null })[]
  >`
    with found as materialized (
      select g.id, g.chat_id, g.name,
        (select s.role from memberships s where s.chat_id = g.chat_id and s.user_id = ${userId} and s.left_seq is null) as role,
        (select s.user_id from memberships s where s.chat_id = g.chat_id and s.left_seq is null and s.role = 'owner' limit 1) as owner_id
      from groups g join chats c on c.id = g.chat_id where g.id = ${groupId} and c.deleted_at is null
    )
    select session_is_live(${sessionId}, ${userId}) as live, f.chat_id as "chatId", f.role, f.owner_id as "ownerId", (
      case when f.role is not null then (
        select json_build_object('id', f.id, 'chat_id', f.chat_id, 'title', f.name,
          'creator', (select ${personJson(sql)} from (select f.owner_id as user_id) x cross join lateral (${person(sql)}) u),
          'members', json_agg(json_build_object('user', ${personJson(sql)}, 'joined_at', instant(x.created_at))
            order by x.created_at, x.user_id))
        from (
          select s.user_id, s.created_at from memberships s where s.chat_id = f.chat_id and s.left_seq is null
          order by s.user_id limit ${limits.counts.membersPerGroup}
        ) x cross join lateral (${person(sql)}) u) end)::text as json
    from (select) as one left join found f on true`;
  const { chatId, role, ownerId, json } = requireLive(row);
  if (chatId === null) throw new ProtocolError('unknown_chat');
  if (role === null) throw new ProtocolError('no_chat');
  return { chatId, role, ownerId, json };
}

/**
 * A page of history, ascending. A message of one's own is read when the first of the others has read it, another's when one
 * has oneself. Positions move in steps, so the first who had read a message made, of all steps at or beyond it, the earliest.
 * Of steps beyond the page only each person's first counts. Error: `no_chat` for everybody who never was a member.
 */
export async function getHistory(
  sql: Sql,
  { sessionId, userId, chatId, limit, offset }: Actor & { chatId: string; limit: number; offset: number },
): Promise<string> {
  const [row] = await sql<{ live: boolean; visible: boolean; page: string }[]>`
    with visible as materialized (
      select s.read_seq, s.left_seq is null as is_member, s.left_seq, s.version, coalesce(s.left_seq, c.last_seq) as ceiling,
        case when g.history = 'since_joined' then s.joined_seq else 0 end + ${offset}::bigint as floor
      from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
      where s.chat_id = ${chatId} and s.user_id = ${userId} and c.deleted_at is null
    ), page as materialized (
      select m.* from visible v cross join lateral (
        select id, seq, sender_id, sent_at, client_key,
          case when v.is_member then text else text_until(chat_id, seq, v.version, v.left_seq) end as text from messages
         where chat_id = ${chatId} and seq > v.floor and seq <= least(v.ceiling, v.floor + ${limit})
         order by messages.seq limit ${limit}) m
    ), own as materialized (
      select min(seq) as first, max(seq) as last from page where sender_id = ${userId}
    ), steps as materialized (
      select least(r.seq, own.last) as seq, min(r.read_at) as read_at
      from own join memberships s on s.chat_id = ${chatId} and s.user_id <> ${userId} and own.last is not null
      cross join lateral (
        (select seq, read_at from message_reads
          where chat_id = ${chatId} and user_id = s.user_id and seq >= own.first and seq < own.last)
        union all
        (select seq, read_at from message_reads
          where chat_id = ${chatId} and user_id = s.user_id and seq >= own.last order by message_reads.seq limit 1)
      ) r group by 1
    ), judged as (
      select p.*, case when p.sender_id = ${userId}
        then (select min(t.read_at) from steps t where t.seq >= p.seq)
        else (select r.read_at from message_reads r
               where r.chat_id = ${chatId} and r.user_id = ${userId} and r.seq >= p.seq order by r.seq limit 1) end as read_at
      from page p
    )
    select session_is_live(${sessionId}, ${userId}) as live, exists (select from visible) as visible, (
      select coalesce(json_agg(json_build_object('id', x.id, 'chat_id', ${chatId}::uuid,
          'sender', json_build_object('id', x.sender_id, 'name', coalesce(u.name, ''), 'email', case when v.is_member and exists (
            select from memberships s where s.chat_id = ${chatId} and s.user_id = x.sender_id and s.left_seq is null) then u.email end),
          'text', x.text, 'created_at', instant(x.sent_at),
          'is_read', x.read_at is not null or (x.sender_id <> ${userId} and x.seq <= v.read_seq),
          'read_at', instant(x.read_at), 'idempotency_key', x.client_key) order by x.seq), '[]')
      from visible v cross join judged x left join lateral (
        select name, email from users where id = x.sender_id limit 1) u on true)::text as page`;
  const { visible, page } = requireLive(row);
  if (!visible) throw new ProtocolError('no_chat');
  return page;
}
