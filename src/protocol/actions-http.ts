/** What system 003 has over HTTP. Its addresses without the prefix stand under `/api/v1` too, but for those of system 004. */
import { z } from 'zod';
import { actionsMessage, actionsPerson } from './actions.ts';
import { adminsOnly, ownerOnly } from './chats.ts';
import { endpoint, everybody, loggedIn, membersOnly, type Endpoint } from './endpoint.ts';
import type { ProtocolError } from './errors.ts';
import { jasonId, vincentId } from './example-ids.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { digits, offsetQuery } from './paging.ts';
import { line, wellFormed } from './text.ts';

const actionsChat = z
  .object({
    id: uuid,
    name: z.string().meta({ description: 'The group’s title; of two people `Чат A и B`, oneself first' }),
    type: z.enum(['personal', 'group']),
    members: z.array(z.object({ user: actionsPerson })).meta({
      description: `The first ${limits.page.defaultRows} members; a group’s own address shows all of them`,
    }),
    group_id: z.uuid().nullable(),
  })
  .meta({ id: 'ActionsChat' });

const actionsGroup = z
  .object({
    id: uuid,
    chat_id: uuid,
    title: z.string(),
    creator: actionsPerson.nullable().meta({ description: 'Whose group it is' }),
    members: z.array(z.object({ user: actionsPerson, joined_at: z.string() })),
  })
  .meta({ id: 'ActionsGroup' });

const user = {
  tag: 'actions',
  auth: 'user',
} as const;

const invalidToken = { detail: 'Invalid token' } as const;
/** What clients of system 003 are told whose token is missing, wrong or out of date. */
const ofCallers = { not_authenticated: invalidToken, session_revoked: invalidToken } as const;

const unknownUser = ({ users, message }: ProtocolError): string =>
  users?.[0] === undefined ? message : `User with id ${users[0]} not found`;

export const openActionsChat = endpoint({
  ...user,
  method: 'post',
  path: '/chats',
  summary: 'Make the chat with another person',
  whoMay: { ...loggedIn(201), blocked: 403, unknown: 404 },
  errors: ['no_user', 'not_a_pair', 'direct_exists', 'blocked', 'too_many_chats'],
  says: {
    ...ofCallers,
    no_user: { status: 404, detail: 'User not found' },
    not_a_pair: { status: 400, detail: 'Invalid chat participant' },
    direct_exists: { status: 409, detail: 'Chat already exists' },
  },
  body: z.object({ user_id: uuid }),
  answers: { 201: { description: 'The chat', schema: actionsChat } },
  example: { user_id: jasonId },
});

export const listActionsChats = endpoint({
  ...user,
  method: 'get',
  path: '/chats',
  summary: 'One’s chats, the youngest first',
  description: `At most ${limits.actions.maxPageRows}; the next page: \`before\` with the id of the last chat.`,
  whoMay: loggedIn(200),
  says: ofCallers,
  query: z.object({ before: uuid.optional() }),
  answers: { 200: { description: 'The chats', schema: z.array(actionsChat) } },
});

const { maxTitleCodePoints, maxPageRows } = limits.actions;
const userIds = z.array(uuid).max(limits.counts.membersPerGroup);

export const createActionsGroup = endpoint({
  ...user,
  method: 'post',
  path: '/groups',
  summary: 'Make a group',
  description: 'Who makes it is a member and its owner, listed or not.',
  whoMay: { ...loggedIn(201), unknown: 404 },
  errors: ['no_user', 'too_many_chats', 'too_many_members'],
  says: { ...ofCallers, no_user: { status: 404, detail: unknownUser } },
  body: z.object({ title: line(maxTitleCodePoints), member_ids: userIds.nullish() }),
  answers: { 201: { description: 'The group', schema: actionsGroup } },
  example: { title: 'Door', member_ids: [vincentId] },
});

const denied = { detail: 'Access to group denied' } as const;

const ofGroup = {
  ...user,
  errors: ['no_chat', 'unknown_chat', 'access_denied'],
  says: { ...ofCallers, no_chat: denied, access_denied: denied, unknown_chat: { detail: 'Group not found' } },
  params: z.object({ groupId: uuid }),
} as const;

const group = { description: 'The group', schema: actionsGroup } as const;

