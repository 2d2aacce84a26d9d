/** The calls that system 004 documents beyond the list of chats: history from the end, sending, reading by message. */
import { z } from 'zod';
import { chatParams, counter, russian } from './chats.ts';
import { endpoint, everybody } from './endpoint.ts';
import { chatId } from './example-ids.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { digits, offsetQuery } from './paging.ts';
import { messageText } from './text.ts';

export const roomMessage = z
  .object({
    id: uuid,
    chat_id: uuid,
    sender_id: uuid,
    sender: z.object({
      id: uuid,
      name: z.string(),
      email: z.string().nullable().meta({ description: 'Null for those who are not in the chat any more' }),
    }),
    text: z.string(),
    timestamp: z.string().meta({ description: 'The sender’s time, in UTC with `Z`' }),
    is_read: z.boolean().meta({ description: 'Every member but the sender has read it' }),
  })
  .meta({ id: 'RoomMessage' });
export type RoomMessage = z.output<typeof roomMessage>;

const defaultRows = 100;

export const getRoomHistory = endpoint({
  method: 'get',
  path: '/api/v1/chats/:chatId/history',
  summary: 'A page of history, the newest first, with the number of all messages',
  description:
    'For members, and for those who left up to where they left. `offset` counts from the newest. Reading marks nothing as read.',
  tag: 'rooms',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 400, member: 200, former: 200 },
  errors: ['no_chat'],
  says: { no_chat: { status: 400, detail: russian.noMember } },
  params: chatParams,
  query: z.object({
    limit: digits
      .pipe(z.number().gt(0).lte(limits.page.maxRows))
      .default(defaultRows)
      .meta({ type: 'integer', minimum: 1, maximum: limits.page.maxRows, default: defaultRows }),
    offset: offsetQuery,
  }),
  answers: {
    200: {
      description: 'The page, and how many messages one may see in all',
      schema: z.object({ messages: z.array(roomMessage), total: counter }),
    },
  },
});

export const postMessage = endpoint({
  method: 'post',
  path: '/api/v1/chats/messages',
  summary: 'Send a message',
  description:
    'With `client_id` it may be sent again without being stored twice; without one each request is a message of its own.',
  tag: 'rooms',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 400, member: 200, former: 400 },
  errors: ['no_chat', 'unknown_chat', 'blocked', 'conflict'],
  says: {
    no_chat: { status: 400, detail: russian.noMember },
    unknown_chat: { status: 400, detail: russian.unknownChat },
  },
  body: z.object({ chat_id: uuid, text: messageText, client_id: uuid.nullish() }),
  answers: { 200: { description: 'The message as it is stored', schema: roomMessage } },
  example: { chat_id: chatId, text: 'Hello' },
});

/** What 004 answers for a message of one's own. */
export const ownMessageText = 'Это ваше сообщение, оно уже считается прочитанным';

export const readMessage = endpoint({
  method: 'post',
  path: '/api/v1/chats/messages/:messageId/read',
  summary: 'Mark a message, and all before it, as read',
  description: 'Again it changes nothing. A message of one’s own counts as read.',
  tag: 'rooms',
  auth: 'user',
  whoMay: { anonymous: 401, stranger: 400, member: 200, former: 400 },
  errors: ['no_message'],
  says: { no_message: { status: 400, detail: russian.unknownMessage } },
  params: z.object({ messageId: uuid }),
  answers: {
    200: {
      description: 'It is read',
      schema: z.object({
        message_id: uuid,
        user_id: uuid,
        read_at: z.string().meta({ description: 'When one had first read so far' }),
        is_read: z.literal(true),
        message: z.string().optional().meta({ description: 'Only for a message of one’s own' }),
      }),
    },
  },
});

export const getSocketInfo = endpoint({
  method: 'get',
  path: '/api/v1/ws-info',
  summary: 'The two sockets of system 004',
  tag: 'rooms',
  auth: 'public',
  whoMay: everybody(200),
  answers: {
    200: {
      description: 'Their addresses and frames',
      schema: z.array(z.object({ path: z.string(), description: z.string(), sends: z.string(), receives: z.string() })),
    },
  },
});

export const roomEndpoints = [getRoomHistory, postMessage, readMessage, getSocketInfo];
