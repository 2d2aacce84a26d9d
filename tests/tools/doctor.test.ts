import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatChecks, userChecks } from '../../scripts/support/doctor/checks.ts';
import { listConstraints } from '../../scripts/support/doctor/constraints.ts';
import { examine } from '../../scripts/support/doctor/examine.ts';
import { loadFile } from '../../scripts/support/load/load-file.ts';
import type { Sql } from '../../src/server/db/client.ts';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { fake, fakeFile, runScript } from './files.ts';

const nobody = '00000000-0000-4000-8000-000000000001';

/** The world of fake_data.json, in which Vincent goes on to send ten messages to Number that nobody reads. */
const prepare = async (sql: Sql, url: string): Promise<void> => {
  await loadFile({ url, credentials: { hash: () => Promise.resolve('x') }, file: fakeFile });
  const session = randomUUID();
  await sql`insert into sessions (id, user_id, kind, expires_at) values (${session}, ${fake.vincent}, 'device', now() + interval '1 day')`;
  for (let i = 0; i < 10; i++)
    await sql`select send_messages(array[${fake.number}]::uuid[], '{1}', array[${session}]::uuid[], array[${fake.vincent}]::uuid[],
      array[gen_random_uuid()], array[gen_random_uuid()], array[${i}]::bigint[], array['hello'], array[null]::timestamptz[], '{null}', '1 minute')`;
};

let prepared: PreparedDatabase;
beforeAll(async () => void (prepared = await prepareDatabase(prepare)));
afterAll(() => prepared[Symbol.asyncDispose]());

