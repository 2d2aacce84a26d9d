/** The sockets of system 004: one for each chat, and one for all chats of a person. */
import { z } from 'zod';
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

const personId = 'd61d47bb-2cd2-4c1d-8975-938263836086';
const chatId = '27784f95-d0e0-478d-b224-f718fe2da52c';

const example = {
  id: '9d5a44c4-3115-477b-83da-f7c8b4f34896',
  sender_id: '599e25c1-693d-4620-9abf-fde1dda5d426',
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
      example: { status: 'connected', user_id: personId, chat_id: chatId },
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
      example: { status: 'connected', user_id: personId },
    },
    message: {
      schema: z.object({ type: z.literal('message'), data: roomsMessage.extend({ chat_id: z.uuid() }) }),
      summary: 'A message of any chat of one’s own; also one’s own messages.',
      example: { type: 'message', data: { ...example, chat_id: chatId } },
    },
    error,
  },
};
