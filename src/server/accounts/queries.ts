import { and, desc, eq, gt, isNull, sql as fragment } from 'drizzle-orm';
import type { ConnectionRecord, Session } from '../../protocol/accounts.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Database, Sql } from '../db/client.ts';
import { sessions, users } from '../db/schema.ts';
import { listenerName } from '../realtime/bus.ts';
import type { Actor } from './policy.ts';

/** What a person logs in with. */
export interface Identifier {
  kind: 'email' | 'phone' | 'username';
  value: string;
}

/** What an identifier typed into one field is: only e-mail addresses have an @, only numbers begin with +. */
export function toIdentifier(value: string): Identifier {
  if (value.includes('@')) return { kind: 'email', value };
  return { kind: value.startsWith('+') ? 'phone' : 'username', value };
}

/** A person who may log in, with the hash to prove it by. */
export interface Person {
  id: string;
  name: string;
  passwordHash: string | null;
}

const conditions = {
  email: (value: string) => fragment`lower(${users.email}) = lower(${value})`,
  phone: (value: string) => eq(users.phone, value),
  username: (value: string) => fragment`lower(${users.username}) = lower(${value})`,
};

/** The active person with this identifier. */
export async function findPerson(db: Database, { kind, value }: Identifier): Promise<Person | undefined> {
  const [person] = await db
    .select({ id: users.id, name: users.name, passwordHash: users.passwordHash })
    .from(users)
    .where(and(conditions[kind](value), isNull(users.deactivatedAt)))
    .limit(1);
  return person;
}

/** The nodes that are up: what a node that died left open counts no more. */
const liveNodes = fragment`
  select right(application_name, 36)::uuid from pg_stat_activity
   where datname = current_database() and application_name ~ ${`^${listenerName} [0-9a-f-]{36}$`}`;

/** Read by node and session, as the index of open ones is. (A column of Drizzle's would lose its table's name here.) */
const countOpen = fragment<number>`(
  select count(*)::int from connections c
   where c.node_id = any(array(${liveNodes})) and c.session_id = sessions.id and c.disconnected_at is null)`;

/** What the password of an active person is proved against. */
export async function findPasswordHash(db: Database, userId: string): Promise<string | undefined> {
  const [person] = await db
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(and(eq(users.id, userId), isNull(users.deactivatedAt)));
  return person?.passwordHash ?? undefined;
}

/** The devices of a person that are logged in, the last used first. Throws `session_revoked`. */
export async function listDevices(db: Database, caller: Actor): Promise<Session[]> {
  const devices = await db
    .select({
      id: sessions.id,
      current: fragment<boolean>`${sessions.id} = ${caller.sessionId}`,
      user_agent: sessions.userAgent,
      ip: sessions.ip,
      created_at: fragment<string>`instant(${sessions.createdAt})`,
      last_used_at: fragment<string>`instant(${sessions.lastUsedAt})`,
      expires_at: fragment<string>`instant(${sessions.expiresAt})`,
      connections: countOpen,
    })
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, caller.userId),
        eq(sessions.kind, 'device'),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, fragment`now()`),
        fragment`session_is_live(${caller.sessionId}, ${caller.userId})`,
      ),
    )
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .limit(limits.page.maxRows);
  // Who asks is logged in on one at least.
  if (devices.length === 0) throw new ProtocolError('session_revoked');
  return devices;
}

/** A page of a person's sockets, the newest first; `before` is the last one of the page before. Throws `session_revoked`. */
export async function listConnections(
  sql: Sql,
  page: Actor & { before?: string | null | undefined; limit: number },
): Promise<ConnectionRecord[]> {
  const { userId, sessionId, before = null, limit } = page;
  const rows = await sql<ConnectionRecord[]>`
    select id, session_id, dialect, ip, user_agent, instant(connected_at) as connected_at,
      instant(disconnected_at) as disconnected_at, close_code
      from connections
     where user_id = ${userId} and session_is_live(${sessionId}, ${userId})
       and (connected_at, id) < (
         case when ${before}::uuid is null then 'infinity'
           else (select b.connected_at from connections b where b.id = ${before} and b.user_id = ${userId}) end,
         coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
     order by connected_at desc, id desc
     limit ${limit}`;
  if (rows.length === 0 && (await getSessionState(sql, { sessionId, userId })) !== 'live')
    throw new ProtocolError('session_revoked');
  return rows;
}

/** Whether a session may act now: `ended` when it was revoked or has run out, `unknown` when it is not this person's. */
export async function getSessionState(sql: Sql, claims: Actor): Promise<'live' | 'ended' | 'unknown'> {
  const [row] = await sql<{ live: boolean }[]>`
    select session_is_live(id, user_id) as live from sessions where id = ${claims.sessionId} and user_id = ${claims.userId}`;
  if (!row) return 'unknown';
  return row.live ? 'live' : 'ended';
}

/** Whether a reset link still works. */
export async function isResetOpen(sql: Sql, hash: Buffer): Promise<boolean> {
  const rows = await sql`
    select from one_time_tokens
    where hash = ${hash} and purpose = 'password_reset' and used_at is null and expires_at > now()`;
  return rows.length > 0;
}

/** Sessions that were ended in the last minute. */
export async function listEndedLately(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from sessions where revoked_at > now() - interval '1 minute' order by revoked_at desc limit 10000`;
  return rows.map((row) => row.id);
}

/** Which of these sessions are not live any more. */
export async function listEnded(sql: Sql, sessionIds: string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from unnest(${sessionIds}::uuid[]) as t(id) left join sessions s on s.id = t.id
     where s.revoked_at is not null or s.expires_at is null or s.expires_at <= now()`;
  return rows.map((row) => row.id);
}
