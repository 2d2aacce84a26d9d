import { z } from 'zod';
import { email, newPassword, password, phone, username, type PasswordPolicy } from './credentials.ts';
import { endpoint, loggedIn } from './endpoint.ts';
import { jasonId } from './example-ids.ts';
import { toUuid, uuid } from './ids.ts';
import { limits } from './limits.ts';
import { avatar } from './media.ts';
import { limitQuery } from './paging.ts';
import { findTextMistake, line, perhapsBlank } from './text.ts';

/** What every profile shows. */
const common = {
  id: uuid,
  name: z.string(),
  username: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  about: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  ...avatar.shape,
};

/** A person as they see themselves. */
export const ownProfile = z
  .object({
    ...common,
    language: z.string().nullable().meta({ description: 'BCP 47' }),
    presence_hidden: z.boolean().meta({ description: 'Nobody sees whether one is there, nor when one was' }),
    created_at: z.string(),
  })
  .meta({ id: 'OwnProfile' });
export type OwnProfile = z.output<typeof ownProfile>;

/** A person as others see them. */
export const profile = z
  .object({
    ...common,
    email: common.email.meta({
      description: 'Null unless one shares a chat with the person, or searched for just this',
    }),
    phone: common.phone.meta({ description: 'Null unless one searched for just this' }),
    deleted: z.boolean().meta({ description: 'The account was deleted; what it wrote stays' }),
    blocked: z.boolean().meta({ description: 'One has blocked the person' }),
    last_seen_at: z
      .string()
      .nullable()
      .meta({ description: 'Null also where the person hides it, or either has blocked the other' }),
  })
  .meta({ id: 'Profile' });
export type Profile = z.output<typeof profile>;

/** The short form of a BCP 47 tag: language, perhaps script, perhaps region. */
const language = z.string().superRefine((value, context) => {
  if (!/^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?$/i.test(value))
    context.addIssue({
      code: 'custom',
      message: 'Input should be a language tag such as ru or pt-BR',
      params: { type: 'string_pattern_mismatch' },
    });
});

/** What a person may change of themselves. Absent stays as it is, null removes; a key that is none is a mistake. */
export const profileChange = (policy: PasswordPolicy) =>
  z.strictObject({
    name: line(limits.text.maxNameCodePoints).optional(),
    username: username.nullish(),
    first_name: line(limits.text.maxNameCodePoints).nullish(),
    last_name: line(limits.text.maxNameCodePoints).nullish(),
    about: line(limits.text.maxAboutCodePoints).nullish(),
    email: email.nullish(),
    phone: phone.nullish(),
    language: language.nullish(),
    presence_hidden: z.boolean().optional(),
    password: newPassword(policy).optional(),
    current_password: password.optional(),
  });

/** Only the form: the server that serves the endpoint adds its own policy. */
const anyPassword: PasswordPolicy = () => undefined;

export const getMe = endpoint({
  method: 'get',
  path: '/api/v1/users/me',
  summary: 'One’s own profile',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  answers: { 200: { description: 'The profile', schema: ownProfile } },
});

export const changeMe = endpoint({
  method: 'patch',
  path: '/api/v1/users/me',
  summary: 'Change one’s own profile',
  description:
    'Absent stays as it is, null removes; one of email, phone and username must remain. Changing one of these or the password ' +
    'needs `current_password`. A changed password ends all other sessions at once.',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['wrong_password', 'identifier_taken', 'identifier_needed'],
  body: profileChange(anyPassword),
  answers: { 200: { description: 'The profile as it is now', schema: ownProfile } },
  example: { about: 'Behind the lighthouse', language: 'en' },
});

const proof = z.object({ current_password: password });

export const deactivateMe = endpoint({
  method: 'post',
  path: '/api/v1/users/me/deactivate',
  summary: 'Deactivate one’s account',
  description: 'All sessions end and nobody finds the person. Only the operator activates the account again.',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(403),
  errors: ['wrong_password'],
  body: proof,
  answers: { 204: { description: 'The account is deactivated' } },
  example: { current_password: '!0Wtg' },
});

export const deleteMe = endpoint({
  method: 'delete',
  path: '/api/v1/users/me',
  summary: 'Delete one’s account, for ever',
  description:
    'What one wrote stays, under “Deleted account”. Identifiers, names and picture go, all sessions end, every group is left; a ' +
    'group of one’s own is inherited as by leaving it.',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(403),
  errors: ['wrong_password'],
  body: proof,
  answers: { 204: { description: 'The account is deleted' } },
  example: { current_password: '!0Wtg' },
});

