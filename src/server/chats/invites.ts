import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { requireLive, type Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import { toRefusal, type Refusal } from './policy.ts';

/** What a token looks like; other texts are nobody's. */
const tokenForm = /^[\w-]{16,64}$/;

type InChat = Actor & { chatId: string };

/** An invite, or all of a chat, as columns of its JSON. */
const inviteJson = (
  sql: Sql,
) => sql`json_build_object('id', i.id, 'token', i.token, 'title', i.title, 'creator_id', i.creator_id,
  'created_at', instant(i.created_at), 'expires_at', instant(i.expires_at), 'max_uses', i.max_uses, 'uses', i.uses)`;

/**
 * The invites of a group that are not revoked as JSON text, the newest first; for its owner and admins. Errors:
 * `session_revoked`, `no_chat`, `not_a_group`, `access_denied`.
 */
export async function listInvites(sql: Sql, { sessionId, userId, chatId }: InChat): Promise<string> {
  const [row] = await sql<{ refusal: string | null; role: string | null; invites: string }[]>`
    select r.refusal, r.role::text as role, (
      select coalesce(json_agg(${inviteJson(sql)} order by i.created_at desc, i.id desc), '[]') from (
        select * from chat_invites where chat_id = ${chatId} and revoked_at is null
         order by created_at desc limit ${limits.page.maxRows}) i)::text as invites
    from group_role(${sessionId}, ${userId}, ${chatId}) r`;
  requireAdmin(row);
  return row!.invites;
}

/** An invite as JSON text. Error: `invite_invalid`. */
export async function getInvite(sql: Sql, inviteId: string): Promise<string> {
  const [row] = await sql<{ invite: string }[]>`
    select ${inviteJson(sql)}::text as invite from chat_invites i where i.id = ${inviteId}`;
  if (!row) throw new ProtocolError('invite_invalid');
  return row.invite;
}

/** Refuses who is no owner or admin of a group. Errors: `session_revoked`, `no_chat`, `not_a_group`, `access_denied`. */
export async function requireGroupAdmin(sql: Sql, { sessionId, userId, chatId }: InChat): Promise<void> {
  const [row] = await sql<{ refusal: string | null; role: string | null }[]>`
    select refusal, role::text as role from group_role(${sessionId}, ${userId}, ${chatId})`;
  requireAdmin(row);
}

/** The chat that a token leads to, whether it works or not. Error: `invite_invalid`. */
export async function getChatOfInvite(sql: Sql, token: string): Promise<string> {
  const [row] = tokenForm.test(token)
    ? await sql<{ chatId: string }[]>`select chat_id as "chatId" from chat_invites where token = ${token}`
    : [];
  if (!row) throw new ProtocolError('invite_invalid');
  return row.chatId;
}

/** What whoever holds a token may know of its group before joining, as JSON text. Errors: `session_revoked`, `invite_invalid`. */
export async function getPreview(sql: Sql, { sessionId, userId, token }: Actor & { token: string }): Promise<string> {
  const chatId = await getChatOfInvite(sql, token);
  const [row] = await sql<{ live: boolean; preview: string | null }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, (
      select json_build_object('name', g.name, 'description', g.description,
        'avatar_url', avatar_url(g.avatar, 256), 'avatar_small_url', avatar_url(g.avatar, 64),
        'member_count', (select count(*) from memberships s where s.chat_id = c.id and s.left_seq is null),
        'is_member', exists (select from memberships s where s.chat_id = c.id and s.user_id = ${userId} and s.left_seq is null))
      from chat_invites i join chats c on c.id = i.chat_id join groups g on g.chat_id = c.id
      where i.token = ${token} and c.id = ${chatId} and c.deleted_at is null and invite_is_good(i))::text as preview`;
  const { preview } = requireLive(row);
  if (preview === null) throw new ProtocolError('invite_invalid');
  return preview;
}

function requireAdmin(row: { refusal: string | null; role: string | null } | undefined): void {
  if (!row) throw new ProtocolError('no_chat');
  if (row.refusal !== null) throw toRefusal(row.refusal as Refusal);
  if (row.role === 'member') throw new ProtocolError('access_denied');
}
