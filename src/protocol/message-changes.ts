/** What becomes of a message, and how a script hears of it: the HTTP twins of the full protocol. */
import { z } from 'zod';
import { adminsOnly, chatParams, ownerOnly } from './chats.ts';
import { endpoint, membersOnly } from './endpoint.ts';
import { fullAnswerFrames } from './full.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { earlierText, edited, emoji, message, reading } from './message.ts';
import { digits } from './paging.ts';

const seqParam = digits.pipe(z.number().gte(1).lte(Number.MAX_SAFE_INTEGER)).meta({
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The message’s place in its chat',
});

const messageParams = z.object({ chatId: uuid, seq: seqParam });

const path = '/api/v1/chats/:chatId/messages/:seq';
const errors = ['no_chat', 'no_message', 'blocked'] as const;
const answers = { 200: { description: 'The message as it is now', schema: message } } as const;

const byMembers = {
  tag: 'messages',
  auth: 'user',
  whoMay: membersOnly(200),
  errors: [...errors, 'deleted'],
  params: messageParams,
  answers,
} as const;

export const editMessage = endpoint({
  ...byMembers,
  method: 'patch',
  path,
  summary: 'Edit a message',
  description: `By its author, and not a forward. What it said before is kept, at most ${limits.message.maxEdits} times.`,
  // The matrix asks about a message of the owner's.
  whoMay: ownerOnly(200),
  errors: [...byMembers.errors, 'access_denied', 'too_many_edits'],
  body: edited,
  example: { text: 'Hello again' },
});

export const deleteMessage = endpoint({
  ...byMembers,
  method: 'delete',
  path,
  summary: 'Delete a message for all',
  description: 'By its author, in a group by owner and admins too. Its place stays, with an empty text.',
  whoMay: adminsOnly(200),
  errors: [...errors, 'access_denied'],
});

const reactionParams = messageParams.extend({ emoji });

export const putReaction = endpoint({
  ...byMembers,
  method: 'put',
  path: `${path}/reactions/:emoji`,
  summary: 'React to a message',
  description: `Any emoji; at most ${limits.reactions.maxPerPerson} different ones of one person on a message.`,
  errors: [...byMembers.errors, 'too_many_reactions'],
  params: reactionParams,
});

export const deleteReaction = endpoint({
  ...byMembers,
  method: 'delete',
  path: `${path}/reactions/:emoji`,
  summary: 'Take one’s reaction back',
  params: reactionParams,
});

export const putPin = endpoint({
  ...byMembers,
  method: 'put',
  path: `${path}/pin`,
  summary: 'Pin a message for all',
  description: 'In a group by owner and admins, in a direct chat by both.',
  whoMay: adminsOnly(200),
  errors: [...byMembers.errors, 'access_denied', 'too_many_pins'],
});

export const deletePin = endpoint({
  ...byMembers,
  method: 'delete',
  path: `${path}/pin`,
  summary: 'Unpin a message',
  description: 'In a group by owner and admins, in a direct chat by both.',
  whoMay: adminsOnly(200),
  errors: [...byMembers.errors, 'access_denied'],
});

export const getEdits = endpoint({
  ...byMembers,
  method: 'get',
  path: `${path}/edits`,
  summary: 'What a message said before it was edited, the oldest first',
  errors: ['no_chat', 'no_message'],
  answers: { 200: { description: 'The earlier texts; none of a deleted message', schema: z.array(earlierText) } },
});

export const getReads = endpoint({
  ...byMembers,
  method: 'get',
  path: `${path}/reads`,
  summary: 'Who has read a message, and when, the first reader first',
  description:
    'Members who were there when it was said, but its sender. Who joined later has it behind their read position without ever having been seen to read it.',
  errors: ['no_chat', 'no_message'],
  answers: { 200: { description: 'The readers', schema: z.array(reading) } },
});

export const getPins = endpoint({
  ...byMembers,
  method: 'get',
  path: '/api/v1/chats/:chatId/pins',
  summary: 'The pinned messages of a chat, the newest pin first',
  errors: ['no_chat'],
  params: chatParams,
  answers: { 200: { description: 'The messages', schema: z.array(message) } },
});

const countQuery = (maximum: number, minimum: number, initially: number) =>
  digits
    .pipe(z.number().gte(minimum).lte(maximum))
    .default(initially)
    .meta({ type: 'integer', minimum, maximum, default: initially });

const { maxRows, defaultRows, maxWaitSeconds, maxWaitsPerPerson } = limits.sync;

export const changesQuery = z.object({
  after: countQuery(Number.MAX_SAFE_INTEGER, 0, 0).meta({
    description: 'The version up to which one has everything: `to` of the last answer',
  }),
  after_seq: countQuery(Number.MAX_SAFE_INTEGER, 0, 0).meta({
    description: 'The newest message that one has with it: `to_seq` of the last answer',
  }),
  limit: countQuery(maxRows, 1, defaultRows),
  wait: countQuery(maxWaitSeconds, 0, 0).meta({
    description: 'For so many seconds the answer may wait for the first change, where there is none yet',
  }),
});

export const changesPage = fullAnswerFrames.changes.omit({ type: true, ref: true }).meta({ id: 'Changes' });

export const getChanges = endpoint({
  ...byMembers,
  method: 'get',
  path: '/api/v1/chats/:chatId/changes',
  summary: 'What changed in a chat since a version',
  description:
    'Everything as it is now, not how it came about; `more` says that there is a next page. With `wait` one hears of a ' +
    `change at once: ask again and again. At most ${maxWaitsPerPerson} requests of a person wait at a time.`,
  errors: ['no_chat'],
  params: chatParams,
  query: changesQuery,
  answers: { 200: { description: 'The changes', schema: changesPage } },
});

export const messageChangeEndpoints = [
  editMessage,
  deleteMessage,
  putReaction,
  deleteReaction,
  putPin,
  deletePin,
  getEdits,
  getReads,
  getPins,
  getChanges,
];
