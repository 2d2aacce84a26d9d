import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { HistoryPlace } from '../../protocol/messages.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import { messageIn, sizeOf } from './message-pages.ts';

export interface Page {
  chatId: string;
  place: HistoryPlace;
  /** At most so many messages. */
  limit: number;
}

/**
 * A page of a chat's history as JSON text, for a member or a former one, in one statement: who may see what and what is
 * there are of one snapshot. Numbers have no holes, so a page is a range of them and the last costs what the first does.
 * Errors: `session_revoked`; `no_chat` for everybody who never was a member, whether the chat exists or not.
 */
export async function getHistory(sql: Sql, page: Page & Actor): Promise<string> {
  const { chatId, sessionId, userId, place, limit } = page;
  const [row] = await sql<{ live: boolean; visible: boolean; page: string }[]>`
    with visible as materialized (
      select c.seen_seq, c.behind_id, c.behind_seen_seq, case when g.history = 'since_joined' then s.joined_seq else 0 end as floor,
        coalesce(s.left_seq, c.last_seq) as ceiling, s.left_seq, s.version
      from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
      where s.chat_id = ${chatId} and s.user_id = ${userId} and c.deleted_at is null
    )
    select session_is_live(${sessionId}, ${userId}) as live, exists (select from visible) as visible,
      (${toJson(sql, { chatId, place, limit })})::text as page`;
  const { visible, page: text } = requireLive(row);
  if (!visible) throw new ProtocolError('no_chat');
  return text;
}

/** The same for everybody, where history is public; an unknown chat has no messages. */
export async function getPublicHistory(sql: Sql, page: Page): Promise<string> {
  const [row] = await sql<{ page: string }[]>`
    with visible as materialized (
      select seen_seq, behind_id, behind_seen_seq, 0::bigint as floor, last_seq as ceiling, null::bigint as left_seq,
        version from chats
       where id = ${page.chatId} and deleted_at is null
    )
    select (${toJson(sql, page)})::text as page`;
  return row!.page;
}

/** The page within what the CTE `visible` allows: (floor, ceiling]. */
const toJson = (sql: Sql, { chatId, place, limit }: Page) => sql`
  select coalesce(json_agg(m), '[]') from visible v cross join lateral (
    select sender_id, chat_id, case when v.left_seq is null then text else text_until(chat_id, seq, v.version, v.left_seq) end as text,
      instant(sent_at) as timestamp, id, seq <= seen_up_to(sender_id, v.seen_seq, v.behind_id, v.behind_seen_seq) as seen
      ${place.by === 'offset' ? sql`` : sql`, seq`}
    from messages where chat_id = ${chatId} and seq > ${toStart(sql, place, limit)} and seq <= ${toEnd(sql, place, limit)}
    order by messages.seq limit ${limit}
  ) m`;

/** The page begins after this seq. */
function toStart(sql: Sql, place: HistoryPlace, limit: number) {
  if (place.by === 'offset') return sql`v.floor + ${place.offset}`;
  if (place.by === 'after') return sql`greatest(v.floor, ${place.seq})`;
  if (place.by === 'around')
    return sql`greatest(v.floor, least(${place.seq}::bigint - 1 - ${limit >> 1}, v.ceiling - ${limit}))`;
  if (place.seq === 'end') return sql`greatest(v.floor, v.ceiling - ${limit})`;
  return sql`greatest(v.floor, least(${place.seq}::bigint - 1, v.ceiling) - ${limit})`;
}

/** The page ends with this seq at the latest. */
function toEnd(sql: Sql, place: HistoryPlace, limit: number) {
  if (place.by !== 'before') return sql`least(v.ceiling, ${toStart(sql, place, limit)} + ${limit})`;
  return place.seq === 'end' ? sql`v.ceiling` : sql`least(v.ceiling, ${place.seq}::bigint - 1)`;
}

/**
 * The place of a message in its chat, for a member. Error: `no_message` when it is not in this chat, and for everybody
 * else, whether it exists or not.
 */
export async function getSeq(
  sql: Sql,
  message: { chatId: string; messageId: string; userId: string },
): Promise<number> {
  const { chatId, messageId, userId } = message;
  const [row] = await sql<{ seq: string }[]>`
    select m.seq from messages m join memberships s on s.chat_id = m.chat_id
    where m.id = ${messageId} and m.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null`;
  if (!row) throw new ProtocolError('no_message');
  return Number(row.seq);
}

/** What the cache of newest pages keeps of a chat. */
export interface NewestPage {
  version: number;
  /** Who may see the page: members, and only where all of it is visible to each of them. */
  memberIds: string[];
  /** Messages as JSON texts, ascending. */
  rows: string[];
}

/** The newest messages of a chat and who may see them, in one snapshot; undefined when there is no such chat. */
export async function findNewestPage(sql: Sql, chatId: string, limit: number): Promise<NewestPage | undefined> {
  const [row] = await sql<{ version: string; memberIds: string[]; rows: string[] }[]>`
    select c.version, array(select s.user_id::text from memberships s left join groups g on g.chat_id = s.chat_id
        where s.chat_id = c.id and s.left_seq is null and g.history is distinct from 'since_joined') as "memberIds",
      array(select row_to_json(m)::text from (
        select sender_id, chat_id, text, instant(sent_at) as timestamp, id, seq <= seen_up_to(sender_id, c.seen_seq, c.behind_id, c.behind_seen_seq) as seen, seq
        from messages
        where chat_id = c.id and seq > c.last_seq - ${limit} and seq <= c.last_seq order by messages.seq limit ${limit}
      ) m order by m.seq) as rows
    from chats c where c.id = ${chatId} and c.deleted_at is null`;
  return row && { ...row, version: Number(row.version) };
}

