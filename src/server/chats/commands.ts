/**
 * Commands that change who is in which chat.
 *
 * What a call does that is made again after its connection broke: opening and adding have the same effect twice; a group is
 * found by the id chosen here; a person who is gone already was removed.
 */
import { z } from 'zod';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Actor } from '../accounts/policy.ts';
import { toArray } from '../db/arrays.ts';
import type { Sql } from '../db/client.ts';
import { uuidV7 } from '../db/uuid-v7.ts';
import type { ServerEvent } from '../realtime/events.ts';
import { seenRow, toSeenEvents } from '../realtime/seen.ts';
import { callFunction, createChange, refusal, type ChatCommandOptions, type Try } from './change.ts';

/** Errors of all of them: `session_revoked`, `unavailable`. */
export interface ChatCommands {
  /**
   * Makes a group of these people and oneself; listing somebody twice or oneself does no harm.
   * Errors: `no_user`, `too_many_members`, `too_many_chats`.
   */
  createGroup(
    group: Actor & { name: string; users: string[]; history?: 'all' | 'since_joined' },
  ): Promise<{ chatId: string; groupId: string }>;
  /** The one direct chat with another person. Errors: `not_a_pair` for oneself, `no_user`, `too_many_chats`. */
  openDirect(direct: Actor & { otherId: string }): Promise<{ chatId: string; created: boolean }>;
  /** Errors: `no_chat`, `not_a_group`, `access_denied`, `no_user`, `too_many_members`, `too_many_chats`. */
  addMembers(change: Actor & { chatId: string; users: string[] }): Promise<{ version: number; added: string[] }>;
  /** Removes a person, or leaves (`memberId` is oneself). Errors: `no_chat`, `not_a_group`, `access_denied`, `no_user`. */
  removeMember(change: Actor & { chatId: string; memberId: string }): Promise<{ version: number }>;
}

const created = z.object({ status: z.literal('ok'), version: z.number(), users: z.array(z.string()) });
const opened = z.object({ status: z.literal('ok'), chat_id: z.string(), created: z.boolean(), version: z.number() });
const removed = z.object({
  status: z.literal('ok'),
  version: z.number(),
  heir: z.string().nullable(),
  seen: z.array(seenRow),
});

export function createChatCommands(options: ChatCommandOptions): ChatCommands {
  const { config } = options;
  const maxMembers = config.rateLimits ? limits.counts.membersPerGroup : null;
  const maxChats = config.rateLimits ? limits.counts.chatsPerUser : null;

  const change = createChange(options);

  return {
    async createGroup({ sessionId, userId, name, users, history = 'all' }) {
      const chatId = uuidV7();
      const groupId = uuidV7();
      const memberIds = [...new Set([userId, ...users])];
      const attempt: Try = async (sql, again) => {
        if (again && (await isChat(sql, chatId))) return { status: 'ok', version: 1, users: memberIds };
        return callFunction(
          sql`select create_group(${sessionId}, ${userId}, ${chatId}, ${groupId}, ${name}, ${toArray(users)}::uuid[],
            ${history}, ${maxMembers}, ${maxChats}) as answer`,
        );
      };
      await change({ chatId, userIds: memberIds, attempt }, created, (answer) => {
        const group = { id: groupId, name, creatorId: userId, memberIds: answer.users };
        return [{ kind: 'group_created', chatId, version: answer.version, group }];
      });
      return { chatId, groupId };
    },

    async openDirect({ sessionId, userId, otherId }) {
      if (otherId === userId) throw new ProtocolError('not_a_pair');
      const newId = uuidV7();
      const memberIds = [userId, otherId];
      const attempt: Try = (sql) =>
        callFunction(sql`select open_direct(${sessionId}, ${userId}, ${otherId}, ${newId}, ${maxChats}) as answer`);
      const answer = await change({ chatId: newId, userIds: memberIds, attempt }, opened, ({ chat_id, version }) =>
        // An id chosen here tells that this command made the chat, even when an earlier try did.
        chat_id === newId ? [{ kind: 'direct_opened', chatId: newId, version, memberIds }] : [],
      );
      return { chatId: answer.chat_id, created: answer.chat_id === newId };
    },

    async addMembers({ sessionId, userId, chatId, users }) {
      const attempt: Try = (sql) =>
        callFunction(
          sql`select add_members(${sessionId}, ${userId}, ${chatId}, ${toArray(users)}::uuid[], ${maxMembers}, ${maxChats}) as answer`,
        );
      const answer = await change({ chatId, userIds: users, attempt }, created, ({ version, users: added }) =>
        added.length === 0 ? [] : [{ kind: 'members_added', chatId, version, userIds: added }],
      );
      return { version: answer.version, added: answer.users };
    },

    async removeMember({ sessionId, userId, chatId, memberId }) {
      const attempt: Try = async (sql, again) => {
        const answer = await callFunction(
          sql`select remove_member(${sessionId}, ${userId}, ${chatId}, ${memberId}, ${limits.message.maxSeenAnnounced}) as answer`,
        );
        return (again && (await findRemoval(sql, { answer, chatId, memberId, userId }))) || answer;
      };
      const answer = await change({ chatId, userIds: [memberId], attempt }, removed, ({ version, heir, seen }) => [
        { kind: 'member_removed', chatId, version, userId: memberId },
        ...toHandedOn(chatId, version + 1, heir),
        ...toSeenEvents(seen),
      ]);
      return { version: answer.version };
    },
  };
}

/** Ownership that went on with the owner's leaving is a change of its own, with the next version. */
const toHandedOn = (chatId: string, version: number, heir: string | null): ServerEvent[] =>
  heir === null ? [] : [{ kind: 'role_changed', chatId, version, members: [{ userId: heir, role: 'owner' }] }];

async function isChat(sql: Sql, chatId: string): Promise<boolean> {
  const rows = await sql`select from chats where id = ${chatId}`;
  return rows.length > 0;
}

/**
 * The answer of an earlier try, when a later one finds the person gone. Only those who may know it get so far: owner and
 * admins are told `no_user`, and `no_chat` is looked into for oneself alone.
 */
async function findRemoval(
  sql: Sql,
  { answer, chatId, memberId, userId }: { answer: unknown; chatId: string; memberId: string; userId: string },
): Promise<unknown> {
  const status = refusal.safeParse(answer).data?.status;
  if (status !== 'no_user' && !(status === 'no_chat' && memberId === userId)) return undefined;
  const [row] = await sql<{ version: string }[]>`
    select version from memberships where chat_id = ${chatId} and user_id = ${memberId} and left_seq is not null`;
  return row && { status: 'ok', version: Number(row.version), heir: null, seen: [] };
}
