/**
 * Who may do what to a chat is decided inside the SQL functions that do it, under the chat's lock and on every road alike.
 * Here is only what their refusals are called on the wire.
 */
import { errorCatalogue, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';

const codes = {
  revoked: 'session_revoked',
  no_chat: 'no_chat',
  not_a_group: 'not_a_group',
  access_denied: 'access_denied',
  no_user: 'no_user',
  no_message: 'no_message',
  deleted: 'deleted',
  blocked: 'blocked',
  too_many_members: 'too_many_members',
  too_many_chats: 'too_many_chats',
  too_many_pinned: 'too_many_pinned',
  too_many_invites: 'too_many_invites',
  invite_invalid: 'invite_invalid',
  too_many_reactions: 'too_many_reactions',
  too_many_pins: 'too_many_pins',
  too_many_edits: 'too_many_edits',
} as const satisfies Record<string, ErrorCode>;

export type Refusal = keyof typeof codes;

export const refusals = Object.keys(codes) as [Refusal, ...Refusal[]];

/** So many people are named in a refusal's text; more make it no clearer. */
const maxNamed = 10;

/** The error for a refusal; `users` are the people it is about. */
export function toRefusal(refusal: Refusal, users: string[] = []): ProtocolError {
  const code = codes[refusal];
  if (users.length === 0) return new ProtocolError(code);
  const named = users.slice(0, maxNamed).join(', ') + (users.length > maxNamed ? ', …' : '');
  return new ProtocolError(code, { message: `${errorCatalogue[code].text} (${named})`, users });
}

/**
 * Throws `no_chat` for everybody but members, whether the chat exists or not, and `session_revoked`. Answers whether the
 * chat is a direct one of which one has blocked the other.
 */
export async function requireMember(
  sql: Sql,
  { sessionId, userId, chatId }: Actor & { chatId: string },
): Promise<{ blocked: boolean }> {
  const [row] = await sql<{ live: boolean; blocked: boolean | null }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, (
      select c.blocked from memberships s join chats c on c.id = s.chat_id
       where s.chat_id = ${chatId} and s.user_id = ${userId} and s.left_seq is null) as blocked`;
  const { blocked } = requireLive(row);
  if (blocked === null) throw new ProtocolError('no_chat');
  return { blocked };
}
