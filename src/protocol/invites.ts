/** Links into a group. Whoever has an invite's token may join until it expires, is used up or revoked. */
import { z } from 'zod';
import { adminsOnly, chat, chatParams, counter } from './chats.ts';
import { endpoint, loggedIn } from './endpoint.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { avatar } from './media.ts';
import { line } from './text.ts';

export const invite = z
  .object({
    id: uuid,
    token: z.string().meta({ description: 'The secret part of the link' }),
    title: z.string().nullable(),
    creator_id: uuid,
    created_at: z.string(),
    expires_at: z.string().nullable(),
    max_uses: counter.nullable(),
    uses: counter.meta({ description: 'How many have joined by it' }),
  })
  .meta({ id: 'Invite' });

const errors = ['no_chat', 'access_denied', 'not_a_group'] as const;
const yearSeconds = 366 * 24 * 3_600;

export const createInvite = endpoint({
  method: 'post',
  path: '/api/v1/chats/:chatId/invites',
  summary: 'Make an invite link',
  description: `By the owner or an admin. Without \`expires_in_seconds\` and \`max_uses\` it works until it is revoked. A group has at most ${limits.counts.invitesPerGroup} invites that are not revoked.`,
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(201),
  errors: [...errors, 'too_many_invites'],
  params: chatParams,
  // A misspelt bound must not make an invite without one.
  body: z.strictObject({
    title: line(limits.text.maxNameCodePoints).nullish(),
    expires_in_seconds: z.int().min(1).max(yearSeconds).nullish(),
    max_uses: z.int().min(1).max(100_000).nullish(),
  }),
  answers: { 201: { description: 'The invite', schema: invite } },
  example: { title: 'For the neighbours', expires_in_seconds: 86_400, max_uses: 5 },
});

export const listInvites = endpoint({
  method: 'get',
  path: '/api/v1/chats/:chatId/invites',
  summary: 'The invites of a group that are not revoked, the newest first',
  description: 'For the owner and admins.',
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(200),
  errors,
  params: chatParams,
  answers: { 200: { description: 'The invites', schema: z.array(invite) } },
});

export const revokeInvite = endpoint({
  method: 'delete',
  path: '/api/v1/chats/:chatId/invites/:inviteId',
  summary: 'Revoke an invite',
  description: 'By the owner or an admin. Who has joined by it stays.',
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(204),
  errors: [...errors, 'invite_invalid'],
  params: z.object({ chatId: uuid, inviteId: uuid }),
  answers: { 204: { description: 'It does not work any more' } },
});

/** Any text: what is no token is answered like one that does not work. */
const token = z.object({ token: z.string() });

export const getInvite = endpoint({
  method: 'get',
  path: '/api/v1/invites/:token',
  summary: 'Where an invite leads',
  description: 'Nothing of the members but their number.',
  tag: 'chats',
  auth: 'user',
  whoMay: { ...loggedIn(200), unknown: 404 },
  errors: ['invite_invalid'],
  params: token,
  answers: {
    200: {
      description: 'The group',
      schema: z.object({
        name: z.string(),
        description: z.string().nullable(),
        ...avatar.shape,
        member_count: counter,
        is_member: z.boolean().meta({ description: 'One is in the group already' }),
      }),
    },
  },
});

export const joinByInvite = endpoint({
  method: 'post',
  path: '/api/v1/invites/:token/join',
  summary: 'Join the group that an invite leads to',
  description: 'Who is a member already stays one, and the invite is not used up by it.',
  tag: 'chats',
  auth: 'user',
  whoMay: { ...loggedIn(200), unknown: 404 },
  errors: ['invite_invalid', 'too_many_members', 'too_many_chats'],
  params: token,
  answers: { 200: { description: 'The chat', schema: chat } },
});

export const inviteEndpoints = [createInvite, listInvites, revokeInvite, getInvite, joinByInvite];
