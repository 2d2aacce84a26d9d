/** Messages as the full protocol shows them (`message_json`), page by page. */
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { HistoryPlace } from '../../protocol/messages.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

export interface MessagePage extends Actor {
  chatId: string;
  place: Exclude<HistoryPlace, { by: 'offset' }>;
  /** At most so many messages. */
  limit: number;
}

/**
 * A page of a chat's messages as JSON text: the fields of the frame `history`. For a member or a former one, in one
 * statement. It ends before its texts would be more than a page's bytes, on the side away from its place. Errors:
 * `session_revoked`; `no_chat` for everybody who never was a member, whether the chat exists or not.
 */
export async function getMessagePage(sql: Sql, page: MessagePage): Promise<string> {
  const { chatId, sessionId, userId, place, limit } = page;
  const [row] = await sql<{ live: boolean; page: string | null }[]>`
    with visible as materialized (
      select case when g.history = 'since_joined' then s.joined_seq else 0 end as floor,
        coalesce(s.left_seq, c.last_seq) as ceiling, case when s.left_seq is null then c.version else s.version end as version,
        s.left_seq
      from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
      where s.chat_id = ${chatId} and s.user_id = ${userId} and c.deleted_at is null
    ), found as materialized (
      select m.message, ${distance(sql, place)} as distance from visible v cross join lateral (
        select case when v.left_seq is null then message else message_until(message, v.version, v.left_seq) end as message, seq
          from messages message
         where chat_id = ${chatId} and seq > ${toStart(sql, place, limit)} and seq <= ${toEnd(sql, place, limit)}
         order by seq limit ${limit}) m
    ), kept as materialized (
      select message from (select message, row_number() over w as place, sum(${sizeOf(sql)}) over w as bytes
        from found window w as (order by distance rows unbounded preceding)) f
       where place = 1 or bytes <= ${limits.sync.maxPageBytes}
    )
    select session_is_live(${sessionId}, ${userId}) as live, (
      select json_build_object('chat_id', ${chatId}::text, 'version', v.version,
        'first_seq', case when v.ceiling > v.floor then v.floor + 1 else 0 end, 'last_seq', v.ceiling,
        'rows', (select coalesce(json_agg(${messageIn(sql)} order by (message).seq), '[]') from kept))
      from visible v)::text as page`;
  const { page: text } = requireLive(row);
  if (text === null) throw new ProtocolError('no_chat');
  return text;
}

/** The row `message` as JSON. What never changed has no reactions to look for. */
export const messageIn = (sql: Sql) => sql`message_json(message, case when (message).changed_version is not null
  then reactions_of((message).chat_id, (message).seq) end)`;

/** What the row `message` adds to a page, in bytes, by estimate. */
export const sizeOf = (sql: Sql) => sql`(octet_length((message).text) + 300
  + case when (message).changed_version is null then 0 else 45 * (select count(*) from reactions r
      where r.chat_id = (message).chat_id and r.seq = (message).seq) end)`;

type Place = MessagePage['place'];

/** How far the message `m` is from where the page is asked for. */
function distance(sql: Sql, place: Place) {
  if (place.by === 'after') return sql`m.seq`;
  if (place.by === 'before') return sql`-m.seq`;
  return sql`2 * abs(m.seq - ${place.seq}::bigint) + case when m.seq > ${place.seq}::bigint then 1 else 0 end`;
}

/** The page begins after this seq. */
function toStart(sql: Sql, place: Place, limit: number) {
  if (place.by === 'after') return sql`greatest(v.floor, ${place.seq}::bigint)`;
  if (place.by === 'around')
    return sql`greatest(v.floor, least(${place.seq}::bigint - 1 - ${limit >> 1}, v.ceiling - ${limit}))`;
  if (place.seq === 'end') return sql`greatest(v.floor, v.ceiling - ${limit})`;
  return sql`greatest(v.floor, least(${place.seq}::bigint - 1, v.ceiling) - ${limit})`;
}

/** The page ends with this seq at the latest. */
function toEnd(sql: Sql, place: Place, limit: number) {
  if (place.by !== 'before') return sql`least(v.ceiling, ${toStart(sql, place, limit)} + ${limit})`;
  return place.seq === 'end' ? sql`v.ceiling` : sql`least(v.ceiling, ${place.seq}::bigint - 1)`;
}
