import type { Person } from '../../../protocol/full.ts';
import { requireLive, type Actor } from '../../accounts/policy.ts';
import type { Sql } from '../../db/client.ts';
import { tokenIn } from '../../db/resume-token.ts';

/** The row `u` of users. */
const personIn = (sql: Sql) => sql`json_build_object('id', u.id, 'name', u.name, 'username', u.username,
  'avatar_url', avatar_url(u.avatar, 256), 'avatar_small_url', avatar_url(u.avatar, 64), 'deleted', u.deleted_at is not null)`;

/** Who logs in, and where they stand: of one snapshot. Throws `session_revoked`. */
export async function getNewcomer(sql: Sql, { sessionId, userId }: Actor): Promise<{ user: Person; resume: string }> {
  const [row] = await sql<{ live: boolean; user: Person; resume: string }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, ${tokenIn(sql)} as resume,
      (select ${personIn(sql)} from users u where u.id = ${userId}) as user`;
  const { user, resume } = requireLive(row);
  return { user, resume };
}

/** These people as a JSON array, in the order of their ids; who is nobody is left out. Throws `session_revoked`. */
export async function listPeople(
  sql: Sql,
  { sessionId, userId, userIds }: Actor & { userIds: string[] },
): Promise<string> {
  const [row] = await sql<{ live: boolean; people: string }[]>`
    select session_is_live(${sessionId}, ${userId}) as live,
      (select coalesce(json_agg(${personIn(sql)} order by u.id), '[]') from users u
        where u.id = any(${userIds}::uuid[]))::text as people`;
  return requireLive(row).people;
}
