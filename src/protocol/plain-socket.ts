/** The plain dialect as the documents show it. Ids and texts are those of the demo's data. */
import { z } from 'zod';
import { chatId, jamesId, jasonId, messageId, vincentId } from './example-ids.ts';
import { plainClientFrames, plainServerFrames } from './plain.ts';
import type { FrameDescription, SocketDescription } from './socket.ts';

const clientId = 'dadf4d3c-ccf8-443d-ad7d-7dafca692fbd';
const groupId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d001';

const message = {
  id: messageId,
  sender_id: vincentId,
  chat_id: chatId,
  timestamp: '2025-05-04T04:45:50Z',
  text: 'Hello',
  seq: 12,
};

const clientFrames: Record<keyof typeof plainClientFrames, FrameDescription> = {
  login: {
    schema: plainClientFrames.login,
    summary:
      'Logs in, answered by `auth_success`. `email` takes a phone number or a username as well; again on the same socket, it switches the person.',
    example: { email: 'nicholecarroll@example.com', password: '!0Wtg' },
  },
  message: {
    schema: plainClientFrames.message,
    summary:
      'Sends a message, answered by `ack`. The same `client_id` again is acked again and stored once; the time needs an offset.',
    example: {
      client_id: clientId,
      sender_id: jamesId,
      chat_id: chatId,
      timestamp: '2025-05-04 04:45:50+00:00',
      text: 'Hello',
    },
  },
  group: {
    schema: plainClientFrames.group,
    summary: 'Makes a group of these people and oneself; every member’s sockets get `group`.',
    example: { name: 'Car.', users: [jamesId, vincentId, jasonId] },
  },
  seen: {
    schema: plainClientFrames.seen,
    summary: 'Marks a message and all before it as read. Nothing answers but an error.',
    example: { message_id: messageId },
  },
};

const serverFrames: Record<keyof typeof plainServerFrames, FrameDescription> = {
  auth_success: {
    schema: plainServerFrames.auth_success,
    summary: 'One is logged in: by a frame, or by the cookie or Bearer token of the handshake.',
    example: { type: 'auth_success', detail: null },
  },
  error: {
    schema: plainServerFrames.error,
    summary: 'A frame was refused; `client_id` or `message_id` say which. Act on `code` and `retry`.',
    example: {
      type: 'error',
      detail: {
        code: 'no_chat',
        message: 'You are not a member of this chat.',
        retry: 'never',
        client_id: clientId,
      },
    },
  },
  message_seen: {
    schema: plainServerFrames.message_seen,
    summary: 'To the sender, once: every other member has read this message.',
    example: { type: 'message_seen', detail: { ...message, seen: true } },
  },
  ack: {
    schema: plainServerFrames.ack,
    summary: 'The message is stored. `seq` is its place in the chat.',
    example: { client_id: clientId, id: messageId, seq: 12 },
  },
  message: {
    schema: plainServerFrames.message,
    summary: 'A message of a chat of one’s own; to all sockets of its members but the one that sent it.',
    example: message,
  },
  group: {
    schema: plainServerFrames.group,
    summary: 'Somebody made a group with oneself in it.',
    example: {
      name: 'Car.',
      id: groupId,
      creator_id: jamesId,
      chat_id: chatId,
      user_group: [jamesId, vincentId, jasonId].map((user_id) => ({ user_id, group_id: groupId })),
    },
  },
};

export const plainSocket: SocketDescription = {
  name: 'plain',
  title: 'Plain',
  description:
    'Frames without a type, each recognised by its keys: what one types into wscat. A frame with the keys of several shapes is the one with most of them; other keys are ignored. ' +
    'Nothing is said before the client speaks, unless the handshake carried a cookie or a Bearer token: then `auth_success` comes first. ' +
    'Answers come in the order of the frames they answer.',
  address: '/ws',
  clientFrames,
  serverFrames,
};

/** What the text of a frame holds when the frame itself is JSON that is once more a string. */
const encoded = (schema: z.ZodType): z.ZodType =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'Input should be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema)
    .meta({ contentMediaType: 'application/json', contentSchema: z.toJSONSchema(schema, { target: 'draft-7' }) });

const notification = z.object({ type: z.enum(['error', 'message_seen']), detail: z.string() });

/** A notification's `detail` is a string too, but for the null of `auth_success`. */
const encodeTwice = ([name, frame]: [string, FrameDescription]): [string, FrameDescription] => {
  const { schema, example, summary } = frame;
  const { type, detail } = example as { type?: string; detail?: unknown };
  if (type === undefined || detail === null)
    return [name, { summary, schema: encoded(schema), example: JSON.stringify(example) }];
  const text = name === 'error' ? `{"detail": ${JSON.stringify('You are not a member of this chat.')}}` : detail;
  return [
    name,
    {
      summary,
      schema: encoded(notification.extend({ type: z.literal(type) })),
      example: JSON.stringify({ type, detail: typeof text === 'string' ? text : JSON.stringify(text) }),
    },
  ];
};

export const plainStringSocket: SocketDescription = {
  ...plainSocket,
  name: 'plain-string',
  title: 'Plain, double-encoded',
  description:
    'The plain dialect as the first clients of it read it: a client’s frames are the same, but each of the server’s is a JSON string that holds JSON, and a notification’s `detail` is once more a string: ' +
    'of an error `{"detail": "…"}` or its list of mistakes.',
  query: z.object({ wire: z.literal('string').meta({ description: 'Asks for this form' }) }),
  serverFrames: Object.fromEntries(Object.entries(serverFrames).map(encodeTwice)),
};
