import type { Presence } from '../../protocol/full.ts';
import { limits } from '../../protocol/limits.ts';
import { toArray } from '../db/arrays.ts';
import type { Sql } from '../db/client.ts';
import { listenerName } from '../realtime/bus.ts';

/**
 * Whether the other one of a direct chat has no socket open on any node. Where one has blocked the other, or the other
 * hides, it is false: what would follow from it tells who is there. The history of connections is a moment behind.
 */
export async function isAway(sql: Sql, { chatId, otherId }: { chatId: string; otherId: string }): Promise<boolean> {
  const [row] = await sql<{ away: boolean }[]>`
    select not blocked and not (select presence_hidden from users where id = ${otherId}) and not exists (
        select from connections where user_id = ${otherId} and disconnected_at is null) as away
      from chats where id = ${chatId}`;
  return row?.away ?? false;
}

/** Somebody who asks after a person, by one of their sessions. */
export interface Pair {
  viewerId: string;
  sessionId: string;
  personId: string;
}

/** Whether somebody is there, and what the viewer is told of it. */
export interface Answer {
  /** Whether the viewer's session is. */
  isLive: boolean;
  isThere: boolean;
  told: Presence;
}

/** The database is a moment behind: for so long somebody is still there after their last socket. */
const lingerSeconds = Math.max(0, limits.presence.lingerMs - 1_000) / 1_000;

/**
 * Whether the person `u` is there: as far as this node knows by itself, else by sockets that a node that is up has open,
 * or had a moment ago.
 */
const isThere = (sql: Sql, known: readonly string[]) => sql`(
  u.id = any(${toArray(known)}::uuid[])
  or (select true from connections c where c.user_id = u.id and c.disconnected_at is null and c.node_id = any(array(
        select right(application_name, 36)::uuid from pg_stat_activity
         where datname = current_database() and application_name ~ ${`^${listenerName} [0-9a-f-]{36}$`})) limit 1)
  or coalesce(u.last_seen_at > statement_timestamp() - make_interval(secs => ${lingerSeconds}), false))`;

/**
 * What viewers are told of people, in the order of the pairs: the truth where both are members of a chat, neither has
 * blocked the other, and the person is active and does not hide. Of everybody else, existing or not: not there, last seen
 * nobody knows when. `known`: people of whom this node knows that they are there.
 */
export async function readPresence(sql: Sql, pairs: readonly Pair[], known: readonly string[]): Promise<Answer[]> {
  const rows = await sql<{ live: boolean; there: boolean; told: boolean; lastSeenAt: string | null }[]>`
    select session_is_live(p.session_id, p.viewer_id) as live, coalesce(u.there, false) as there, coalesce(u.shown and shares.chat, false) as told, u.last_seen_at as "lastSeenAt"
      from unnest(${toArray(pairs.map(({ viewerId }) => viewerId))}::uuid[], ${toArray(pairs.map(({ sessionId }) => sessionId))}::uuid[],
        ${toArray(pairs.map(({ personId }) => personId))}::uuid[]) with ordinality as p (viewer_id, session_id, person_id, place)
      left join lateral (
        select ${isThere(sql, known)} as there, instant(u.last_seen_at) as last_seen_at,
            u.deactivated_at is null and not u.presence_hidden
              and (select true from blocks where user_id = p.viewer_id and blocked_id = u.id) is null
              and (select true from blocks where user_id = u.id and blocked_id = p.viewer_id) is null as shown
          from users u where u.id = p.person_id limit 1) u on true
      left join lateral (
        select true as chat from memberships theirs
         where u.shown and theirs.user_id = p.person_id and theirs.left_seq is null
           and (select true from memberships mine where mine.chat_id = theirs.chat_id and mine.user_id = p.viewer_id
             and mine.left_seq is null)
         limit 1) shares on true
     order by p.place`;
  return rows.map(({ live, there, told, lastSeenAt }, i) => ({
    isLive: live,
    isThere: there,
    told: {
      user_id: pairs[i]!.personId,
      online: told && there,
      last_seen_at: told && !there ? lastSeenAt : null,
    },
  }));
}

/** Which of these people are there. */
export async function listThere(sql: Sql, userIds: readonly string[], known: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select u.id from users u where u.id = any(${toArray(userIds)}::uuid[]) and ${isThere(sql, known)}`;
  return new Set(rows.map(({ id }) => id));
}
