import { z } from 'zod';
import { uuid } from './ids.ts';
import { instant } from './instant.ts';
import { limits } from './limits.ts';
import { line, messageText, wellFormed } from './text.ts';

/**
 * The frames a client sends in the plain dialect. They have no `type`: a frame is recognised by the keys it has, the shape
 * with the most of its keys present wins, other keys are ignored.
 */
export const plainClientFrames = {
  /** Logs in; again on the same socket, it switches the person. `email` takes a phone number or a username as well. */
  login: z.object({
    email: wellFormed(limits.text.maxEmailBytes),
    password: wellFormed(1_024),
  }),
  /** Sends a message; answered by an ack with the same client_id. */
  message: z.object({
    client_id: uuid,
    sender_id: uuid,
    chat_id: uuid,
    timestamp: instant,
    text: messageText,
  }),
  /** Creates a group of these people and oneself. */
  group: z.object({
    name: line(limits.text.maxNameCodePoints),
    users: z.array(uuid).max(limits.counts.membersPerGroup),
  }),
  /** Marks a message, and all before it, as read. */
  seen: z.object({ message_id: uuid }),
} as const;

export type PlainShape = keyof typeof plainClientFrames;

const message = {
  id: z.uuid(),
  sender_id: z.uuid(),
  chat_id: z.uuid(),
  timestamp: z.string(),
  text: z.string(),
  seq: z.number().int(),
};

/** The frames a server sends in the plain dialect. A notification has `type`, an ack `client_id`, a message `sender_id`, a group `user_group`. */
export const plainServerFrames = {
  auth_success: z.object({ type: z.literal('auth_success'), detail: z.null() }),
  error: z.object({
    type: z.literal('error'),
    detail: z.looseObject({
      code: z.string(),
      message: z.string(),
      retry: z.enum(['never', 'same', 'new']),
      after_ms: z.number().optional(),
      mistakes: z
        .array(z.object({ type: z.string(), loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }))
        .optional(),
      client_id: z.string().optional(),
      message_id: z.string().optional(),
    }),
  }),
  message_seen: z.object({ type: z.literal('message_seen'), detail: z.object({ ...message, seen: z.literal(true) }) }),
  ack: z.object({ client_id: z.uuid(), id: z.uuid(), seq: z.number().int() }),
  message: z.object(message),
  group: z.object({
    name: z.string(),
    id: z.uuid(),
    creator_id: z.uuid(),
    chat_id: z.uuid(),
    user_group: z.array(z.object({ user_id: z.uuid(), group_id: z.uuid() })),
  }),
} as const;
