import { randomUUID } from 'node:crypto';
import { toArray, toTextArray } from '../../../src/server/db/arrays.ts';
import { openWriter, type Sql } from '../../../src/server/db/client.ts';
import { uuidV7 } from '../../../src/server/db/uuid-v7.ts';
import { idOf } from '../support/world.ts';

/** A table of the shape and with the indexes of `messages`, for rows that nobody checks. */
export async function createPlainTable(url: string): Promise<void> {
  const sql = openWriter(url);
  await sql.unsafe('create table plain_messages (like messages including all)');
  await sql.end({ timeout: 5 });
}

/** Rows that go into the plain table; the numbers are the caller's, so nothing has to be looked up. */
export interface PlainInsert extends AsyncDisposable {
  /** `rows` rows into chats by turns, each with its chat's next number, in one statement. */
  insert(rows: number): Promise<void>;
}

/** A connection to the plain table. `line` keeps the numbers of several connections apart. */
export function openPlainInsert(
  url: string,
  { line, chats, people }: { line: number; chats: number; people: number },
): PlainInsert {
  const sql = openWriter(url);
  let last = 0;
  return {
    async insert(rows) {
      const numbers = Array.from({ length: rows }, () => last++);
      await insertRows(
        sql,
        numbers.map((n) => ({
          chatId: idOf('chat', n % chats),
          seq: Math.floor(n / chats) * 16 + line + 1,
          senderId: idOf('user', n % people),
        })),
      );
    },
    [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }),
  };
}

const text = 'How are you? It has been a while since we last talked.';

async function insertRows(sql: Sql, rows: { chatId: string; seq: number; senderId: string }[]): Promise<void> {
  await sql`insert into plain_messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
    select chat_id, seq, id, sender_id, client_id, 0, seq, now(), now(), body from unnest(
      ${toArray(rows.map((row) => row.chatId))}::uuid[], ${toArray(rows.map((row) => row.seq))}::bigint[],
      ${toArray(rows.map(() => uuidV7()))}::uuid[], ${toArray(rows.map((row) => row.senderId))}::uuid[],
      ${toArray(rows.map(() => randomUUID()))}::uuid[], ${toTextArray(rows.map(() => text))}::text[]
    ) as t (chat_id, seq, id, sender_id, client_id, body)`;
}

/** One row without any array: what a single insert of the same driver takes. */
export async function insertOne(sql: Sql, seq: number): Promise<void> {
  await sql`insert into plain_messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
    values (${idOf('chat', 0)}, ${seq}, ${uuidV7()}, ${idOf('user', 0)}, ${randomUUID()}, 0, ${seq}, now(), now(), ${text})`;
}
