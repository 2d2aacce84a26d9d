import type { Logger } from 'pino';
import { z } from 'zod';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toArray, toDistinct } from '../db/arrays.ts';
import { Batcher } from '../db/batcher.ts';
import type { Sql } from '../db/client.ts';
import { requireRow } from '../db/failure.ts';
import type { Lanes } from '../db/lanes.ts';
import type { MemberPosition, SeenEvent, ServerEvent } from '../realtime/events.ts';
import { seenRow, toSeenEvents } from '../realtime/seen.ts';
import { Positions } from './positions.ts';

export interface Mark {
  sessionId: string;
  userId: string;
  chatId: string;
  /** Up to this message, and all before it. */
  seq: number;
}

/** Positions as stored: they never go back. */
export interface Marked {
  readSeq: number;
  deliveredSeq: number;
}

const status = z.enum(['o', 'r', 'n']);
const readAnswer = z.object({
  marks: z.array(
    z.tuple([
      status,
      z.number(),
      z.number(),
      z.enum(['p', 'u']).nullable(),
      z.string().nullable(),
      z.string().nullable(),
    ]),
  ),
  seen: z.array(seenRow),
});
const deliveredAnswer = z.array(z.tuple([status, z.number(), z.number(), z.boolean()]));

export interface MarksOptions {
  sql: Sql;
  lanes: Lanes;
  log: Logger;
  publish(events: ServerEvent[]): void;
}

/**
 * Moves positions in batches, like sends and in the same lanes. The database tells each message that became seen by all to
 * one call only (G7), which publishes it. What moved is told to the members, and to the person's own devices.
 */
export class Marks {
  readonly #sql: Sql;
  readonly #read: Batcher<Mark, Marked>;
  readonly #delivered: Batcher<Mark, Marked>;
  readonly #positions: Positions;

  constructor({ sql, lanes, log, publish }: MarksOptions) {
    this.#sql = sql;
    this.#positions = new Positions({ publish });
    const [untoldRead, untoldDelivered] = [new Untold(), new Untold()];
    const options = { lanes, log, chatOf: (mark: Mark) => mark.chatId, weigh: () => 200 };
    this.#read = new Batcher<Mark, Marked>({
      ...options,
      call: async (connection, marks) => {
        const [answer, isUntold] = await untoldRead.during(marks, () => markRead(connection, marks));
        const rows = answer.marks.map(([, readSeq, deliveredSeq], i) => toRow(marks[i]!, { readSeq, deliveredSeq }));
        const late = (i: number) => answer.marks[i]![0] === 'o' && isUntold(i);
        const moved = rows.filter((_, i) => answer.marks[i]![3] === 'p' || late(i));
        publish([
          ...toReadEvents(marks, answer.marks),
          ...toSeenEvents(answer.seen),
          ...toOwnEvents(rows.filter((_, i) => answer.marks[i]![3] !== null || late(i))),
        ]);
        this.#tellMoved(moved);
        return answer.marks.map(([state], i) => toMarked(state, rows[i]!));
      },
    });
    this.#delivered = new Batcher<Mark, Marked>({
      ...options,
      call: async (connection, marks) => {
        const [answer, isUntold] = await untoldDelivered.during(marks, () => markDelivered(connection, marks));
        const rows = answer.map(([, deliveredSeq, readSeq], i) => toRow(marks[i]!, { readSeq, deliveredSeq }));
        const moved = rows.filter((_, i) => answer[i]![3] || (answer[i]![0] === 'o' && isUntold(i)));
        publish(toOwnEvents(moved));
        this.#tellMoved(moved);
        return answer.map(([state], i) => toMarked(state, rows[i]!));
      },
    });
  }

  #tellMoved(rows: Row[]): void {
    const byChat = new Map<string, MemberPosition[]>();
    for (const { chatId, ...row } of rows) byChat.set(chatId, [...(byChat.get(chatId) ?? []), row]);
    for (const [chatId, moved] of byChat) this.#positions.moved(chatId, moved);
  }

  /**
   * Marks as read. Errors: `no_chat`, `session_revoked`, `overloaded`, `unavailable`. Marking again changes nothing, but
   * that the chat is not marked as unread any more.
   */
  mark(mark: Mark): Promise<Marked> {
    return this.#read.add(mark);
  }

  /** Says what has reached a device of the person. Errors as of `mark`. It is no change of the chat and has no version. */
  markDelivered(mark: Mark): Promise<Marked> {
    return this.#delivered.add(mark);
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

  /** Tells the positions that wait; nothing is marked any more. */
  [Symbol.dispose](): void {
    this.#positions[Symbol.dispose]();
  }
}

