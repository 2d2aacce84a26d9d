import type { Sql } from '../../../src/server/db/client.ts';
import { uuidV5 } from '../../../src/server/db/uuid-v5.ts';
import { payloadHash } from '../../../src/server/messages/payload.ts';
import type { ArrayName, DatasetRecord } from '../dataset.ts';

/**
 * Tables in the schema `loading` that hold a file while it is judged and numbered. They are unlogged, since a load that
 * was cut off begins anew; `pending_chats` is not: after a crash it alone tells which messages belong to nothing.
 * Passwords never stand here, only their hashes.
 */
export async function createStaging(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create schema loading;
    create unlogged table loading.users (ord int primary key, id uuid, email text, name text, password_hash text);
    create index on loading.users (id);
    create index on loading.users (lower(email));
    create unlogged table loading.chats (ord int primary key, id uuid, name text, type int, group_id uuid);
    create index on loading.chats (id);
    create unlogged table loading.chat_members (ord int primary key, chat_id uuid, user_id uuid);
    create index on loading.chat_members (chat_id, user_id);
    create unlogged table loading.groups (ord int primary key, id uuid, name text, creator_id uuid, chat_id uuid);
    create index on loading.groups (id);
    create index on loading.groups (chat_id);
    create unlogged table loading.user_group (ord int primary key, group_id uuid, user_id uuid);
    create unlogged table loading.messages (ord int primary key, id uuid, sender_id uuid, chat_id uuid,
      sent_at timestamptz, seen bool, payload_hash bigint, text text);
    create index on loading.messages (id);
    create index on loading.messages (chat_id, sent_at, ord);
    create unlogged table loading.message_seen_status (ord int primary key, message_id uuid, user_id uuid);
    create index on loading.message_seen_status (message_id, user_id);
    create unlogged table loading.unseen (chat_id uuid, seq bigint, id uuid, sender_id uuid, primary key (chat_id, seq));
    create unlogged table loading.positions (chat_id uuid, user_id uuid, read_seq bigint, primary key (chat_id, user_id));
    create table loading.pending_chats (id uuid primary key, last_seq bigint not null default 0);
  `);
}

/** Rows a statement deletes at most, so that none is long. */
const rowsPerDelete = 10_000;

/**
 * Removes what a load that did not finish has left: rows of chats that were to come, and the staging tables. Nobody can
 * have seen those rows, since their chats do not exist. Answers how many there were.
 */
export async function removeLeftovers(sql: Sql): Promise<number> {
  const [state] = await sql<{ pending: boolean }[]>`select to_regclass('loading.pending_chats') is not null as pending`;
  let removed = 0;
  for (const table of state?.pending ? ['messages', 'message_reads'] : []) {
    let count;
    do {
      ({ count } = await sql`
        delete from ${sql(table)} where ctid = any (array(
          select r.ctid from loading.pending_chats p join ${sql(table)} r on r.chat_id = p.id
           where not exists (select from chats c where c.id = p.id) limit ${rowsPerDelete}))`);
      removed += count;
    } while (count > 0);
  }
  await sql`drop schema if exists loading cascade`;
  return removed;
}

/** The id of a group that the file does not name: a UUIDv5 with its chat's as the namespace, so that every load gives the same. */
export const toGroupId = (chatId: string): string => uuidV5(chatId, 'group');

type Column = [name: string, type: string];

const columns: Record<ArrayName, Column[]> = {
  users: [['id', 'uuid'], ['email', 'text'], ['name', 'text']], // prettier-ignore
  chats: [['id', 'uuid'], ['name', 'text'], ['type', 'int'], ['group_id', 'uuid']], // prettier-ignore
  chat_members: [['chat_id', 'uuid'], ['user_id', 'uuid']], // prettier-ignore
  groups: [['id', 'uuid'], ['name', 'text'], ['creator_id', 'uuid'], ['chat_id', 'uuid']], // prettier-ignore
  user_group: [['group_id', 'uuid'], ['user_id', 'uuid']], // prettier-ignore
  messages: [
    ['id', 'uuid'],
    ['sender_id', 'uuid'],
    ['chat_id', 'uuid'],
    ['sent_at', 'timestamptz'],
    ['seen', 'bool'],
    ['payload_hash', 'bigint'],
    ['text', 'text'],
  ],
  message_seen_status: [['message_id', 'uuid'], ['user_id', 'uuid']], // prettier-ignore
};

const toRow: { [A in ArrayName]: (record: DatasetRecord<A>) => (string | number)[] } = {
  users: (user) => [user.id, user.email, user.name],
  chats: (chat) => [chat.id, chat.name, chat.type, toGroupId(chat.id)],
  chat_members: (member) => [member.chat_id, member.user_id],
  groups: (group) => [group.id, group.name, group.creator_id, group.chat_id],
  user_group: (member) => [member.group_id, member.user_id],
  messages: (m) => [m.id, m.sender_id, m.chat_id, m.timestamp, String(m.seen), String(payloadHash(m.text)), m.text],
  message_seen_status: (status) => [status.message_id, status.user_id],
};

/** Writes records of one array, the first of which has the place `from` in the file. */
export async function stage<A extends ArrayName>(
  sql: Sql,
  array: A,
  from: number,
  records: DatasetRecord<A>[],
): Promise<void> {
  const rows = records.map((record) => toRow[array](record));
  const names = columns[array].map(([name]) => name);
  // One array a column: no bound on rows as parameters have, and an error keeps its reason, which postgres.js loses when
  // a COPY fails at its end. As text: its own way with times cuts the microseconds.
  await sql.unsafe(
    `insert into loading.${array} (ord, ${names.join(', ')})
     select ord, ${columns[array].map(([name, type]) => `${name}::${type}`).join(', ')}
       from unnest($1::int[], ${names.map((_, i) => `$${i + 2}::text[]`).join(', ')}) as r (ord, ${names.join(', ')})`,
    [rows.map((_, i) => from + i), ...names.map((_, i) => rows.map((row) => String(row[i])))],
    { prepare: true },
  );
}
