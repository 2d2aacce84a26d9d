/** People as system 000 finds them and system 001 names them. */
import { ProtocolError } from '../../protocol/errors.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import type { Person } from './people.ts';

export interface Filters {
  phone: string | undefined;
  email: string | undefined;
  /** The beginning of a username. */
  username: string | undefined;
}

/** More usernames than this, from the first that fits on, are not looked at. */
const maxWalkedRows = 1_200;

/**
 * The active people who fit every filter; nobody without one. Of an e-mail address or a phone number the whole must be
 * given, and only then it is shown. Throws `session_revoked`.
 */
export async function findPeople(
  sql: Sql,
  { sessionId, userId, filters, limit, offset }: Actor & { filters: Filters; limit: number; offset: number },
): Promise<Person[]> {
  const { phone = null, email = null, username = null } = filters;
  if (phone === null && email === null && username === null) return [];
  // Beginnings are walked in the index's own order, which need not be that of code points.
  const candidates =
    phone !== null
      ? sql`select * from users where phone = ${phone}`
      : email !== null
        ? sql`select * from users where lower(email) = lower(${email})`
        : sql`select * from users where lower(username) >= lower(${username}) order by lower(username) limit ${maxWalkedRows}`;
  const shown: Shown = {
    email: email === null ? sql`null::text` : sql`u.email`,
    phone: phone === null ? sql`null::text` : sql`u.phone`,
  };
  const rows = await sql<(Person & { live: boolean; id: string | null })[]>`
    select t.live, f.* from (select session_is_live(${sessionId}, ${userId}) as live) t left join (
      select ${toColumns(sql, shown)} from (${candidates}) u
       where u.deactivated_at is null and (${email}::text is null or lower(u.email) = lower(${email}))
         and (${username}::text is null or starts_with(lower(u.username), lower(${username})))
       order by lower(u.username), u.id limit ${limit} offset ${offset}) f on t.live`;
  requireLive(rows[0]);
  return rows.filter((row) => row.id !== null).map(({ live: _live, ...person }) => person);
}

/** The active person with a username. Throws `session_revoked` and `unknown_user`. */
export async function getByUsername(
  sql: Sql,
  { sessionId, userId, username }: Actor & { username: string },
): Promise<Person> {
  const nothing: Shown = { email: sql`null::text`, phone: sql`null::text` };
  const [row] = await sql<(Person & { live: boolean; id: string | null })[]>`
    select t.live, f.* from (select session_is_live(${sessionId}, ${userId}) as live) t left join (
      select ${toColumns(sql, nothing)} from users u
       where lower(u.username) = lower(${username}) and u.deactivated_at is null) f on true`;
  const { live: _live, ...person } = requireLive(row);
  if (person.id === null) throw new ProtocolError('unknown_user', { detail: `User '${username}' not found` });
  return person;
}

type Fragment = ReturnType<Sql>;

interface Shown {
  email: Fragment;
  phone: Fragment;
}

const toColumns = (sql: Sql, { email, phone }: Shown) => sql`
  u.id, u.name, u.username, u.first_name, u.last_name, u.about, ${email} as email, ${phone} as phone,
  avatar_url(u.avatar, 256) as avatar_url`;
