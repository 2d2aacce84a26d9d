import { createSecretKey } from 'node:crypto';
import type postgres from 'postgres';
import { createAccessTokens } from '../../../src/server/accounts/access-tokens.ts';
import { openClient } from '../../support/open-client.ts';

/** The key that signs the bench's tokens; its servers get it as JWT_SECRET. */
export const secret = 'a key for measurements, long enough for anybody';

const prefixes = { user: 'a0000000', session: 'b0000000', chat: 'c0000000', group: 'd0000000' };

/** The n-th id of a kind: the same here and in the database. */
export const idOf = (kind: keyof typeof prefixes, n: number): string =>
  `${prefixes[kind]}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export const idSql = (kind: keyof typeof prefixes, n: string): string =>
  `('${prefixes[kind]}-0000-4000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

export interface World {
  people: number;
  chats: number;
  /** Who is in chat n: `members` people from person n * `step` on, round and round. */
  members: number;
  step: number;
}

/** A connection for making a world: it need not wait for the disk. */
export const openMaker = (url: string): postgres.Sql =>
  openClient(url, {
    statement_timeout: 0,
    synchronous_commit: 'off',
    work_mem: '256MB',
    maintenance_work_mem: '256MB',
  });

/** People, each with one session, and groups of them; without messages. */
export async function createWorld(url: string, world: World): Promise<void> {
  const { people, chats, members, step } = world;
  const sql = openMaker(url);
  await sql.unsafe(`
    insert into users (id, name, email)
      select ${idSql('user', 'n')}, 'Person ' || n, 'person' || n || '@example.com' from generate_series(0, ${people - 1}) n;
    insert into sessions (id, user_id, kind, expires_at)
      select ${idSql('session', 'n')}, ${idSql('user', 'n')}, 'device', now() + interval '1 day' from generate_series(0, ${people - 1}) n;
    insert into chats (id, type, version, members_version)
      select ${idSql('chat', 'n')}, 'group', 1, 1 from generate_series(0, ${chats - 1}) n;
    insert into groups (id, chat_id, name, version)
      select ${idSql('group', 'n')}, ${idSql('chat', 'n')}, 'Group ' || n, 1 from generate_series(0, ${chats - 1}) n;
    insert into memberships (chat_id, user_id, version, joined_version)
      select ${idSql('chat', 'c')}, ${idSql('user', `(c * ${step} + n) % ${people}`)}, 1, 1
        from generate_series(0, ${chats - 1}) c, generate_series(0, ${members - 1}) n`);
  await vacuum(sql);
  await sql.end({ timeout: 5 });
}

/**
 * Gives the chats of a range so many messages each, of all their members but the first by turns, as if they had been sent. Indexes are
 * built after the rows: a tenth of the time.
 */
export async function fillChats(
  url: string,
  world: World,
  fill: { from: number; to: number; messages: number },
): Promise<void> {
  const sql = openMaker(url);
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.relname as name, pg_get_indexdef(x.indexrelid) as definition from pg_index x join pg_class i on i.oid = x.indexrelid
     where x.indrelid = 'messages'::regclass and not x.indisprimary`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  const chats = `generate_series(${fill.from}, ${fill.to - 1}) c`;
  await sql.unsafe(`
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
      select ${idSql('chat', 'c')}, n, gen_random_uuid(),
        ${idSql('user', `(c * ${world.step} + 1 + n % ${world.members - 1}) % ${world.people}`)}, gen_random_uuid(), n, n + 1,
        '2025-01-01Z'::timestamptz + n * interval '1 s', '2025-01-01Z'::timestamptz + n * interval '1 s',
        'Message ' || n || ' of a chat that has been talking for a long time by now'
      from ${chats}, generate_series(1, ${fill.messages}) n;
    update chats set last_seq = ${fill.messages}, version = ${fill.messages + 1}
     where id in (select ${idSql('chat', 'c')} from ${chats})`);
  for (const { definition } of indexes) await sql.unsafe(definition);
  await vacuum(sql);
  await sql.end({ timeout: 5 });
}

/** Moves everybody's positions to the end of all chats. */
export async function readAll(url: string): Promise<void> {
  const sql = openMaker(url);
  await sql.unsafe(`
    update memberships s set delivered_seq = c.last_seq, read_seq = c.last_seq from chats c where c.id = s.chat_id;
    update chats set seen_seq = last_seq`);
  // Each row was written twice: that is more pages than they fill.
  await sql.unsafe('vacuum full memberships, chats');
  await vacuum(sql);
  await sql.end({ timeout: 5 });
}

/** Gives so many of a world's chats some messages of one member that nobody who holds an earlier token knows. */
export async function touchChats(url: string, count: number): Promise<void> {
  const sql = openMaker(url);
  const messages = 10;
  const touched = `select ${idSql('chat', 'n')} from generate_series(0, ${count - 1}) n`;
  await sql.unsafe(`
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
      select c.id, c.last_seq + n, gen_random_uuid(),
        (select user_id from memberships where chat_id = c.id order by user_id desc limit 1), gen_random_uuid(), n,
        c.version + n, now(), now(), 'Message ' || n || ' while somebody was away'
      from chats c, generate_series(1, ${messages}) n where c.id in (${touched});
    update chats set last_seq = last_seq + ${messages}, version = version + ${messages}, tx = pg_current_xact_id()
      where id in (${touched})`);
  await sql.end({ timeout: 5 });
}

/** Does what would else run in the background in the middle of a measurement. */
export async function vacuum(sql: postgres.Sql): Promise<void> {
  await sql.unsafe('vacuum analyze');
  await sql.unsafe('checkpoint').catch(() => undefined);
}

/** An access token of a person for an hour. */
export function createTokenOf(): (person: number) => string {
  const tokens = createAccessTokens({
    signingKey: createSecretKey(Buffer.from(secret)),
    ttlSeconds: 3_600,
    clock: Date.now,
  });
  return (person) => tokens.sign(idOf('user', person), idOf('session', person));
}