const person = z.object({ userId: uuid });

export const getUser = endpoint({
  method: 'get',
  path: '/api/v1/users/:userId',
  summary: 'The profile of a person',
  tag: 'people',
  auth: 'user',
  whoMay: { ...loggedIn(200), unknown: 404, deleted: 200 },
  errors: ['unknown_user'],
  params: person,
  answers: { 200: { description: 'The profile', schema: profile } },
});

/** Where a page of found people ended: the word that the last one was found by, and their id. */
export interface FoundPlace {
  word: string;
  userId: string;
}

/** The opaque text of a place. No word has an underscore. */
export const toFoundCursor = ({ word, userId }: FoundPlace): string => `${word}_${userId}`;

const foundCursor = z
  .string()
  .transform((value, context): FoundPlace => {
    const at = value.lastIndexOf('_');
    const userId = toUuid(value.slice(at + 1));
    const word = value.slice(0, Math.max(0, at));
    if (userId !== undefined && word !== '' && findTextMistake(word) === undefined) return { word, userId };
    context.issues.push({
      code: 'custom',
      input: value,
      message: 'Input should be the `next` of the page before',
      params: { type: 'cursor_parsing' },
    });
    return z.NEVER;
  })
  .meta({ type: 'string', description: '`next` of the page before' });

const next = z.string().nullable().meta({ description: 'To be sent as `after` for the next page; null at the end' });

export const searchUsers = endpoint({
  method: 'get',
  path: '/api/v1/users',
  summary: 'Find people',
  description:
    'Each word of `q` must begin a word of the person’s name, first or last name or username; case does not matter, nor ё for ' +
    'е. With an @ it is an e-mail address and with a + at its beginning a phone number, and must be exact. A page may have ' +
    'fewer people than `limit` and still a `next`.',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({
    q: perhapsBlank(limits.text.maxSearchCodePoints).default(''),
    limit: limitQuery,
    after: foundCursor.optional(),
  }),
  answers: { 200: { description: 'A page of people', schema: z.object({ users: z.array(profile), next }) } },
});

export const blockUser = endpoint({
  method: 'put',
  path: '/api/v1/users/:userId/block',
  summary: 'Block a person',
  description: 'No direct messages either way, and neither sees whether the other is there.',
  tag: 'people',
  auth: 'user',
  whoMay: { ...loggedIn(204), unknown: 404, deleted: 204 },
  errors: ['unknown_user', 'not_oneself'],
  params: person,
  answers: { 204: { description: 'The person is blocked' } },
});

export const unblockUser = endpoint({
  method: 'delete',
  path: '/api/v1/users/:userId/block',
  summary: 'Unblock a person',
  tag: 'people',
  auth: 'user',
  whoMay: { ...loggedIn(204), unknown: 404, deleted: 204 },
  errors: ['unknown_user', 'not_oneself'],
  params: person,
  answers: { 204: { description: 'One does not block the person' } },
});

export const listBlocks = endpoint({
  method: 'get',
  path: '/api/v1/users/me/blocks',
  summary: 'Whom one has blocked',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({ limit: limitQuery, after: uuid.optional().meta({ description: '`next` of the page before' }) }),
  answers: { 200: { description: 'A page of people', schema: z.object({ users: z.array(profile), next }) } },
});

export const report = z.object({ id: uuid, created_at: z.string() }).meta({ id: 'Report' });
export type Report = z.output<typeof report>;

export const storeReport = endpoint({
  method: 'post',
  path: '/api/v1/reports',
  summary: 'Report a person, or a message of theirs, to the operator',
  description: 'The message must be one that the reporter can see; its text is kept as it is now.',
  tag: 'people',
  auth: 'user',
  whoMay: { ...loggedIn(201), unknown: 404, deleted: 201 },
  errors: ['unknown_user', 'no_message', 'not_oneself'],
  body: z.object({ user_id: uuid, message_id: uuid.nullish(), reason: line(limits.text.maxReasonCodePoints) }),
  answers: { 201: { description: 'The operator can read it', schema: report } },
  example: { user_id: jasonId, reason: 'Sells watches in every group' },
});

export const userEndpoints = [
  searchUsers,
  getMe,
  changeMe,
  deactivateMe,
  deleteMe,
  listBlocks,
  getUser,
  blockUser,
  unblockUser,
  storeReport,
];
