/**
 * What a member of a chat misses, read from its state.
 *
 * Promise: who asks page after page, each time with `to` and `to_seq` of the last answer, has every message and every
 * change up to the last `to`, however many were made meanwhile.
 *
 * A page is the beginning of one list, ordered by the version at which something becomes news: new messages by the one that
 * stored them, older ones by the one that changed them last. A new message is shown as it is now; what changes it later is
 * told again once it is an older one. Neither half reads more rows than a page has: where the changed ones end early, the
 * page ends with them, even when all of them are told as new messages anyway.
 */
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import { isPossible, readResumeToken } from '../db/resume-token.ts';
import { messageIn, sizeOf } from './message-pages.ts';

export interface SyncPlace extends Actor {
  chatId: string;
  /** The version up to which one has everything. */
  after: number;
  /** The newest message that one has with it. */
  afterSeq: number;
  /** At most so many messages. */
  limit: number;
  /** A resume token: only positions that may have moved since; absent: of every member. */
  positionsSince?: string | null | undefined;
}

/**
 * JSON text of the fields of the frame `changes`: one statement, one snapshot. Errors: `session_revoked`; `no_chat` for
 * everybody who is no member; `resume_not_possible` for a `positionsSince` that is no token.
 */
export async function getChanges(sql: Sql, place: SyncPlace): Promise<string> {
  const { sessionId, userId, chatId, after, afterSeq } = place;
  const [row] = await sql<{ live: boolean; changes: string | null }[]>`
    with mine as materialized (
      select s as member, c as chat, case when g.history = 'since_joined' then s.joined_seq else 0 end as floor
        from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
       where s.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null and c.deleted_at is null
    ), ${rowsIn(sql, place)}, page as materialized (
      select mine.*, e.more, case when e.more then greatest(${after}::bigint, e.key) else (chat).version end as upto,
        case when e.more then coalesce(e.seq, ${afterSeq}) else (chat).last_seq end as to_seq
      from mine, ending e
    )
    select session_is_live(${sessionId}, ${userId}) as live, (
      select json_build_object('chat_id', (chat).id, 'after', ${after}::bigint, 'to', upto, 'to_seq', to_seq, 'more', more,
        'rows', (select coalesce(json_agg(${messageIn(sql)} order by key), '[]') from kept),
        'members', (select coalesce(json_agg(json_build_object('user_id', s.user_id,
            'role', case when s.left_seq is null then s.role end) order by s.version, s.user_id), '[]')
          from memberships s where s.chat_id = ${chatId} and s.version > ${after} and s.version <= upto
           and (s.left_seq is null or ${after}::bigint > 0)),
        'group', (select json_build_object('id', g.id, 'name', g.name, 'description', g.description,
            'avatar_url', avatar_url(g.avatar, 256), 'avatar_small_url', avatar_url(g.avatar, 64))
          from groups g where g.chat_id = ${chatId} and g.version > ${after} and g.version <= upto),
        'positions', (select coalesce(json_agg(json_build_object('user_id', s.user_id, 'delivered_seq', s.delivered_seq,
            'read_seq', s.read_seq) order by s.user_id), '[]')
          from memberships s where s.chat_id = ${chatId} and s.left_seq is null and not more and ${hasMoved(sql, place)}),
        'own', o.own)
      from page cross join lateral own_state_json(member, chat) as o (own))::text as changes`;
  const { changes } = requireLive(row);
  if (changes === null) throw new ProtocolError('no_chat');
  return changes;
}

/** CTEs: `kept`, the rows of the page, and `ending`, where it ends and whether there is more. */
const rowsIn = (sql: Sql, { chatId, after, afterSeq, limit }: SyncPlace) => sql`
  scanned as materialized (
    select m as message, m.changed_version as key from messages m
     where m.chat_id = ${chatId} and m.changed_version > ${after} order by m.changed_version limit ${limit + 1}
  ), bound as materialized (
    select case when count(*) > ${limit} then max(key) end as cut from scanned
  ), found as (
    select f.message, f.key, true as fresh from mine cross join lateral (
      select m as message, m.version as key from messages m
       where m.chat_id = ${chatId} and m.seq > greatest(${afterSeq}::bigint, mine.floor)
       order by m.seq limit ${limit + 1}) f
    union all
    select message, key, false from scanned, mine where (message).seq <= ${afterSeq} and (message).seq > mine.floor
  ), measured as materialized (
    select message, key, fresh, row_number() over w as place, sum(${sizeOf(sql)}) over w as bytes
      from found, bound where bound.cut is null or key <= bound.cut
    window w as (order by key rows unbounded preceding)
  ), kept as materialized (
    select message, key, fresh from measured
     where place = 1 or (place <= ${limit} and bytes <= ${limits.sync.maxPageBytes})
  ), ending as materialized (
    select w.is_cut or bound.cut is not null as more, case when w.is_cut then w.key else bound.cut end as key, w.seq
      from bound, (select count(*) < (select count(*) from measured) as is_cut, max(key) as key,
        max((message).seq) filter (where fresh) as seq from kept) w
  )`;

/** Whether the position of the membership `s` may have moved since the token. */
function hasMoved(sql: Sql, { positionsSince }: SyncPlace) {
  if (typeof positionsSince !== 'string') return sql`true`;
  const since = readResumeToken(positionsSince);
  return sql`(s.tx >= ${since.xid}::text::xid8 or not ${isPossible(sql, since)})`;
}
