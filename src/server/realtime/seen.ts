import { z } from 'zod';
import type { SeenEvent } from './events.ts';

/** A message that became seen by all, as the SQL functions answer it. */
export const seenRow = z.object({
  id: z.string(),
  seq: z.number(),
  sender_id: z.string(),
  chat_id: z.string(),
  text: z.string(),
  timestamp: z.string(),
});

/** Messages that became seen by all, as events for their senders. */
export const toSeenEvents = (rows: z.infer<typeof seenRow>[]): SeenEvent[] =>
  rows.map(({ sender_id, chat_id, timestamp, ...row }) => ({
    kind: 'message_seen',
    message: { ...row, senderId: sender_id, chatId: chat_id, sentAt: timestamp },
  }));
