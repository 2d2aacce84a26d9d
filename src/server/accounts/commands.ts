import { and, eq, sql as fragment } from 'drizzle-orm';
import type { Account } from '../../protocol/accounts.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Database, Sql } from '../db/client.ts';
import { sessions, users } from '../db/schema.ts';
import { requireLive, toTaken, type Actor } from './policy.ts';

// Every function here is one auto-committed statement: a connection that dies leaves all of it or nothing.

/** An account about to be stored. */
export interface NewAccount extends Account {
  passwordHash: string;
  /** The invite that pays for it; undefined where none is needed. */
  inviteHash: Buffer | undefined;
  about: string | null;
}

/** Stores an account and uses its invite up. Throws `identifier_taken` and `invite_needed`; then nothing has changed. */
export async function storeAccount(sql: Sql, account: NewAccount): Promise<void> {
  const { id, name, email, phone, username, about, passwordHash } = account;
  const inviteHash = account.inviteHash ?? null;
  try {
    const stored = await sql`
      with invite as (
        update one_time_tokens set used_at = now()
        where hash = ${inviteHash} and purpose = 'invite' and used_at is null and expires_at > now()
        returning hash
      )
      insert into users (id, name, email, phone, username, about, password_hash)
      select ${id}, ${name}, ${email}, ${phone}, ${username}, ${about}, ${passwordHash}
      where ${inviteHash}::bytea is null or exists (select from invite)
      returning id`;
    if (stored.length === 0) throw new ProtocolError('invite_needed');
  } catch (error) {
    throw toTaken(error) ?? error;
  }
}

/** A session about to begin. */
export interface NewSession {
  id: string;
  userId: string;
  kind: 'device' | 'socket';
  /** The password hash that the login was proved by. */
  provedBy: string;
  refreshHash: Buffer | null;
  userAgent: string | null;
  ip: string;
  lifeSeconds: number;
  /** How many devices a person may have; null for no bound. */
  maxDevices: number | null;
}

/**
 * Begins a session; answers the sessions that ended to make room, the longest unused. Undefined when the password is not
 * the proved one any more or the account was deactivated meanwhile.
 */
export async function openSession(sql: Sql, session: NewSession): Promise<string[] | undefined> {
  const { id, userId, kind, provedBy, refreshHash, userAgent, ip, lifeSeconds, maxDevices } = session;
  const [row] = await sql<{ ended: string[] | null }[]>`
    select open_session(${id}, ${userId}, ${provedBy}, ${kind}, ${refreshHash}, ${userAgent}, ${ip},
      make_interval(secs => ${lifeSeconds}), ${maxDevices}) as ended`;
  return row?.ended ?? undefined;
}

/** Ends a plain socket's session together with the socket. */
export async function deleteSocketSession(db: Database, sessionId: string): Promise<void> {
  await db.delete(sessions).where(and(eq(sessions.id, sessionId), eq(sessions.kind, 'socket')));
}

export interface Rotation {
  sessionId: string;
  presented: Buffer;
  successor: Buffer;
  idleSeconds: number;
  absoluteDays: number;
  graceMs: number;
}

export interface Rotated {
  userId: string;
  name: string;
  /** A token came back after its time, so the whole session was ended: its owner and a thief cannot be told apart. */
  isReuse: boolean;
}

/**
 * Exchanges a refresh token that is known to be ours. One update decides under the row's lock: the current token makes its
 * successor current, the previous one within its time changes nothing, any other ends the session. Undefined when the
 * session does not live.
 */
