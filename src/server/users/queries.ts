import type postgres from 'postgres';
import type { FoundPlace, OwnProfile, Profile } from '../../protocol/users.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

/** Throws `session_revoked`. */
export async function getOwnProfile(sql: Sql, { sessionId, userId }: Actor): Promise<OwnProfile> {
  const [row] = await sql<{ live: boolean; profile: OwnProfile }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, own_profile(${userId}) as profile`;
  return requireLive(row).profile;
}

/**
 * A person as the viewer sees them; the e-mail address only where they share a chat. Throws `session_revoked` and
 * `unknown_user`.
 */
export async function getProfile(
  sql: Sql,
  { sessionId, userId, personId }: Actor & { personId: string },
): Promise<Profile> {
  const isKnown = sql`(u.id = ${userId} or exists (
    select from memberships mine join memberships theirs on theirs.chat_id = mine.chat_id
     where mine.user_id = ${userId} and mine.left_seq is null and theirs.user_id = u.id and theirs.left_seq is null))`;
  const shown = {
    email: sql`case when ${isKnown} then u.email end`,
    phone: sql`case when u.id = ${userId} then u.phone end`,
  };
  const [row] = await sql<{ live: boolean; profile: Profile | null }[]>`
    select session_is_live(${sessionId}, ${userId}) as live,
      (select ${toJson(sql, userId, shown)} from users u where u.id = ${personId}) as profile`;
  const { profile } = requireLive(row);
  if (!profile) throw new ProtocolError('unknown_user');
  return profile;
}

/** A page of people; `next` is where the one after it begins, null at the end. */
export interface PeoplePage<Place> {
  users: Profile[];
  next: Place | null;
}

export interface Search extends Actor {
  /** What was typed: words, an e-mail address (has an @) or a phone number (begins with +). */
  text: string;
  limit: number;
  after?: FoundPlace | undefined;
}

/**
 * The active people whom a typed text means. Of others' e-mail addresses and phone numbers only the one searched for is
 * shown. Throws `session_revoked`.
 */
export async function searchPeople(sql: Sql, search: Search): Promise<PeoplePage<FoundPlace>> {
  const text = search.text.trim();
  if (text.includes('@')) return findByIdentifier(sql, search, { email: text });
  if (text.startsWith('+'))
    return findByIdentifier(sql, search, { phone: text.replace(/[\s()\-\u2010-\u2015.]/g, '') });
  const { sessionId, userId, limit, after } = search;
  const [row] = await sql<{ live: boolean; next: [string, string] | null; users: Profile[] }[]>`
    with found as materialized (
      select search_people(${text}, ${after?.word ?? null}, ${after?.userId ?? null}, ${limit}, ${limits.search.maxWalkedRows}) as page)
    select session_is_live(${sessionId}, ${userId}) as live, (select page->'next' from found) as next,
      (select coalesce(json_agg(${toJson(sql, userId, {})} order by f.place), '[]')
         from found, jsonb_array_elements_text(page->'ids') with ordinality f(id, place)
         cross join lateral (select * from users where id = f.id::uuid limit 1) u) as users`;
  const { users, next } = requireLive(row);
  return { users, next: next && { word: next[0], userId: next[1] } };
}

async function findByIdentifier(
  sql: Sql,
  { sessionId, userId }: Actor,
  { email, phone }: { email?: string; phone?: string },
): Promise<PeoplePage<FoundPlace>> {
  const isMeant = email === undefined ? sql`u.phone = ${phone!}` : sql`lower(u.email) = lower(${email})`;
  const shown = email === undefined ? { phone: sql`u.phone` } : { email: sql`u.email` };
  const [row] = await sql<{ live: boolean; users: Profile[] }[]>`
    select session_is_live(${sessionId}, ${userId}) as live,
      (select coalesce(json_agg(${toJson(sql, userId, shown)}), '[]') from users u
        where ${isMeant} and u.deactivated_at is null) as users`;
  return { users: requireLive(row).users, next: null };
}

/** Whom the viewer has blocked, in the order of their ids. Throws `session_revoked`. */
export async function listBlocks(
  sql: Sql,
  { sessionId, userId, limit, after }: Actor & { limit: number; after?: string | undefined },
): Promise<PeoplePage<string>> {
  const [row] = await sql<{ live: boolean; users: Profile[] }[]>`
    select session_is_live(${sessionId}, ${userId}) as live,
      (select coalesce(json_agg(${toJson(sql, userId, {})} order by b.blocked_id), '[]') from (
          select blocked_id from blocks
           where user_id = ${userId} and (${after ?? null}::uuid is null or blocked_id > ${after ?? null}::uuid)
           order by blocked_id limit ${limit}) b
        cross join lateral (select * from users where id = b.blocked_id limit 1) u) as users`;
  const { users } = requireLive(row);
  return { users, next: users.length === limit ? users.at(-1)!.id : null };
}

/** Whether either of two people has blocked the other: then neither writes to the other nor sees whether they are there. */
export async function isBlockedEitherWay(sql: Sql, one: string, other: string): Promise<boolean> {
  const [row] = await sql<{ blocked: boolean }[]>`select is_blocked(${one}, ${other}) as blocked`;
  return row!.blocked;
}

/** Which of these people have blocked a person or were blocked by them. */
export async function listBlockedEitherWay(sql: Sql, userId: string, others: string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from unnest(${others}::uuid[]) as t(id) where is_blocked(${userId}, t.id)`;
  return rows.map(({ id }) => id);
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The profile of the row `u` of users; what is not in `shown` is nobody's business. */
const toJson = (sql: Sql, viewerId: string, { email, phone }: { email?: Fragment; phone?: Fragment }) => sql`
  json_build_object('id', u.id, 'name', u.name, 'username', u.username, 'first_name', u.first_name, 'last_name', u.last_name,
    'about', u.about, 'email', ${email ?? sql`null`}, 'phone', ${phone ?? sql`null`},
    'avatar_url', avatar_url(u.avatar, 256), 'avatar_small_url', avatar_url(u.avatar, 64),
    'deleted', u.deleted_at is not null,
    'blocked', exists (select from blocks where user_id = ${viewerId} and blocked_id = u.id),
    -- As is_blocked says, which would be a call for each row.
    'last_seen_at', case when (not u.presence_hidden or u.id = ${viewerId}) and not exists (select from blocks where user_id = ${viewerId} and blocked_id = u.id)
      and not exists (select from blocks where user_id = u.id and blocked_id = ${viewerId}) then instant(u.last_seen_at) end)`;
