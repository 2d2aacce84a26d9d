import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from '../../../src/server/db/schema.ts';
import { uuidV7 } from '../../../src/server/db/uuid-v7.ts';

/**
 * How a server with Drizzle usually does it, done well: a pool of ten, every statement prepared (a name is what makes
 * Drizzle on postgres.js prepare one), the same tables, indexes and checks.
 */
export interface Reference extends AsyncDisposable {
  db: PostgresJsDatabase<typeof schema>;
}

export function openReference(url: string): Reference {
  const client = postgres(url, { max: 10, onnotice: () => undefined, connection: { timezone: 'UTC' } });
  return {
    db: drizzle(client, { schema }),
    [Symbol.asyncDispose]: () => client.end({ timeout: 5 }),
  };
}

const { chats, memberships, messages } = schema;

export interface ReferenceMessage {
  chatId: string;
  senderId: string;
  clientId: string;
  text: string;
}

const bump = { lastSeq: sql`${chats.lastSeq} + 1`, version: sql`${chats.version} + 1` };

/** A transaction per message: check the membership, count up, insert. */
export function storeMessage(db: Reference['db'], message: ReferenceMessage): Promise<{ id: string; seq: number }> {
  const { chatId, senderId, clientId, text } = message;
  return db.transaction(async (tx) => {
    const [member] = await tx
      .select({ chatId: memberships.chatId })
      .from(memberships)
      .where(and(eq(memberships.chatId, chatId), eq(memberships.userId, senderId), isNull(memberships.leftSeq)))
      .prepare('member')
      .execute();
    if (!member) throw new Error('not a member');
    const [chat] = await tx
      .update(chats)
      .set(bump)
      .where(eq(chats.id, chatId))
      .returning({ seq: chats.lastSeq, version: chats.version })
      .prepare('count_up')
      .execute();
    const id = uuidV7();
    const { seq, version } = chat!;
    const now = sql`now()`;
    const row = { chatId, seq, id, senderId, clientId, payloadHash: 0n, version, sentAt: now, createdAt: now, text };
    await tx.insert(messages).values(row).prepare('insert').execute();
    return { id, seq };
  });
}

/** A page of history before a seq, for a member. */
export function createHistory(db: Reference['db']) {
  const member = db
    .select({ chatId: memberships.chatId })
    .from(memberships)
    .where(and(eq(memberships.chatId, sql.placeholder('chatId')), eq(memberships.userId, sql.placeholder('userId'))))
    .prepare('history_member');
  const page = db
    .select({
      sender_id: messages.senderId,
      chat_id: messages.chatId,
      text: messages.text,
      timestamp: messages.sentAt,
      id: messages.id,
      seq: messages.seq,
      seen: lte(messages.seq, chats.seenSeq),
    })
    .from(messages)
    .innerJoin(chats, eq(chats.id, messages.chatId))
    .where(
      and(
        eq(messages.chatId, sql.placeholder('chatId')),
        gt(messages.seq, sql.placeholder('after')),
        lte(messages.seq, sql.placeholder('upTo')),
      ),
    )
    .orderBy(messages.seq)
    .limit(50)
    .prepare('history_page');
  return async (of: { chatId: string; userId: string; before: number }) => {
    const [found] = await member.execute({ chatId: of.chatId, userId: of.userId });
    if (!found) return undefined;
    return page.execute({ chatId: of.chatId, after: of.before - 51, upTo: of.before - 1 });
  };
}