export async function rotateRefreshToken(sql: Sql, rotation: Rotation): Promise<Rotated | undefined> {
  const { sessionId, presented, successor, idleSeconds, absoluteDays, graceMs } = rotation;
  const [row] = await sql<{ user_id: string; name: string; is_reuse: boolean }[]>`
    update sessions s set
      refresh_hash = case when s.refresh_hash = ${presented} then ${successor}::bytea else s.refresh_hash end,
      previous_refresh_hash = case when s.refresh_hash = ${presented} then ${presented}::bytea else s.previous_refresh_hash end,
      refresh_generation = s.refresh_generation + case when s.refresh_hash = ${presented} then 1 else 0 end,
      rotated_at = case when s.refresh_hash = ${presented} then clock_timestamp() else s.rotated_at end,
      last_used_at = clock_timestamp(),
      expires_at = least(s.created_at + make_interval(days => ${absoluteDays}), clock_timestamp() + make_interval(secs => ${idleSeconds})),
      revoked_at = case
        when s.refresh_hash = ${presented} then null
        when s.previous_refresh_hash = ${presented}
          and s.rotated_at > clock_timestamp() - make_interval(secs => ${graceMs / 1_000}) then null
        else clock_timestamp() end
    from users u
    where s.id = ${sessionId} and s.kind = 'device' and s.revoked_at is null and s.expires_at > clock_timestamp()
      and u.id = s.user_id and u.deactivated_at is null
    returning s.user_id, u.name, s.revoked_at is not null as is_reuse`;
  return row && { userId: row.user_id, name: row.name, isReuse: row.is_reuse };
}

/** Ends one session of a person; answers whether there is such a session. Throws `session_revoked`. */
export async function revokeSession(
  sql: Sql,
  { caller, sessionId }: { caller: Actor; sessionId: string },
): Promise<boolean> {
  const [row] = await sql<{ live: boolean; found: boolean }[]>`
    with ended as (
      update sessions set revoked_at = coalesce(revoked_at, clock_timestamp())
       where id = ${sessionId} and user_id = ${caller.userId} and session_is_live(${caller.sessionId}, ${caller.userId})
      returning id)
    select session_is_live(${caller.sessionId}, ${caller.userId}) as live, exists (select from ended) as found`;
  return requireLive(row).found;
}

/** Ends all sessions of a person but one, which must be live; answers those that ended. Throws `session_revoked`. */
export async function revokeOtherSessions(sql: Sql, kept: Actor): Promise<string[]> {
  const rows = await sql<{ live: boolean; id: string | null }[]>`
    with ended as (
      update sessions set revoked_at = clock_timestamp()
       where user_id = ${kept.userId} and id <> ${kept.sessionId} and revoked_at is null
         and session_is_live(${kept.sessionId}, ${kept.userId})
      returning id)
    select session_is_live(${kept.sessionId}, ${kept.userId}) as live, ended.id from (select) as one left join ended on true`;
  requireLive(rows[0]);
  return rows.flatMap(({ id }) => (id === null ? [] : [id]));
}

/** Replaces a hash by a dearer one of the same password, unless the password has changed meanwhile. */
export async function replaceHash(db: Database, change: { userId: string; from: string; to: string }): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash: change.to })
    .where(and(eq(users.id, change.userId), eq(users.passwordHash, change.from)));
}

/** Uses a reset link up; answers the sessions that ended, undefined when the link does not work any more. */
export async function redeemReset(
  sql: Sql,
  reset: { tokenHash: Buffer; passwordHash: string },
): Promise<string[] | undefined> {
  const [row] = await sql<{ ended: string[] | null }[]>`
    select redeem_password_reset(${reset.tokenHash}, ${reset.passwordHash}) as ended`;
  return row?.ended ?? undefined;
}

/** How long what has ended is still known, so that its tokens are answered as ended and not as unknown. */
const keptDays = 30;

/** Forgets sessions, links and invites that ended long ago; the bound keeps one call short. */
export async function forgetEnded(db: Database): Promise<void> {
  const before = fragment`now() - make_interval(days => ${keptDays})`;
  await db.execute(fragment`
    delete from sessions where id in (
      select id from sessions where expires_at < ${before} or revoked_at < ${before} limit 10000)`);
  await db.execute(fragment`delete from one_time_tokens where expires_at < ${before}`);
}
