import { z } from 'zod';
import { endpoint, loggedIn, membersOnly, type WhoMay } from './endpoint.ts';
import type { ProtocolError } from './errors.ts';
import { jasonId, vincentId } from './example-ids.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { avatar } from './media.ts';
import { seq } from './message.ts';
import { limitQuery } from './paging.ts';
import { line } from './text.ts';

/** A number that counts up from 0 and stays within what every JSON reader keeps exact. */
export const counter = z.int().min(0);

export const role = z.enum(['owner', 'admin', 'member']);
export type Role = z.output<typeof role>;

export const member = z
  .object({
    id: uuid,
    name: z.string(),
    email: z
      .string()
      .nullable()
      .meta({ description: 'Null unless the person has one; shown to those who share a chat.' }),
    username: z.string().nullable(),
    avatar_small_url: avatar.shape.avatar_small_url,
    role,
  })
  .meta({ id: 'Member' });

export const lastMessage = z
  .object({
    id: uuid,
    seq: counter,
    sender_id: uuid,
    sender_name: z.string(),
    text: z.string(),
    timestamp: z.string().meta({ description: 'UTC with `Z`' }),
    is_read: z.boolean().meta({ description: 'Every member has read it' }),
  })
  .meta({ id: 'LastMessage' });

/** What a member keeps of a chat for themselves: no other person sees it. */
export const ownSettings = z.object({
  muted_until: z
    .string()
    .nullable()
    .meta({ description: 'An instant to come, `forever`, or null when it is not muted' }),
  archived: z.boolean(),
  pinned: z.boolean(),
});

/** A text that is not sent yet, the same on all devices of a person. */
export const draft = z
  .object({ text: z.string(), reply_to: seq.optional(), updated_at: z.string() })
  .meta({ id: 'Draft' });
export type Draft = z.output<typeof draft>;

/** A chat as one of its members sees it. */
export const chat = z
  .object({
    id: uuid,
    name: z.string().nullable().meta({ description: 'The group’s name; null for a personal chat' }),
    type: z.enum(['personal', 'group']),
    description: z.string().nullable(),
    avatar_url: avatar.shape.avatar_url,
    avatar_small_url: avatar.shape.avatar_small_url,
    group_id: z.uuid().nullable(),
    creator_id: z.uuid().nullable(),
    history: z.enum(['all', 'since_joined']).meta({ description: 'Whether who comes later sees what was said before' }),
    members: z
      .array(member)
      .meta({ description: `All of them by address; in the list the first ${limits.page.defaultRows}` }),
    more_members: z.boolean().meta({ description: 'There are members who are not listed here' }),
    role: role.meta({ description: 'One’s own' }),
    ...ownSettings.shape,
    last_seq: counter.meta({ description: 'The number of the newest message; messages are numbered 1, 2, 3 …' }),
    version: counter.meta({ description: 'Raised by every change of the chat' }),
    read_seq: counter.meta({ description: 'Up to where one has read' }),
    delivered_seq: counter.meta({ description: 'Up to where it has reached a device of one’s own' }),
    seen_seq: counter.meta({ description: 'Up to where every member has read' }),
    unread_count: counter.meta({ description: 'Messages of others after `read_seq`' }),
    unread_mentions: counter.meta({ description: 'Those of them that mention one' }),
    marked_unread: z.boolean().meta({ description: 'One wants to come back to it, until something is marked as read' }),
    draft: draft.nullable().meta({ description: 'What one has not sent yet' }),
    last_message: lastMessage.nullable(),
    active_at: z.string().meta({ description: 'When the newest message was stored, else when the chat was made' }),
  })
  .meta({ id: 'Chat' });
export type Chat = z.output<typeof chat>;

const cursorForm = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z)_([0-9a-f-]{36})$/;

/** A place in the chat list: the `active_at` and the id of the last chat of a page, joined by `_`. */
export const cursor = z
  .string()
  .transform((value, context) => {
    const match = cursorForm.exec(value);
    const id = uuid.safeParse(match?.[2] ?? '').data;
    if (match && id !== undefined && !Number.isNaN(Date.parse(match[1]!))) return { activeAt: match[1]!, chatId: id };
    context.issues.push({
      code: 'custom',
      input: value,
      message: 'Input should be the active_at and the id of a chat, joined by _',
      params: { type: 'cursor_parsing' },
    });
    return z.NEVER;
  })
  .meta({ type: 'string', description: '`active_at` and `id` of the last chat of the page before, joined by `_`' });

export const chatParams = z.object({ chatId: uuid });
const userIds = z.array(uuid).max(limits.counts.membersPerGroup);

/** Who may, where it is for owner and admins. */
export const adminsOnly = (status: number): WhoMay => ({ ...membersOnly(403), admin: status });
/** Who may, where it is for the owner. */
export const ownerOnly = (status: number): WhoMay => ({ ...membersOnly(403), owner: status });

/** What clients of system 004 show their people. */
export const russian = {
  unknownChat: 'Чат не найден',
  foreignChat: 'У вас нет доступа к этому чату',
  noMember: 'Вы не являетесь участником этого чата',
  unknownMessage: 'Сообщение не найдено',
  unknownUser: ({ users, message }: ProtocolError): string =>
    users?.[0] === undefined ? message : `Пользователь с ID ${users[0]} не найден`,
} as const;