export const getActionsGroup = endpoint({
  ...ofGroup,
  method: 'get',
  path: '/groups/:groupId',
  summary: 'A group with all its members',
  errors: ['no_chat', 'unknown_chat'],
  whoMay: { ...membersOnly(200), unknown: 404 },
  answers: { 200: group },
});

export const addActionsMembers = endpoint({
  ...ofGroup,
  method: 'post',
  path: '/groups/:groupId/members',
  summary: 'Add people to a group',
  description: 'By the owner or an admin. Who is a member already stays one.',
  whoMay: { ...adminsOnly(200), unknown: 404 },
  errors: [...ofGroup.errors, 'no_user', 'too_many_members', 'too_many_chats'],
  says: { ...ofGroup.says, no_user: { status: 404, detail: unknownUser } },
  body: z.object({ user_ids: userIds }),
  answers: { 200: group },
  example: { user_ids: [vincentId] },
});

export const removeActionsMembers = endpoint({
  ...ofGroup,
  method: 'delete',
  path: '/groups/:groupId/members',
  summary: 'Take people out of a group',
  description:
    'By the owner, or by an admin, who removes neither owner nor admins. Who is no member is passed over. They go one ' +
    'after the other: what fails in the middle can be asked for again.',
  whoMay: { ...adminsOnly(200), unknown: 404 },
  errors: [...ofGroup.errors, 'owner_stays'],
  says: { ...ofGroup.says, owner_stays: { detail: 'Cannot remove group creator' } },
  body: z.object({ user_ids: userIds }),
  answers: { 200: group },
  example: { user_ids: [vincentId] },
});

export const deleteActionsGroup = endpoint({
  ...ofGroup,
  method: 'delete',
  path: '/groups/:groupId',
  summary: 'Delete a group with all its messages',
  description: 'By its owner.',
  whoMay: { ...ownerOnly(204), unknown: 404 },
  answers: { 204: { description: 'The group is gone' } },
});

export const getActionsHistory = endpoint({
  ...user,
  method: 'get',
  path: '/messages/history/:chatId',
  summary: 'A page of a chat’s messages, the oldest first',
  description: 'For members, and for those who left up to where they left. Reading marks nothing as read.',
  whoMay: { anonymous: 401, stranger: 404, member: 200, former: 200 },
  errors: ['no_chat'],
  says: { ...ofCallers, no_chat: { status: 404, detail: 'Chat not found' } },
  params: z.object({ chatId: uuid }),
  query: z.object({
    limit: digits
      .pipe(z.number().gte(1).lte(maxPageRows))
      .default(limits.page.defaultRows)
      .meta({ type: 'integer', minimum: 1, maximum: maxPageRows, default: limits.page.defaultRows }),
    offset: offsetQuery,
  }),
  answers: { 200: { description: 'The messages, ascending', schema: z.array(actionsMessage) } },
});

export const logInActions = endpoint({
  method: 'post',
  path: '/api/v1/auth/login',
  summary: 'Log in by e-mail address',
  tag: 'actions',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['wrong_credentials'],
  says: { wrong_credentials: invalidToken },
  body: z.object({ email: wellFormed(limits.text.maxEmailBytes), password: wellFormed(1_024) }),
  answers: { 200: { description: 'A new session', schema: z.object({ access_token: z.string() }) } },
  example: { email: 'nicholecarroll@example.com', password: '!0Wtg' },
});

export const actionsPage = endpoint({
  method: 'get',
  path: '/api/v1/static/index.html',
  summary: 'The web client, at the address that this system had its page at',
  tag: 'actions',
  auth: 'public',
  whoMay: everybody(200),
  answers: { 200: { description: 'The page', media: 'text/html' } },
});

/** The same under `/api/v1`. */
export const underPrefix = <const E extends Endpoint>(definition: E): E => ({
  ...definition,
  path: `/api/v1${definition.path}`,
  summary: `${definition.summary} (the same as \`${definition.path}\`)`,
});

const mirrored = [
  openActionsChat,
  createActionsGroup,
  getActionsGroup,
  addActionsMembers,
  removeActionsMembers,
  deleteActionsGroup,
  getActionsHistory,
];

export const actionsEndpoints: readonly Endpoint[] = [
  listActionsChats,
  ...mirrored,
  logInActions,
  actionsPage,
  ...mirrored.map((definition) => underPrefix(definition)),
];
