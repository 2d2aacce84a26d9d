/** The socket of system 003: frames with an `action`, events for the chats that a socket has joined. */
import { z } from 'zod';
import { chatId as chat_id, messageId as message_id, vincentId } from './example-ids.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import type { FrameDescription, SocketDescription } from './socket.ts';
import { line } from './text.ts';

const { maxTextCodePoints, maxKeyCodePoints } = limits.actions;

/** The frames a client sends. `action` names each. */
export const actionsClientFrames = {
  join_chat: z.object({ action: z.literal('join_chat'), chat_id: uuid }),
  leave_chat: z.object({ action: z.literal('leave_chat'), chat_id: uuid }),
  send_message: z.object({
    action: z.literal('send_message'),
    chat_id: uuid,
    text: line(maxTextCodePoints).meta({ description: `At most ${maxTextCodePoints} characters` }),
    idempotency_key: line(maxKeyCodePoints)
      .nullish()
      .meta({ description: `Any text of at most ${maxKeyCodePoints} characters: the same again is stored once` }),
  }),
  message_read: z.object({ action: z.literal('message_read'), chat_id: uuid, message_id: uuid }),
  typing: z.object({ action: z.literal('typing'), chat_id: uuid }),
} as const;

export type ActionName = keyof typeof actionsClientFrames;

export const actionsPerson = z
  .object({
    id: uuid,
    name: z.string(),
    email: z.string().nullable().meta({ description: 'Null for those who have none, or are not in the chat any more' }),
  })
  .meta({ id: 'ActionsPerson' });

/** A message, in history and on the socket alike. */
export const actionsMessage = z
  .object({
    id: uuid,
    chat_id: uuid,
    sender: actionsPerson,
    text: z.string(),
    created_at: z.string().meta({ description: 'The sender’s time, in UTC with `Z`' }),
    is_read: z
      .boolean()
      .meta({ description: 'Of one’s own message: somebody else has read it. Of others’: one has read it' }),
    read_at: z.string().nullable().meta({ description: 'When that was first so' }),
    idempotency_key: z.string().nullable(),
  })
  .meta({ id: 'ActionsMessage' });
export type ActionsMessage = z.output<typeof actionsMessage>;

const actionsServerFrames = {
  joined: z.object({ status: z.literal('joined'), chat_id: z.uuid() }),
  left: z.object({ status: z.literal('left'), chat_id: z.uuid() }),
  new_message: z.object({ event: z.literal('new_message'), data: actionsMessage }),
  message_read: z.object({
    event: z.literal('message_read'),
    data: z.object({ chat_id: z.uuid(), message_id: z.uuid(), user_id: z.uuid(), read_at: z.string() }),
  }),
  typing: z.object({ event: z.literal('typing'), chat_id: z.uuid(), user_name: z.string() }),
  error: z.object({ error: z.string() }),
} as const;

const clientFrames: Record<ActionName, FrameDescription> = {
  join_chat: {
    schema: actionsClientFrames.join_chat,
    summary: 'From now on this socket hears of the chat; answered by `joined`, or by an error if one is no member.',
    example: { action: 'join_chat', chat_id },
  },
  leave_chat: {
    schema: actionsClientFrames.leave_chat,
    summary: 'This socket hears of the chat no more; answered by `left`. One stays a member.',
    example: { action: 'leave_chat', chat_id },
  },
  send_message: {
    schema: actionsClientFrames.send_message,
    summary:
      'Sends a message, to a chat that is joined or not. The same `idempotency_key` again is answered by the stored message and told to nobody else.',
    example: { action: 'send_message', chat_id, text: 'Hello', idempotency_key: 'hello-1' },
  },
  message_read: {
    schema: actionsClientFrames.message_read,
    summary: 'Marks a message and all before it as read. Again it changes nothing.',
    example: { action: 'message_read', chat_id, message_id },
  },
  typing: {
    schema: actionsClientFrames.typing,
    summary: 'One is typing; told at most once in three seconds.',
    example: { action: 'typing', chat_id },
  },
};

const serverFrames: Record<keyof typeof actionsServerFrames, FrameDescription> = {
  joined: {
    schema: actionsServerFrames.joined,
    summary: 'The chat is joined.',
    example: { status: 'joined', chat_id },
  },
  left: {
    schema: actionsServerFrames.left,
    summary: 'The chat is left: it was asked for, or one is no member any more.',
    example: { status: 'left', chat_id },
  },
  new_message: {
    schema: actionsServerFrames.new_message,
    summary: 'A message of a joined chat; also to the socket that sent it.',
    example: {
      event: 'new_message',
      data: {
        id: message_id,
        chat_id,
        sender: { id: vincentId, name: 'Vincent', email: 'vincent@example.com' },
        text: 'Hello',
        created_at: '2025-05-04T04:45:50Z',
        is_read: false,
        read_at: null,
        idempotency_key: 'hello-1',
      },
    },
  },
  message_read: {
    schema: actionsServerFrames.message_read,
    summary: 'Somebody has read a message of a joined chat, and all before it.',
    example: {
      event: 'message_read',
      data: { chat_id, message_id, user_id: vincentId, read_at: '2025-05-04T04:46:12.104212Z' },
    },
  },
  typing: {
    schema: actionsServerFrames.typing,
    summary: 'Somebody else is typing in a joined chat.',
    example: { event: 'typing', chat_id, user_name: 'Vincent' },
  },
  error: {
    schema: actionsServerFrames.error,
    summary: 'A frame was refused.',
    example: { error: '404: Chat not found' },
  },
};

export const actionsSocket: SocketDescription = {
  name: 'actions',
  title: 'Actions (system 003)',
  description:
    'Frames with an `action`. `/api/v1/ws` is the same. A missing or bad token is told by the close code 4001 after the handshake; ' +
    'nothing is said to a good one. Who has joined a chat is kept for each socket.',
  address: '/ws',
  query: z.object({ token: z.string().meta({ description: 'An access token' }) }),
  clientFrames,
  serverFrames,
};
