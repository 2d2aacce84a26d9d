import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { uuid } from './ids.ts';
import { instant } from './instant.ts';
import { checkContent, draftKeys } from './message.ts';
import { digits, limitQuery } from './paging.ts';

const counter = z.int().min(0);

/** A message as history shows it. */
export const historyRow = z
  .object({
    sender_id: uuid,
    chat_id: uuid,
    text: z.string(),
    timestamp: z.string().meta({ description: 'The sender’s time, in UTC with `Z`' }),
    id: uuid,
    seen: z.boolean().meta({ description: 'Every member has read it' }),
    seq: counter.optional().meta({ description: 'Only when asked by `before`, `after` or `around`' }),
  })
  .meta({ id: 'HistoryRow' });
export type HistoryRow = z.output<typeof historyRow>;

const seqQuery = digits.pipe(z.number().gte(0).lte(Number.MAX_SAFE_INTEGER));
const integer = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** A seq, or the word for what comes after the newest. */
const seqOrEnd = z.string().transform((value, context) => {
  if (value === 'end') return value;
  const result = seqQuery.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  context.issues.push(...(result.error.issues as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

/** Where a page of history is: by offset from the first message one may see, or by the seq of a message. */
export type HistoryPlace =
  | { by: 'offset'; offset: number }
  | { by: 'before'; seq: number | 'end' }
  | { by: 'after'; seq: number }
  | { by: 'around'; seq: number };

interface PlaceKeys {
  offset?: number | undefined;
  before?: number | 'end' | undefined;
  after?: number | undefined;
  around?: number | undefined;
}

export function toPlace({ offset, before, after, around }: PlaceKeys): HistoryPlace {
  if (before !== undefined) return { by: 'before', seq: before };
  if (after !== undefined) return { by: 'after', seq: after };
  if (around !== undefined) return { by: 'around', seq: around };
  return { by: 'offset', offset: offset ?? 0 };
}

const placeKeys = ['offset', 'before', 'after', 'around'] as const;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Looked at even when other keys are wrong, so that all mistakes are told at once. */
const always = { when: () => true };

export const historyQuery = z
  .object({
    limit: limitQuery,
    offset: seqQuery
      .optional()
      .meta({ ...integer, default: 0, description: 'How many of the oldest messages to pass over' }),
    before: seqOrEnd
      .optional()
      .meta({ type: 'string', description: 'The page that ends before this seq; `end`: the newest page' }),
    after: seqQuery.optional().meta({ ...integer, description: 'The page that begins after this seq' }),
    around: seqQuery.optional().meta({ ...integer, description: 'The page with this seq in its middle' }),
  })
  .refine((value: unknown) => !isRecord(value) || placeKeys.filter((key) => value[key] !== undefined).length <= 1, {
    ...always,
    error: 'Only one of offset, before, after and around may be given',
    params: { type: 'value_error' },
  });

export const getHistory = endpoint({
  method: 'get',
  path: '/history/:chatId',
  summary: 'A page of a chat’s messages, the oldest first',
  description:
    'For members, and for those who left up to where they left. `offset` counts from the first message one may see; ' +
    '`before`, `after` and `around` take a seq, and only then the rows carry theirs. Reading marks nothing as read.',
  tag: 'messages',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 403, member: 200, former: 200 },
  errors: ['no_chat'],
  params: z.object({ chatId: uuid }),
  query: historyQuery,
  answers: { 200: { description: 'The messages, ascending', schema: z.array(historyRow) } },
});

export const sentMessage = z
  .object({
    id: uuid,
    client_id: uuid,
    chat_id: uuid,
    seq: counter,
    version: counter,
    timestamp: z.string(),
    duplicate: z.boolean().meta({ description: 'It had been stored by an earlier request' }),
  })
  .meta({ id: 'SentMessage' });
export type SentMessage = z.output<typeof sentMessage>;

export const putMessage = endpoint({
  method: 'put',
  path: '/api/v1/chats/:chatId/messages/:clientId',
  summary: 'Send a message',
  description:
    'clientId is a UUID that the sender chooses for this message. The same again answers with the same message, ' +
    'however often and whenever; another content under it is a conflict. It is a text, which may answer a message of the ' +
    'chat and mention people, or the forward of a message that one sees.',
  tag: 'messages',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 403, member: 201, former: 403 },
  errors: ['no_chat', 'blocked', 'conflict', 'no_message', 'depends_missing'],
  params: z.object({ chatId: uuid, clientId: uuid }),
  body: z.object({ ...draftKeys, timestamp: instant.nullish() }).superRefine(checkContent),
  answers: {
    201: { description: 'Stored now', schema: sentMessage },
    200: { description: 'Stored before', schema: sentMessage },
  },
  example: { text: 'Hello', timestamp: '2025-05-04T04:45:50+03:00' },
});

export const markRead = endpoint({
  method: 'post',
  path: '/api/v1/chats/:chatId/read',
  summary: 'Mark messages as read',
  description:
    'All up to and with the one named, by `seq` or by `message_id`. A position never goes back; marking again changes nothing.',
  tag: 'messages',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 403, member: 200, former: 403 },
  errors: ['no_chat', 'no_message'],
  params: z.object({ chatId: uuid }),
  body: z
    .object({ seq: z.int().min(1).nullish(), message_id: uuid.nullish() })
    .refine((value: unknown) => isRecord(value) && (value['seq'] ?? value['message_id'] ?? undefined) !== undefined, {
      ...always,
      path: ['seq'],
      error: 'One of seq and message_id is needed',
      params: { type: 'missing' },
    }),
  answers: {
    200: { description: 'The position as it is now', schema: z.object({ chat_id: uuid, read_seq: counter }) },
  },
  example: { seq: 1 },
});

export const markDelivered = endpoint({
  method: 'post',
  path: '/api/v1/chats/:chatId/delivered',
  summary: 'Say what has reached a device of one’s own',
  description: 'All up to and with the message of this seq. A position never goes back; what is read is delivered too.',
  tag: 'messages',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 403, member: 200, former: 403 },
  errors: ['no_chat'],
  params: z.object({ chatId: uuid }),
  body: z.object({ seq: z.int().min(1) }),
  answers: {
    200: { description: 'The position as it is now', schema: z.object({ chat_id: uuid, delivered_seq: counter }) },
  },
  example: { seq: 1 },
});

export const messageEndpoints = [getHistory, putMessage, markRead, markDelivered];
