/** What it costs to catch up, in rows that are looked at: it does not grow with what is not asked for. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getChanged } from '../../src/server/chats/resume.ts';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { getMessagePage } from '../../src/server/messages/message-pages.ts';
import { getChanges } from '../../src/server/messages/sync.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const [userId, otherId, sessionId, hotId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
/** Two speak: were all messages one person's, the planner would take those of anybody else for next to none. */
const thirdId = randomUUID();
const actor = { sessionId, userId };
const chats = 500;
const changed = 20;
const hotMessages = 20_000;

let database: TestDatabase;
let admin: postgres.Sql;

beforeAll(async () => {
  database = await createDatabase();
  admin = postgres(database.url, { max: 1, onnotice: () => undefined });
  await admin`insert into users (id, name, username) values (${userId}, 'me', 'me'), (${otherId}, 'other', 'other'), (${thirdId}, 'third', 'third')`;
  await admin`insert into sessions (id, user_id, kind, expires_at) values (${sessionId}, ${userId}, 'device', now() + interval '1 day')`;
  await admin`insert into chats (id, type, last_seq, version, members_version)
    select gen_random_uuid(), 'group', 30, 32, 2 from generate_series(1, 5000)`;
  await admin`insert into memberships (chat_id, user_id, version, joined_version, read_seq)
    select id, ${userId}::uuid, 1, 1, 20 from (select id from chats order by id limit ${chats}) c
    union all select id, ${otherId}, 1, 1, 20 from chats`;
  await admin`insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
    select s.chat_id, i, gen_random_uuid(), (array[${otherId}, ${thirdId}]::uuid[])[1 + i % 2], gen_random_uuid(), 1, i + 2, now(), now(), 'Hello'
      from memberships s cross join generate_series(1, 30) i where s.user_id = ${userId}`;
  // A chat in which every other message was changed, in no order.
  await admin`insert into chats (id, type, last_seq, version, members_version)
    values (${hotId}, 'group', ${hotMessages}, ${hotMessages * 2}, 1)`;
  await admin`insert into memberships (chat_id, user_id, version, joined_version) values (${hotId}, ${userId}, 1, 1)`;
  await admin`insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, changed_version, sent_at, created_at, text)
    select ${hotId}, i, gen_random_uuid(), (array[${otherId}, ${thirdId}]::uuid[])[1 + i % 2], gen_random_uuid(), 1, i,
      case when i % 2 = 0 then ${hotMessages}::int + 1 + i * 7919 % ${hotMessages}::int end, now(), now(), 'Hello'
      from generate_series(1, ${hotMessages}::int) i`;
  await admin`vacuum analyze`;
});
afterAll(async () => {
  await admin.end();
  await database[Symbol.asyncDispose]();
});

/** Ends a pool of one connection, and waits until its backend has handed in its figures. */
async function endPool(sql: Sql): Promise<void> {
  const [{ pid }] = (await sql`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
  await sql.end();
  const isGone = async () => (await admin`select from pg_stat_activity where pid = ${pid}`).length === 0;
  await expect.poll(isGone).toBe(true);
}

/** Rows of a table that a call looked at, by any way. */
async function costOf(call: (sql: Sql) => Promise<unknown>): Promise<Record<string, number>> {
  const read = async () => {
    const rows = await admin<{ name: string; rows: number; scans: number }[]>`
      select relname as name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows, seq_scan::int as scans
        from pg_stat_user_tables where relname in ('chats', 'memberships', 'messages')
      union all select 'index entries of messages', sum(idx_tup_read)::int, 0 from pg_stat_user_indexes where relname = 'messages'`;
    return new Map(rows.map((row) => [row.name, row]));
  };
  // What this connection itself looked at before is not counted yet.
  await admin`select pg_stat_force_next_flush()`;
  const before = await read();
  const sql = openPool(database.url, 1);
  await call(sql);
  await endPool(sql);
  await admin`select pg_stat_clear_snapshot()`;
  const after = await read();
  return Object.fromEntries([...after].map(([name, { rows }]) => [name, rows - before.get(name)!.rows]));
}

it('a resume looks at one’s own chats, and at messages only of those that changed', async () => {
  const tokens = openPool(database.url, 1);
  const first = await getChanged(tokens, { ...actor, token: '000000000000.1' }).catch((error: unknown) =>
    String(error),
  );
  expect(first).toMatch(/another life/);
  // A token reaches back to the oldest transaction of the cluster that is open, and other tests use it too.
  await expect
    .poll(async () => {
      const open = await tokens`select from chats where tx >= pg_snapshot_xmin(pg_current_snapshot())`;
      return open.length;
    })
    .toBe(0);
  const [row] = await tokens<{ token: string }[]>`
    select left(md5(concat_ws(' ', (select system_identifier from pg_control_system()),
      left(pg_walfile_name(pg_current_wal_lsn()), 8), (select oid from pg_database where datname = current_database()),
      pg_relation_filenode('chats'))), 12) || '.' || pg_snapshot_xmin(pg_current_snapshot()) as token`;
  const { token } = row!;
  expect(JSON.parse((await getChanged(tokens, { ...actor, token })).chats)).toEqual([]);
  await endPool(tokens);
  await admin`update chats set tx = pg_current_xact_id() where id in (
    select chat_id from memberships where user_id = ${userId} and chat_id <> ${hotId} order by chat_id limit ${changed})`;
  let told = '';
  const cost = await costOf(async (sql) => (told = (await getChanged(sql, { ...actor, token })).chats));
  expect(JSON.parse(told)).toHaveLength(changed);
  expect(JSON.parse(told)).toContainEqual(expect.objectContaining({ unread_count: 10, last_seq: 30, version: 32 }));
  expect(cost['chats']).toBeLessThan(chats * 1.2);
  expect(cost['memberships']).toBeLessThan(chats * 1.2);
  expect(cost['index entries of messages']).toBeLessThan(changed * 5);
});

it.each([
  ['of new messages', { after: hotMessages / 2, afterSeq: hotMessages / 2 }],
  ['of everything', { after: 0, afterSeq: 0 }],
  ['of changes', { after: hotMessages, afterSeq: hotMessages }],
])('a page %s of a large chat looks at what is on it', async (_what, place) => {
  const limit = 100;
  let page = '';
  const cost = await costOf(
    async (sql) => (page = await getChanges(sql, { ...actor, chatId: hotId, ...place, limit })),
  );
  expect((JSON.parse(page) as { rows: unknown[] }).rows).toHaveLength(limit);
  expect(cost['messages']).toBeLessThan(limit * 4);
  expect(cost['index entries of messages']).toBeLessThan(limit * 4);
});

it.each([
  ['before the end', { by: 'before', seq: 'end' }],
  ['in the middle', { by: 'around', seq: hotMessages / 2 }],
  ['after the beginning', { by: 'after', seq: 0 }],
] as const)('a page of history %s looks at what is on it', async (_what, place) => {
  const limit = 50;
  let page = '';
  const cost = await costOf(
    async (sql) => (page = await getMessagePage(sql, { ...actor, chatId: hotId, place, limit })),
  );
  expect((JSON.parse(page) as { rows: unknown[] }).rows).toHaveLength(limit);
  expect(cost['messages']).toBeLessThan(limit * 2);
});
