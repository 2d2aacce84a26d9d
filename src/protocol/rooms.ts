/** The sockets of system 004: one for each chat, and one for all chats of a person. */
import { z } from 'zod';
import { chatId, jamesId, messageId, vincentId } from './example-ids.ts';
import type { FrameDescription, SocketDescription } from './socket.ts';
import { messageText } from './text.ts';

export const roomsClientFrames = {
  message: z.object({ text: messageText }),
} as const;

const roomsMessage = z.object({
  id: z.uuid(),
  sender_id: z.uuid(),
  sender_name: z.string(),
  text: z.string(),
  timestamp: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/)
    .meta({ description: 'The sender’s time, in UTC' }),
  is_read: z.literal(false),
});

const example = {
  id: messageId,
  sender_id: vincentId,
  sender_name: 'Vincent',
  text: 'Hello',
  timestamp: '2025-05-04 04:45:50.000000',
  is_read: false,
};

const error: FrameDescription = {
  schema: z.object({ error: z.string() }),
  summary: 'A frame was refused, or why the socket is closed with 1008.',
  example: { error: 'Недействительный токен' },
};

const query = z.object({ token: z.string().meta({ description: 'An access token' }) });

const handshake =
  'A handshake without `token` is refused with 403; what else is wrong is told by `error` and the close code 1008. ';

export const roomsChatSocket: SocketDescription = {
  name: 'rooms-chat',
  title: 'One chat (system 004)',
  description: `${handshake}Who is taken out of the chat is told so and closed likewise.`,
  address: '/ws/{chatId}',
  parameters: { chatId: 'A chat of one’s own' },
  query,
  clientFrames: {
    message: { schema: roomsClientFrames.message, summary: 'Sends a message.', example: { text: 'Hello' } },
  },
  serverFrames: {
    connected: {
      schema: z.object({ status: z.literal('connected'), user_id: z.uuid(), chat_id: z.uuid() }),
      summary: 'The first frame of a socket that may stay.',
      example: { status: 'connected', user_id: jamesId, chat_id: chatId },
    },
    message: {
      schema: z.object({ type: z.literal('message'), data: roomsMessage }),
      summary: 'A message of the chat; also to the socket that sent it.',
      example: { type: 'message', data: example },
    },
    error,
  },
};

export const roomsUserSocket: SocketDescription = {
  name: 'rooms-user',
  title: 'All chats of a person (system 004)',
  description: `${handshake}What a client sends here is ignored.`,
  address: '/ws/user',
  query,
  clientFrames: {},
  serverFrames: {
    connected: {
      schema: z.object({ status: z.literal('connected'), user_id: z.uuid() }),
      summary: 'The first frame of a socket that may stay.',
      example: { status: 'connected', user_id: jamesId },
    },
    message: {
      schema: z.object({ type: z.literal('message'), data: roomsMessage.extend({ chat_id: z.uuid() }) }),
      summary: 'A message of any chat of one’s own; also one’s own messages.',
      example: { type: 'message', data: { ...example, chat_id: chatId } },
    },
    error,
  },
};