const list = {
  method: 'get',
  tag: 'chats',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({
    limit: limitQuery,
    before: cursor.optional(),
    archived: z
      .enum(['true', 'false'])
      .transform((value) => value === 'true')
      .optional()
      .meta({ type: 'boolean', description: 'Only the chats one has archived, or only the others; absent: all' }),
  }),
  answers: { 200: { description: 'A page of chats', schema: z.array(chat) } },
} as const;

export const listChats = endpoint({
  ...list,
  path: '/api/v1/chats',
  summary: 'One’s chats, the newest activity first',
  description:
    'The next page: `before` with `active_at` and `id` of the last chat, joined by `_`. Pinned and archived chats stand ' +
    'where their activity puts them; each says which it is.',
});

export const listWithLastMessage = endpoint({
  ...list,
  path: '/api/v1/chats/with-last-message',
  summary: 'The same list, under the name that clients of system 004 know',
});

export const getChat = endpoint({
  method: 'get',
  path: '/api/v1/chats/:chatId',
  summary: 'One chat with all its members',
  tag: 'chats',
  auth: 'user',
  whoMay: { ...membersOnly(200), unknown: 404 },
  errors: ['no_chat', 'unknown_chat'],
  says: { no_chat: { detail: russian.foreignChat }, unknown_chat: { detail: russian.unknownChat } },
  params: chatParams,
  answers: { 200: { description: 'The chat', schema: chat } },
});

export const openPersonal = endpoint({
  method: 'post',
  path: '/api/v1/chats/personal',
  summary: 'The chat with one other person, made when there is none',
  description:
    'Two people have one personal chat: a second call answers with the first one’s. Oneself may be listed or not.',
  tag: 'chats',
  auth: 'user',
  whoMay: { ...loggedIn(200), blocked: 403, unknown: 400 },
  errors: ['no_user', 'not_a_pair', 'blocked', 'too_many_chats'],
  says: { no_user: { detail: russian.unknownUser } },
  body: z.object({ member_ids: userIds }),
  answers: { 200: { description: 'The chat', schema: chat } },
  example: { member_ids: [jasonId] },
});

export const createGroup = endpoint({
  method: 'post',
  path: '/api/v1/chats/group',
  summary: 'Make a group',
  description: 'Who makes it is a member and its owner, listed or not. It is made with all the people or not at all.',
  tag: 'chats',
  auth: 'user',
  whoMay: { ...loggedIn(200), unknown: 400 },
  errors: ['no_user', 'too_many_chats', 'too_many_members'],
  says: { no_user: { detail: russian.unknownUser } },
  body: z.object({
    name: line(limits.text.maxNameCodePoints),
    member_ids: userIds,
    history: z.enum(['all', 'since_joined']).nullish(),
  }),
  answers: { 200: { description: 'The group', schema: chat } },
  example: { name: 'Door', member_ids: [vincentId, jasonId], history: 'all' },
});

export const addMembers = endpoint({
  method: 'post',
  path: '/api/v1/chats/:chatId/members',
  summary: 'Add people to a group',
  description: 'By the owner or an admin. Who is a member already stays one.',
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(200),
  errors: ['no_chat', 'access_denied', 'no_user', 'not_a_group', 'too_many_members', 'too_many_chats'],
  params: chatParams,
  body: z.object({ user_ids: userIds }),
  answers: {
    200: {
      description: 'Who was added; nobody when all were members already',
      schema: z.object({ chat_id: uuid, version: counter, user_ids: z.array(uuid) }),
    },
  },
  example: { user_ids: [jasonId] },
});

export const listMembers = endpoint({
  method: 'get',
  path: '/api/v1/chats/:chatId/members',
  summary: 'The members of a chat, page by page',
  description: 'By their ids. The next page: `after` with the id of the last one.',
  tag: 'chats',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: ['no_chat'],
  params: chatParams,
  query: z.object({ limit: limitQuery, after: uuid.optional() }),
  answers: { 200: { description: 'A page of members', schema: z.array(member) } },
});

/** A chat after a change of it. */
export const changedChat = z.object({ chat_id: uuid, version: counter });

export const removeMember = endpoint({
  method: 'delete',
  path: '/api/v1/chats/:chatId/members/:userId',
  summary: 'Take a person out of a group',
  description: 'The owner removes anybody, an admin removes those who are neither owner nor admin, everybody oneself.',
  tag: 'chats',
  auth: 'user',
  whoMay: adminsOnly(200),
  errors: ['no_chat', 'access_denied', 'not_a_group', 'no_user'],
  params: z.object({ chatId: uuid, userId: uuid }),
  answers: { 200: { description: 'The person is no member any more', schema: changedChat } },
});

export const leaveChat = endpoint({
  method: 'post',
  path: '/api/v1/chats/:chatId/leave',
  summary: 'Leave a group',
  description: 'When the owner leaves, the oldest admin inherits, else the oldest member.',
  tag: 'chats',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: ['no_chat', 'not_a_group'],
  params: chatParams,
  answers: { 200: { description: 'One is no member any more', schema: changedChat } },
});

export const chatEndpoints = [
  listChats,
  listWithLastMessage,
  openPersonal,
  createGroup,
  getChat,
  listMembers,
  addMembers,
  removeMember,
  leaveChat,
];
