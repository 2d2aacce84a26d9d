import { ProtocolError } from '../../protocol/errors.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import { isPossible, readResumeToken, toResumeToken, xidIn } from '../db/resume-token.ts';

/** One's chats as they stand since a token, as JSON texts: arrays of own states and of ids. */
export interface Changed {
  resume: string;
  chats: string;
  left: string;
}

/**
 * A person's chats that changed since a token, those they are in no more, and the next token: one statement, one snapshot.
 * What changed in the moment when the token was made is told again. Errors: `session_revoked`, `resume_not_possible`.
 */
export async function getChanged(sql: Sql, { sessionId, userId, token }: Actor & { token: string }): Promise<Changed> {
  const since = readResumeToken(token);
  const [row] = await sql<(Omit<Changed, 'resume'> & { live: boolean; possible: boolean; xid: string })[]>`
    with touched as materialized (
      select s as member from memberships s
       where s.user_id = ${userId} and (s.tx >= ${since.xid}::text::xid8 or (s.left_seq is null and s.chat_id in (
         -- An array makes it one walk through the index for all of them.
         select c.id from chats c where c.id = any (array(select chat_id from memberships where user_id = ${userId}))
            and c.tx >= ${since.xid}::text::xid8)))
    )
    select session_is_live(${sessionId}, ${userId}) as live, ${isPossible(sql, since)} as possible,
      ${xidIn(sql)}::text as xid,
      -- The limit keeps it a look-up for each: the planner would else walk over all chats.
      (select coalesce(json_agg(o.own), '[]') from touched
         cross join lateral (select chat from chats chat where chat.id = (member).chat_id limit 1) c
         cross join lateral own_state_json(member, chat) as o (own)
        where (member).left_seq is null)::text as chats,
      (select coalesce(json_agg((member).chat_id) filter (where (member).left_seq is not null), '[]')
         from touched)::text as left`;
  const { possible, xid, chats, left } = requireLive(row);
  if (!possible) throw new ProtocolError('resume_not_possible');
  return { resume: toResumeToken({ epoch: since.epoch, xid }), chats, left };
}
