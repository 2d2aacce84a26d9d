/**
 * Commands that change a group itself, its roles and its invites. All but joining have the same effect when a call is made
 * again after its connection broke; where that changes the answer, the second one looks for what the first may have done.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { role as roleSchema, type Role } from '../../protocol/chats.ts';
import { limits } from '../../protocol/limits.ts';
import type { Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import { uuidV7 } from '../db/uuid-v7.ts';
import type { GroupFields, ServerEvent } from '../realtime/events.ts';
import { callFunction, createChange, refusal, type ChatCommandOptions, type Try } from './change.ts';

type InChat = Actor & { chatId: string };

/** What a group is called and looks like; what is absent stays, null takes it away. `avatar`: of the storage. */
export interface GroupChange {
  name?: string | undefined;
  description?: string | null | undefined;
  avatar?: string | null | undefined;
}

export interface NewInvite {
  title?: string | null | undefined;
  expiresInSeconds?: number | null | undefined;
  maxUses?: number | null | undefined;
}

/** Errors of all of them: `no_chat`, `not_a_group`, `access_denied`, `session_revoked`, `unavailable`. */
export interface GroupCommands {
  changeGroup(change: InChat & { group: GroupChange }): Promise<{
    version: number;
    group: GroupFields;
    /** The avatar that was there before. */
    oldAvatar: string | null;
  }>;
  /** `owner` hands the group on. Error: `no_user`. */
  setRole(change: InChat & { memberId: string; role: Role }): Promise<{ version: number }>;
  deleteGroup(group: InChat): Promise<{ version: number }>;
  /** Error: `too_many_invites`. */
  createInvite(invite: InChat & NewInvite): Promise<{ inviteId: string }>;
  /** Error: `invite_invalid`. */
  revokeInvite(invite: InChat & { inviteId: string }): Promise<void>;
  /** Errors: `invite_invalid`, `too_many_members`, `too_many_chats`. */
  joinByInvite(join: InChat & { token: string }): Promise<{ joined: boolean }>;
}

const done = z.object({ status: z.literal('ok') });
const versioned = done.extend({ version: z.number() });
const changed = versioned.extend({
  changed: z.boolean(),
  old_avatar: z.string().nullable(),
  group: z.object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    avatar: z.string().nullable(),
  }),
});
const roles = versioned.extend({
  members: z.array(z.object({ user_id: z.string(), role: roleSchema })),
});
const joined = versioned.extend({ joined: z.boolean() });

export function createGroupCommands(options: ChatCommandOptions): GroupCommands {
  const change = createChange(options);
  const bounded = options.config.rateLimits;
  return {
    async changeGroup({ sessionId, userId, chatId, group }) {
      const attempt: Try = (sql) =>
        callFunction(
          sql`select change_group(${sessionId}, ${userId}, ${chatId}, ${JSON.stringify(group)}::text::jsonb) as answer`,
        );
      const answer = await change({ chatId, attempt }, changed, ({ changed: isChanged, version, group: now }) =>
        isChanged ? [{ kind: 'group_changed', chatId, version, group: now }] : [],
      );
      return { version: answer.version, group: answer.group, oldAvatar: answer.old_avatar };
    },

    async setRole({ sessionId, userId, chatId, memberId, role }) {
      const attempt: Try = async (sql, again) => {
        const answer = await callFunction(
          sql`select set_role(${sessionId}, ${userId}, ${chatId}, ${memberId}, ${role}) as answer`,
        );
        return (again && role === 'owner' && (await findHandedOn(sql, { answer, chatId, memberId }))) || answer;
      };
      return change({ chatId, userIds: [userId, memberId], attempt }, roles, ({ version, members }) =>
        toRoleEvents(chatId, version, members),
      );
    },

    async deleteGroup({ sessionId, userId, chatId }) {
      const attempt: Try = async (sql, again) => {
        const answer = await callFunction(sql`select delete_group(${sessionId}, ${userId}, ${chatId}) as answer`);
        return (again && (await findDeletion(sql, { answer, chatId }))) || answer;
      };
      return change({ chatId, attempt }, versioned, ({ version }) => [{ kind: 'chat_deleted', chatId, version }]);
    },

    async createInvite({ sessionId, userId, chatId, title = null, expiresInSeconds = null, maxUses = null }) {
      const inviteId = uuidV7();
      const token = randomBytes(18).toString('base64url');
      const lasts = expiresInSeconds === null ? null : `${expiresInSeconds} s`;
      const attempt: Try = (sql) =>
        callFunction(sql`select create_invite(${sessionId}, ${userId}, ${chatId}, ${inviteId}, ${token}, ${title},
          ${lasts}::text::interval, ${maxUses}, ${bounded ? limits.counts.invitesPerGroup : null}) as answer`);
      await change({ chatId, attempt }, done);
      return { inviteId };
    },

    async revokeInvite({ sessionId, userId, chatId, inviteId }) {
      const attempt: Try = (sql) =>
        callFunction(sql`select revoke_invite(${sessionId}, ${userId}, ${chatId}, ${inviteId}) as answer`);
      await change({ chatId, attempt }, done);
    },

    async joinByInvite({ sessionId, userId, chatId, token }) {
      const attempt: Try = (sql) =>
        callFunction(sql`select join_by_invite(${sessionId}, ${userId}, ${chatId}, ${token},
          ${bounded ? limits.counts.membersPerGroup : null}, ${bounded ? limits.counts.chatsPerUser : null}) as answer`);
      return change({ chatId, userIds: [userId], attempt }, joined, (answer) =>
        answer.joined ? [{ kind: 'members_added', chatId, version: answer.version, userIds: [userId] }] : [],
      );
    },
  };
}

function toRoleEvents(chatId: string, version: number, members: z.infer<typeof roles>['members']): ServerEvent[] {
  if (members.length === 0) return [];
  const now = members.map(({ user_id: userId, role }) => ({ userId, role }));
  return [{ kind: 'role_changed', chatId, version, members: now }];
}

/** The answer of an earlier try that handed the group on: then one is no owner any more, and the other is. */
async function findHandedOn(
  sql: Sql,
  { answer, chatId, memberId }: { answer: unknown; chatId: string; memberId: string },
): Promise<unknown> {
  if (refusal.safeParse(answer).data?.status !== 'access_denied') return undefined;
  const [row] = await sql<{ version: string }[]>`
    select version from memberships where chat_id = ${chatId} and user_id = ${memberId} and left_seq is null and role = 'owner'`;
  return row && { status: 'ok', version: Number(row.version), members: [] };
}

/** The answer of an earlier try that deleted the group: then nobody is a member any more. */
async function findDeletion(sql: Sql, { answer, chatId }: { answer: unknown; chatId: string }): Promise<unknown> {
  if (refusal.safeParse(answer).data?.status !== 'no_chat') return undefined;
  const [row] = await sql<{ version: string }[]>`
    select version from chats where id = ${chatId} and deleted_at is not null`;
  return row && { status: 'ok', version: Number(row.version) };
}