const number = fake.number;
const cases: [check: string, plant: string, subject: string][] = [
  [
    'every key and constraint of the schema is there and in force',
    'drop index messages_client_id_key',
    'messages_client_id_key',
  ],
  [
    'every key and constraint of the schema is there and in force',
    'alter table memberships drop constraint memberships_user_id_users_id_fk',
    'memberships_user_id_users_id_fk',
  ],
  [
    'messages of a chat are numbered 1, 2, 3 … without holes',
    `delete from messages where chat_id = '${number}' and seq = 4`,
    `chat ${number}: message 5 comes after 3`,
  ],
  [
    'messages of a chat are numbered 1, 2, 3 … without holes',
    `delete from messages where chat_id = '${number}' and seq = 1`,
    `chat ${number}: message 2 comes after 0`,
  ],
  [
    "a chat's last_seq is the number of its last message",
    `update chats set last_seq = 12, version = 20 where id = '${number}'`,
    `chat ${number}: last_seq 12, last message 11`,
  ],
  [
    'nobody has two messages under one client_id in a chat',
    `drop index messages_client_id_key; update messages set client_id = '${nobody}' where chat_id = '${number}' and seq in (5, 6)`,
    `chat ${number}: 2 messages of ${fake.vincent} under client_id ${nobody}`,
  ],
  [
    'versions of messages rise with their numbers and stay within the version of the chat',
    `update messages set version = 4 where chat_id = '${number}' and seq = 5`,
    `chat ${number}: message 5 has version 4 after 5`,
  ],
  [
    'versions of messages rise with their numbers and stay within the version of the chat',
    `update messages set version = 90 where chat_id = '${number}' and seq = 11`,
    `chat ${number}: message 11 has version 90`,
  ],
  [
    'versions of messages rise with their numbers and stay within the version of the chat',
    `update messages set changed_version = 90 where chat_id = '${number}' and seq = 3`,
    'changed in 90',
  ],
  [
    'every message is of a chat',
    `update messages set chat_id = '${nobody}' where chat_id = '${number}'`,
    `chat ${nobody} is missing, 11 messages of it are there`,
  ],
  [
    'reactions are of messages that are there',
    `insert into reactions values ('${number}', 99, '👍', '${fake.vincent}', now())`,
    `chat ${number}: message 99`,
  ],
  [
    'mentions are of messages that are there',
    `insert into mentions values ('${number}', '${fake.vincent}', 99)`,
    `chat ${number}: message 99`,
  ],
  [
    'message_edits are of messages that are there',
    `insert into message_edits values ('${number}', 99, 1, 'was', null, now())`,
    `chat ${number}: message 99`,
  ],
  [
    'each change of a chat has a version of its own',
    `update messages set changed_version = 9 where chat_id = '${number}' and seq in (3, 4)`,
    `chat ${number}: version 9 stands for 3 changes`,
  ],
  [
    'a deleted message has no text, no pin, and answers and mentions nothing',
    `update messages set deleted_at = now(), changed_version = 12 where chat_id = '${number}' and seq = 5`,
    `chat ${number}: message 5`,
  ],
  [
    'a message that was edited, pinned or reacted to has the version of that change',
    `update messages set pinned_at = now() where chat_id = '${number}' and seq = 5`,
    `chat ${number}: message 5`,
  ],
  [
    'earlier texts are those of edited messages, numbered 1, 2, 3 …',
    `insert into message_edits values ('${number}', 5, 2, 'was', null, now())`,
    `chat ${number}, message 5: 1 texts up to number 2`,
  ],
  [
    'a message answers an earlier one',
    `update messages set reply_seq = 5 where chat_id = '${number}' and seq = 5`,
    `chat ${number}: message 5 answers 5`,
  ],
  [
    'whoever is mentioned is or was a member, and not the sender',
    `insert into mentions values ('${number}', '${nobody}', 5)`,
    `chat ${number}, message 5: ${nobody}`,
  ],
  [
    'drafts are of members',
    `insert into drafts values ('${number}', '${nobody}', 'later', null, now())`,
    `chat ${number}, member ${nobody}`,
  ],
  [
    'no position lies beyond the end of its chat',
    `update memberships set read_seq = 12 where chat_id = '${number}' and user_id = '${fake.jason}'`,
    `chat ${number}, member ${fake.jason}: joined 0, left never, delivered 1, read 12 of 11`,
  ],
  [
    'no position lies beyond the end of its chat',
    `update memberships set left_seq = 99 where chat_id = '${number}' and user_id = '${fake.jason}'`,
    'left 99',
  ],
  [
    'what counts as seen by all was read by every member',
    `update chats set seen_seq = 1 where id = '${number}'`,
    `chat ${number}: seen up to 1, member ${fake.samantha} has read up to 0`,
  ],
  [
    'steps of reading go forward in time and end at the position',
    `update memberships set read_seq = 3 where chat_id = '${number}' and user_id = '${fake.jason}';
     insert into message_reads values ('${number}', '${fake.jason}', 3, now() - interval '5 years')`,
    `chat ${number}, member ${fake.jason}: step at 3`,
  ],
  [
    'steps of reading go forward in time and end at the position',
    `insert into message_reads values ('${number}', '${fake.samantha}', 1, now())`,
    `chat ${number}, member ${fake.samantha}: step at 1 of position 0`,
  ],
  [
    'every step of reading is of a chat',
    `update message_reads set chat_id = '${nobody}' where chat_id = '${number}'`,
    `chat ${nobody} is missing, 1 steps of it are there`,
  ],
  [
    'every membership has its person and its chat',
    `alter table memberships drop constraint memberships_user_id_users_id_fk;
     update memberships set user_id = '${nobody}' where chat_id = '${number}' and user_id = '${fake.samantha}'`,
    `chat ${number}, member ${nobody}`,
  ],
  [
    'every membership has its person and its chat',
    `alter table memberships drop constraint memberships_chat_id_chats_id_fk;
     update memberships set chat_id = '${nobody}' where chat_id = '${number}' and user_id = '${fake.samantha}'`,
    `chat ${nobody}, member ${fake.samantha}`,
  ],
  [
    "members' versions stay within the members_version of the chat",
    `update memberships set version = 5 where chat_id = '${number}' and user_id = '${fake.samantha}'`,
    `chat ${number}, member ${fake.samantha}: version 5, members_version 1`,
  ],
  [
    'a direct chat has two members and the key of just these',
    `insert into memberships (chat_id, user_id, version) values ('${fake.door}', '${fake.jason}', 1)`,
    `chat ${fake.door}: 3 members`,
  ],
  [
    'a direct chat has two members and the key of just these',
    `delete from memberships where chat_id = '${fake.door}'`,
    `chat ${fake.door}: 0 members`,
  ],
  [
    'a direct chat has two members and the key of just these',
    `update chats set direct_key = '${fake.james}:${fake.vincent}' where id = '${fake.door}'`,
    `chat ${fake.door}: 2 members`,
  ],
  [
    'a group chat has its group row, a direct chat none',
    `delete from groups where chat_id = '${number}'`,
    `chat ${number}: group`,
  ],
  [
    'a group chat has its group row, a direct chat none',
    `insert into groups (id, chat_id, name, version) values ('${nobody}', '${fake.door}', 'x', 1)`,
    `chat ${fake.door}: direct`,
  ],
  [
    'a deleted chat was a group and has no member',
    `update chats set deleted_at = now() where id = '${number}'`,
    `chat ${number}: group with 3 members`,
  ],
  [
    'nobody joined a chat later than their membership changed',
    `update memberships set joined_version = 2 where chat_id = '${number}' and user_id = '${fake.samantha}'`,
    `chat ${number}, member ${fake.samantha}: version 1, joined 2`,
  ],
  [
    'a group with members has an owner among them',
    `update memberships set role = 'admin' where chat_id = '${number}'`,
    `chat ${number}`,
  ],
  [
    "groups' versions stay within the version of the chat",
    `update groups set version = 100 where chat_id = '${number}'`,
    `chat ${number}: group at 100, chat at 12`,
  ],
  [
    'a deactivated person has no session that still works',
    `update users set deactivated_at = now() where id = '${fake.vincent}'`,
    `user ${fake.vincent}: 1 sessions`,
  ],
  [
    'nobody has two accounts under one address, number or name',
    `drop index users_email_key; update users set email = upper(email) || '' where id = '${fake.james}';
     update users set email = (select lower(email) from users where id = '${fake.james}') where id = '${fake.jason}'`,
    fake.james,
  ],
];

