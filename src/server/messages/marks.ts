import type { Logger } from 'pino';
import { z } from 'zod';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toArray, toDistinct } from '../db/arrays.ts';
import { Batcher } from '../db/batcher.ts';
import type { Sql } from '../db/client.ts';
import { requireRow } from '../db/failure.ts';
import type { Lanes } from '../db/lanes.ts';
import type { ServerEvent } from '../realtime/events.ts';
import { seenRow, toSeenEvents } from '../realtime/seen.ts';

export interface Mark {
  sessionId: string;
  userId: string;
  chatId: string;
  /** Read up to this message, and all before it. */
  seq: number;
}

export interface Marked {
  /** The position as stored: it never goes back. */
  readSeq: number;
}

const answerSchema = z.object({
  marks: z.array(z.tuple([z.enum(['o', 'r', 'n']), z.number(), z.string().nullable(), z.string().nullable()])),
  seen: z.array(seenRow),
});

/**
 * Moves read positions in batches, like sends and in the same lanes. The database tells each message that became seen by
 * all to one call only (G7), which publishes it.
 */
export class Marks {
  readonly #sql: Sql;
  readonly #batcher: Batcher<Mark, Marked>;

  constructor({
    sql,
    lanes,
    log,
    publish,
  }: {
    sql: Sql;
    lanes: Lanes;
    log: Logger;
    publish(events: ServerEvent[]): void;
  }) {
    this.#sql = sql;
    this.#batcher = new Batcher<Mark, Marked>({
      lanes,
      log,
      chatOf: (mark) => mark.chatId,
      weigh: () => 200,
      call: async (connection, marks) => {
        const answer = await markRead(connection, marks);
        publish([...toReadEvents(marks, answer.marks), ...toSeenEvents(answer.seen)]);
        return answer.marks.map(([status, readSeq]) =>
          status === 'o' ? { readSeq } : new ProtocolError(status === 'r' ? 'session_revoked' : 'no_chat'),
        );
      },
    });
  }

  /** Errors: `no_chat`, `session_revoked`, `overloaded`, `unavailable`. Marking again changes nothing. */
  mark(mark: Mark): Promise<Marked> {
    return this.#batcher.add(mark);
  }

  /** The same by a message's id. Whether it does not exist or is not the caller's to see, the answer is `no_message`. */
  async markMessage({
    sessionId,
    userId,
    messageId,
    chatId,
  }: {
    sessionId: string;
    userId: string;
    messageId: string;
    /** Where the caller takes the message to be. */
    chatId?: string | undefined;
  }): Promise<Marked> {
    const place = await findPlace(this.#sql, messageId);
    if (!place || (chatId !== undefined && chatId !== place.chatId)) throw new ProtocolError('no_message');
    try {
      return await this.mark({ sessionId, userId, ...place });
    } catch (error) {
      throw error instanceof ProtocolError && error.code === 'no_chat' ? new ProtocolError('no_message') : error;
    }
  }
}

/** What moved a position, told to the members who are there. */
function toReadEvents(marks: Mark[], answers: z.infer<typeof answerSchema>['marks']): ServerEvent[] {
  return answers.flatMap(([, , messageId, readAt], i): ServerEvent[] => {
    const { chatId, userId } = marks[i]!;
    return messageId !== null && readAt !== null ? [{ kind: 'read', chatId, userId, messageId, readAt }] : [];
  });
}

async function findPlace(sql: Sql, messageId: string): Promise<{ chatId: string; seq: number } | undefined> {
  const [row] = await sql<{ chatId: string; seq: string }[]>`
    select chat_id as "chatId", seq from messages where id = ${messageId}`;
  return row && { chatId: row.chatId, seq: Number(row.seq) };
}

/** Messages of which another node says that every member has read them. */
export async function findSeen(sql: Sql, messageIds: string[]): Promise<ServerEvent[]> {
  const rows = await sql<z.infer<typeof seenRow>[]>`
    select m.id, m.seq::float8 as seq, m.sender_id, m.chat_id, m.text, instant(m.sent_at) as timestamp
      from messages m join chats c on c.id = m.chat_id
     where m.id = any(${messageIds}) and c.deleted_at is null and m.seq <= seen_up_to(m.sender_id, c.seen_seq, c.behind_id, c.behind_seen_seq) order by m.chat_id, m.seq`;
  return toSeenEvents(rows);
}

async function markRead(sql: Sql, marks: Mark[]): Promise<z.infer<typeof answerSchema>> {
  const { distinct, places } = toDistinct(marks.map((mark) => mark.chatId));
  const [row] = await sql<{ answer: unknown }[]>`select mark_read(
    ${toArray(distinct)}::uuid[], ${toArray(places)}::int[], ${toArray(marks.map((mark) => mark.sessionId))}::uuid[],
    ${toArray(marks.map((mark) => mark.userId))}::uuid[], ${toArray(marks.map((mark) => mark.seq))}::bigint[],
    ${limits.message.maxSeenAnnounced}) as answer`;
  return answerSchema.parse(requireRow(row).answer);
}