type Row = MemberPosition & { chatId: string };

/** So many lost answers are remembered; while a database is away for long, the oldest are forgotten. */
const maxUntold = 20_000;

/**
 * Marks whose call may have moved a position without its answer being heard: the same call again, or the client's next,
 * finds nothing to move, and would leave what moved untold.
 */
class Untold {
  /** By chat and person. */
  readonly #keys = new Set<string>();

  /** The answer of a call, and of which of the marks an earlier call's answer was lost. Lanes keep calls of a chat apart. */
  async during<A>(marks: Mark[], call: () => Promise<A>): Promise<[answer: A, isUntold: (i: number) => boolean]> {
    const keys = marks.map(({ chatId, userId }) => `${chatId} ${userId}`);
    const known = keys.map((key) => this.#keys.has(key));
    for (const key of keys) this.#keys.add(key);
    for (const key of this.#keys) {
      if (this.#keys.size <= maxUntold) break;
      this.#keys.delete(key);
    }
    const answer = await call();
    for (const key of keys) this.#keys.delete(key);
    return [answer, (i) => known[i]!];
  }
}

const toRow = ({ chatId, userId }: Mark, marked: Marked): Row => ({ chatId, userId, ...marked });

const toMarked = (state: z.infer<typeof status>, { readSeq, deliveredSeq }: Row): Marked | ProtocolError =>
  state === 'o' ? { readSeq, deliveredSeq } : new ProtocolError(state === 'r' ? 'session_revoked' : 'no_chat');

/** What moved a position, told to the members who are there. */
function toReadEvents(marks: Mark[], answers: z.infer<typeof readAnswer>['marks']): ServerEvent[] {
  return answers.flatMap(([, , , , messageId, readAt], i): ServerEvent[] => {
    const { chatId, userId } = marks[i]!;
    return messageId !== null && readAt !== null ? [{ kind: 'read', chatId, userId, messageId, readAt }] : [];
  });
}

const toOwnEvents = (rows: Row[]): ServerEvent[] =>
  rows.map(({ chatId, userId }) => ({ kind: 'own_changed', chatId, userId }));

async function findPlace(sql: Sql, messageId: string): Promise<{ chatId: string; seq: number } | undefined> {
  const [row] = await sql<{ chatId: string; seq: string }[]>`
    select chat_id as "chatId", seq from messages where id = ${messageId}`;
  return row && { chatId: row.chatId, seq: Number(row.seq) };
}

/** Messages of which another node says that every member has read them. */
export async function findSeen(sql: Sql, messageIds: string[]): Promise<SeenEvent[]> {
  const rows = await sql<z.infer<typeof seenRow>[]>`
    select m.id, m.seq::float8 as seq, m.sender_id, m.chat_id, m.text, instant(m.sent_at) as timestamp
      from messages m join chats c on c.id = m.chat_id
     where m.id = any(${messageIds}) and m.deleted_at is null and c.deleted_at is null and m.seq <= seen_up_to(m.sender_id, c.seen_seq, c.behind_id, c.behind_seen_seq) order by m.chat_id, m.seq`;
  return toSeenEvents(rows);
}

/** The arrays in which SQL takes a batch of marks. */
const toArguments = (sql: Sql, marks: Mark[]) => {
  const { distinct, places } = toDistinct(marks.map((mark) => mark.chatId));
  return sql`${toArray(distinct)}::uuid[], ${toArray(places)}::int[], ${toArray(marks.map((mark) => mark.sessionId))}::uuid[],
    ${toArray(marks.map((mark) => mark.userId))}::uuid[], ${toArray(marks.map((mark) => mark.seq))}::bigint[]`;
};

async function markRead(sql: Sql, marks: Mark[]): Promise<z.infer<typeof readAnswer>> {
  const [row] = await sql<{ answer: unknown }[]>`
    select mark_read(${toArguments(sql, marks)}, ${limits.message.maxSeenAnnounced}) as answer`;
  return readAnswer.parse(requireRow(row).answer);
}

async function markDelivered(sql: Sql, marks: Mark[]): Promise<z.infer<typeof deliveredAnswer>> {
  const [row] = await sql<{ answer: unknown }[]>`select mark_delivered(${toArguments(sql, marks)}) as answer`;
  return deliveredAnswer.parse(requireRow(row).answer);
}
