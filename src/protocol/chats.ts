import { z } from 'zod';
import { endpoint, loggedIn, membersOnly } from './endpoint.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { limitQuery } from './paging.ts';
import { line } from './text.ts';

const vincentId = '599e25c1-693d-4620-9abf-fde1dda5d426';
const jasonId = 'ef642621-024a-4db6-9ab2-5304c6e6221d';

/** A number that counts up from 0 and stays within what every JSON reader keeps exact. */
const counter = z.int().min(0);

export const member = z
  .object({
    id: uuid,
    name: z.string(),
    email: z
      .string()
      .nullable()
      .meta({ description: 'Null unless the person has one; shown to those who share a chat.' }),
    role: z.enum(['owner', 'admin', 'member']),
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

/** A chat as one of its members sees it. */
export const chat = z
  .object({
    id: uuid,
    name: z.string().nullable().meta({ description: 'The group’s name; null for a personal chat' }),
    type: z.enum(['personal', 'group']),
    group_id: z.uuid().nullable(),
    creator_id: z.uuid().nullable(),
    history: z.enum(['all', 'since_joined']).meta({ description: 'Whether who comes later sees what was said before' }),
    members: z
      .array(member)
      .meta({ description: `All of them by address; in the list the first ${limits.page.defaultRows}` }),
    more_members: z.boolean().meta({ description: 'There are members who are not listed here' }),
    role: z.enum(['owner', 'admin', 'member']).meta({ description: 'One’s own' }),
    last_seq: counter.meta({ description: 'The number of the newest message; messages are numbered 1, 2, 3 …' }),
    version: counter.meta({ description: 'Raised by every change of the chat' }),
    read_seq: counter.meta({ description: 'Up to where one has read' }),
    seen_seq: counter.meta({ description: 'Up to where every member has read' }),
    unread_count: counter.meta({ description: 'Messages of others after `read_seq`' }),
    last_message: lastMessage.nullable(),
    active_at: z.string().meta({ description: 'When the newest message was stored, else when the chat was made' }),
  })
  .meta({ id: 'Chat' });
export type Chat = z.output<typeof chat>;

const cursorForm = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z)_([0-9a-f-]{36})$/;

/** A place in the chat list: the `active_at` and the id of the last chat of a page, joined by `_`. */
const cursor = z
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

const chatId = z.object({ chatId: uuid });
const userIds = z.array(uuid).max(limits.counts.membersPerGroup);

export const listChats = endpoint({
  method: 'get',
  path: '/api/v1/chats',
  summary: 'One’s chats, the newest activity first',
  description: 'The next page: `before` with `active_at` and `id` of the last chat, joined by `_`.',
  tag: 'chats',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({ limit: limitQuery, before: cursor.optional() }),
  answers: { 200: { description: 'A page of chats', schema: z.array(chat) } },
});

export const getChat = endpoint({
  method: 'get',
  path: '/api/v1/chats/:chatId',
  summary: 'One chat with all its members',
  tag: 'chats',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: ['no_chat'],
  params: chatId,
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
  whoMay: loggedIn(200),
  errors: ['no_user', 'too_many_chats'],
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
  whoMay: loggedIn(200),
  errors: ['no_user', 'too_many_chats', 'too_many_members'],
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
  whoMay: membersOnly(200),
  errors: ['no_chat', 'access_denied', 'no_user', 'not_a_group', 'too_many_members', 'too_many_chats'],
  params: chatId,
  body: z.object({ user_ids: userIds }),
  answers: {
    200: {
      description: 'Who was added; nobody when all were members already',
      schema: z.object({ chat_id: uuid, version: counter, user_ids: z.array(uuid) }),
    },
  },
  example: { user_ids: [jasonId] },
});

const left = z.object({ chat_id: uuid, version: counter });

export const removeMember = endpoint({
  method: 'delete',
  path: '/api/v1/chats/:chatId/members/:userId',
  summary: 'Take a person out of a group',
  description: 'The owner removes anybody, an admin removes those who are neither owner nor admin, everybody oneself.',
  tag: 'chats',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: ['no_chat', 'access_denied', 'not_a_group'],
  params: z.object({ chatId: uuid, userId: uuid }),
  answers: { 200: { description: 'The person is no member any more', schema: left } },
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
  params: chatId,
  answers: { 200: { description: 'One is no member any more', schema: left } },
});

export const chatEndpoints = [listChats, openPersonal, createGroup, getChat, addMembers, removeMember, leaveChat];