/**
 * What a message said before it was edited, as JSON text (`EarlierText[]`), the oldest first and as many as fit an answer;
 * for members who see the message. Errors: `session_revoked`, `no_chat`, `no_message`.
 */
export async function listEdits(
  sql: Sql,
  { sessionId, userId, chatId, seq }: Actor & { chatId: string; seq: number },
): Promise<string> {
  const [row] = await sql<{ live: boolean; floor: string | null; found: boolean; edits: string }[]>`
    with visible as materialized (${visibleToMember(sql, { userId, chatId })}),
    measured as (
      select e.edit, e.text, e.mentions, e.written_at, sum(octet_length(e.text) + coalesce(octet_length(e.mentions::text), 0) + 100)
          over (order by e.edit) as bytes
        from visible v join message_edits e on e.chat_id = ${chatId} and e.seq = ${seq} and e.seq > v.floor
    )
    select session_is_live(${sessionId}, ${userId}) as live, (select floor from visible) as floor,
      exists (select from visible v join messages m on m.chat_id = ${chatId} and m.seq = ${seq} and m.seq > v.floor) as found,
      (select coalesce(json_agg(json_strip_nulls(json_build_object('text', e.text, 'mentions', e.mentions,
          'written_at', instant(e.written_at))) order by e.edit), '[]')
        from measured e where e.bytes <= ${limits.lists.maxBytes})::text as edits`;
  const { floor, found, edits } = requireLive(row);
  if (floor === null) throw new ProtocolError('no_chat');
  if (!found) throw new ProtocolError('no_message');
  return edits;
}

/**
 * Who of those who were there when a message was said has read it, and when, as JSON text (`Reading[]`), the first reader
 * first; for members who see the message. Errors: `session_revoked`, `no_chat`, `no_message`.
 */
export async function listReads(
  sql: Sql,
  { sessionId, userId, chatId, seq }: Actor & { chatId: string; seq: number },
): Promise<string> {
  const [row] = await sql<{ live: boolean; floor: string | null; found: boolean; reads: string }[]>`
    with visible as materialized (${visibleToMember(sql, { userId, chatId })}),
    found as materialized (
      select m.sender_id from visible v join messages m on m.chat_id = ${chatId} and m.seq = ${seq} and m.seq > v.floor
    )
    select session_is_live(${sessionId}, ${userId}) as live, (select floor from visible) as floor,
      exists (select from found) as found,
      (select coalesce(json_agg(json_build_object('user_id', s.user_id, 'read_at', instant(r.read_at))
          order by r.read_at, s.user_id), '[]')
        from found f join memberships s on s.chat_id = ${chatId} and s.user_id <> f.sender_id
          and s.left_seq is null and s.joined_seq < ${seq} and s.read_seq >= ${seq}
        cross join lateral (select read_at from message_reads
          where chat_id = ${chatId} and user_id = s.user_id and seq >= ${seq}
          order by message_reads.seq limit 1) r)::text as reads`;
  const { floor, found, reads } = requireLive(row);
  if (floor === null) throw new ProtocolError('no_chat');
  if (!found) throw new ProtocolError('no_message');
  return reads;
}

/**
 * The pinned messages of a chat as JSON text (`Message[]`), the newest pin first and as many as fit an answer; for members,
 * as far as they see them. Errors: `session_revoked`, `no_chat`.
 */
export async function listPins(sql: Sql, { sessionId, userId, chatId }: Actor & { chatId: string }): Promise<string> {
  const [row] = await sql<{ live: boolean; floor: string | null; pins: string }[]>`
    with visible as materialized (${visibleToMember(sql, { userId, chatId })}),
    found as materialized (
      select message, row_number() over (order by message.pinned_at desc, message.seq desc) as place
        from visible v join messages message
          on message.chat_id = ${chatId} and message.pinned_at is not null and message.seq > v.floor
       order by place limit ${limits.page.maxRows}
    ), measured as (
      select message, place, sum(${sizeOf(sql)}) over (order by place) as bytes from found
    )
    select session_is_live(${sessionId}, ${userId}) as live, (select floor from visible) as floor, (
      select coalesce(json_agg(${messageIn(sql)} order by place), '[]') from measured
       where place = 1 or bytes <= ${limits.lists.maxBytes})::text as pins`;
  const { floor, pins } = requireLive(row);
  if (floor === null) throw new ProtocolError('no_chat');
  return pins;
}

/** Whether a chat has come beyond a version, for a member. Errors: `session_revoked`, `no_chat`. */
export async function isAhead(
  sql: Sql,
  { sessionId, userId, chatId, after }: Actor & { chatId: string; after: number },
): Promise<boolean> {
  const [row] = await sql<{ live: boolean; ahead: boolean | null }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, (
      select c.version > ${after} from memberships s join chats c on c.id = s.chat_id
       where s.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null) as ahead`;
  const { ahead } = requireLive(row);
  if (ahead === null) throw new ProtocolError('no_chat');
  return ahead;
}

/** After which number a member sees the messages of a chat; nothing for everybody else. */
const visibleToMember = (sql: Sql, { userId, chatId }: { userId: string; chatId: string }) => sql`
  select case when g.history = 'since_joined' then s.joined_seq else 0 end as floor
    from memberships s left join groups g on g.chat_id = s.chat_id
   where s.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null`;
