/** What owners and admins change of a group, and what each member keeps of a chat for themselves. */
import { z } from 'zod';
import { adminsOnly, changedChat, chatParams, draft, ownerOnly, ownSettings, role } from './chats.ts';
import { endpoint, membersOnly } from './endpoint.ts';
import { vincentId } from './example-ids.ts';
import { uuid } from './ids.ts';
import { toInstant } from './instant.ts';
import { limits } from './limits.ts';
import { avatar } from './media.ts';
import { seq } from './message.ts';
import { line, perhapsBlank } from './text.ts';

/** Some lines about a group; nothing but white space counts as none. */
const description = perhapsBlank(limits.text.maxDescriptionCodePoints)
  .transform((value) => (value.trim() === '' ? null : value))
  .meta({ type: 'string', description: `At most ${limits.text.maxDescriptionCodePoints} characters` });

/** What a group is called and looks like. */
export const changedGroup = changedChat.extend({
  name: z.string(),
  description: z.string().nullable(),
  ...avatar.shape,
});

const byAdmins = {
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(200),
  errors: ['no_chat', 'access_denied', 'not_a_group'],
  params: chatParams,
} as const;

export const changeGroup = endpoint({
  ...byAdmins,
  method: 'patch',
  path: '/api/v1/chats/:chatId',
  summary: 'Rename or describe a group',
  description: 'By the owner or an admin. What is absent stays; `description` null takes it away.',
  body: z.object({ name: line(limits.text.maxNameCodePoints).optional(), description: description.nullish() }),
  answers: { 200: { description: 'The group as it is now', schema: changedGroup } },
  example: { name: 'Door', description: 'All about the door' },
});

export const putGroupAvatar = endpoint({
  ...byAdmins,
  method: 'put',
  path: '/api/v1/chats/:chatId/avatar',
  summary: 'Give a group a picture',
  description: 'By the owner or an admin. A multipart form like that of the own picture.',
  errors: [...byAdmins.errors, 'invalid_image'],
  upload: { fields: ['avatar', 'file'], maxBytes: limits.uploads.avatarBytes },
  answers: { 200: { description: 'The group as it is now', schema: changedGroup } },
});

export const deleteGroupAvatar = endpoint({
  ...byAdmins,
  method: 'delete',
  path: '/api/v1/chats/:chatId/avatar',
  summary: 'Take a group’s picture away',
  description: 'By the owner or an admin.',
  answers: { 200: { description: 'The group as it is now', schema: changedGroup } },
});

const byOwner = { ...byAdmins, whoMay: ownerOnly(200) } as const;

export const setRole = endpoint({
  ...byOwner,
  method: 'put',
  path: '/api/v1/chats/:chatId/members/:userId/role',
  summary: 'Make a member an admin, or an admin a member',
  description: 'By the owner, whose own role changes only by handing the group on.',
  errors: [...byOwner.errors, 'no_user'],
  params: z.object({ chatId: uuid, userId: uuid }),
  body: z.object({ role: role.exclude(['owner']) }),
  answers: { 200: { description: 'The member has this role', schema: changedChat } },
  example: { role: 'admin' },
});

export const transferGroup = endpoint({
  ...byOwner,
  method: 'post',
  path: '/api/v1/chats/:chatId/transfer',
  summary: 'Hand a group on to another member',
  description: 'By the owner, who is an admin from then on.',
  errors: [...byOwner.errors, 'no_user'],
  body: z.object({ user_id: uuid }),
  answers: { 200: { description: 'The other one is the owner', schema: changedChat } },
  example: { user_id: vincentId },
});

export const deleteGroup = endpoint({
  ...byOwner,
  method: 'delete',
  path: '/api/v1/chats/:chatId',
  summary: 'Delete a group with all its messages',
  description: 'By the owner. Nobody sees anything of it any more, nor do those who left before.',
  answers: { 200: { description: 'The group is gone', schema: changedChat } },
});

/** `forever` or a client's time; parsed as PostgreSQL takes it. */
export const mutedUntil = z.union([z.string(), z.number()]).transform((value, context) => {
  const until = value === 'forever' ? 'infinity' : toInstant(value);
  if (until !== undefined) return until;
  context.issues.push({
    code: 'custom',
    input: value,
    message: 'Input should be `forever` or a time with an offset, like 2025-05-04T04:45:50Z',
    params: { type: 'timezone_aware' },
  });
  return z.NEVER;
});

export const changeOwnSettings = endpoint({
  method: 'patch',
  path: '/api/v1/chats/:chatId/me',
  summary: 'Mute, archive or pin a chat for oneself, or mark it as unread',
  description:
    `What is absent stays. \`muted_until\` is a time, \`forever\`, or null. At most ${limits.counts.pinnedChats} chats can be pinned. ` +
    'A chat is marked as unread until something in it is marked as read.',
  tag: 'chats',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: ['no_chat', 'too_many_pinned'],
  params: chatParams,
  body: z.object({
    muted_until: mutedUntil.nullish(),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
    marked_unread: z.boolean().optional(),
  }),
  answers: {
    200: {
      description: 'How it is now',
      schema: ownSettings.extend({ marked_unread: z.boolean(), chat_id: uuid }),
    },
  },
  example: { muted_until: 'forever', archived: true, pinned: false },
});

const ofOneself = {
  tag: 'chats',
  auth: 'user',
  errors: ['no_chat'],
  params: chatParams,
  path: '/api/v1/chats/:chatId/draft',
} as const;

export const setDraft = endpoint({
  ...ofOneself,
  method: 'put',
  summary: 'Keep a text that is not sent yet',
  description:
    'All one’s devices are told. Nothing but white space counts as none. `reply_to` is the seq of the message it answers; ' +
    'it is left out when one cannot see that message.',
  whoMay: membersOnly(200),
  body: z.object({ text: perhapsBlank(limits.message.maxCodePoints), reply_to: seq.nullish() }),
  answers: {
    200: { description: 'What is kept', schema: z.object({ chat_id: uuid, draft: draft.nullable() }) },
  },
  example: { text: 'See you on' },
});

export const deleteDraft = endpoint({
  ...ofOneself,
  method: 'delete',
  summary: 'Forget a text that is not sent yet',
  whoMay: membersOnly(204),
  answers: { 204: { description: 'There is none' } },
});

export const groupEndpoints = [
  changeGroup,
  putGroupAvatar,
  deleteGroupAvatar,
  setRole,
  transferGroup,
  deleteGroup,
  changeOwnSettings,
  setDraft,
  deleteDraft,
];