const notes: [check: string, plant: string, subject: string][] = [
  [
    'every sender is or was a member (files may hold others)',
    `delete from memberships where chat_id = '${number}' and user_id = '${fake.vincent}'`,
    `chat ${number}: ${fake.vincent} sent 11 messages`,
  ],
  [
    'no session is left whose time was over a month ago',
    `update sessions set expires_at = now() - interval '33 days'`,
    `user ${fake.vincent}: 1 sessions`,
  ],
];

describe('the doctor', () => {
  it('finds nothing in a healthy database, and says how much it looked at', async () => {
    await using database = await prepared.clone();
    const findings = await examine(database.url);
    expect(findings.filter((finding) => finding.defects > 0)).toEqual([]);
    expect(findings.filter((finding) => finding.of === 'messages').every((finding) => finding.looked === 12)).toBe(
      true,
    );
    expect(findings.find((finding) => finding.of === 'constraints')?.looked).toBeGreaterThan(20);
  });

  it.each([...cases, ...notes])('sees that not %s', async (check, plant, subject) => {
    await using database = await prepared.clone();
    await database.sql.unsafe(plant);
    const findings = await examine(database.url);
    const finding = findings.find(({ name }) => name === check);
    expect(finding?.subjects.join('\n')).toContain(subject);
    expect(finding?.isNote).toBe(notes.some(([name]) => name === check));
  });

  it('has a planted defect for every check', () => {
    const planted = new Set([...cases, ...notes].map(([check]) => check));
    for (const { name } of [...chatChecks, ...userChecks]) expect(planted).toContain(name);
  });

  it('knows every unique index, key and constraint that the database has', async () => {
    await using database = await prepared.clone();
    const rows = await database.sql<{ name: string }[]>`
      select conname as name from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
      union select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indisunique and c.relnamespace = 'public'::regnamespace`;
    expect(listConstraints().toSorted()).toEqual(rows.map((row) => row.name).toSorted());
  });

  it('sees chats beyond the first slice, and counts each row once', async () => {
    await using database = await prepared.clone();
    await database.sql`
      insert into chats (id, type, last_seq, version) select gen_random_uuid(), 'group', 20000, 20000 from generate_series(1, 6)`;
    const findings = await examine(database.url);
    expect(findings.find(({ name }) => name.startsWith("a chat's last_seq"))).toMatchObject({ looked: 10, defects: 6 });
    expect(findings.find(({ name }) => name === 'every message is of a chat')?.looked).toBe(12);
  });

  it('as a command exits 0 on a healthy database and 1 on a finding, and changes nothing', async () => {
    await using database = await prepared.clone();
    const healthy = await runScript('doctor', [], { DATABASE_URL: database.url });
    expect(healthy.stdout).toContain('checks are fine');
    expect(healthy.exitCode).toBe(0);
    await database.sql`update chats set last_seq = 12, version = 20 where id = ${number}`;
    const sick = await runScript('doctor', [], { DATABASE_URL: database.url });
    expect(sick.stdout).toContain(`FOUND 1   a chat's last_seq is the number of its last message (4 chats looked at)`);
    expect(sick.stdout).toContain(`chat ${number}: last_seq 12, last message 11`);
    expect(sick.exitCode).toBe(1);
    const [chat] = await database.sql<{ n: number }[]>`select last_seq::int as n from chats where id = ${number}`;
    expect(chat?.n).toBe(12);
  });

  it(
    'as a command leaves a wrong place and a database of an older release as they are',
    { timeout: 60_000 },
    async () => {
      const folder = join(tmpdir(), `doctor-${randomUUID()}`);
      const nowhere = await runScript('doctor', [], { DATA_DIR: folder, DATABASE_URL: '' });
      expect(nowhere).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(folder) as string });
      expect(existsSync(folder)).toBe(false);

      await using database = await prepared.clone();
      await database.sql`delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)`;
      const older = await runScript('doctor', [], { DATABASE_URL: database.url });
      expect(older.stderr).toMatch(/of an older release: it has \d+ of \d+ migrations/);
      await database.sql`revoke all on schema drizzle from current_user`;
      const [user] = await database.sql<{ rolsuper: boolean }[]>`
        select rolsuper from pg_roles where rolname = current_user`;
      // From a superuser nothing can be revoked: it asks as somebody who never had it.
      const place = new URL(database.url);
      if (user!.rolsuper) place.searchParams.set('role', 'pg_monitor');
      const locked = await runScript('doctor', [], { DATABASE_URL: place.href });
      expect(locked.stderr).toContain('owner to');
      await database.sql`drop schema drizzle cascade`;
      const foreign = await runScript('doctor', [], { DATABASE_URL: database.url });
      expect(foreign.stderr).toContain('holds nothing of a messenger');
      expect([older, locked, foreign].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
    },
  );
});
