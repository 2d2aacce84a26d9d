import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../scripts/support/dataset.ts';
import { examine } from '../../scripts/support/doctor/examine.ts';
import type { LoadSummary } from '../../scripts/support/load/load-file.ts';
import type { Sql } from '../../src/server/db/client.ts';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { fake, fakeFile, makeFolder, readFake } from './files.ts';
import { credentials, dump, load, loadDataset, nothing, toGroup } from './load.ts';

let prepared: PreparedDatabase;
beforeAll(async () => void (prepared = await prepareDatabase()));
afterAll(async () => {
  await prepared[Symbol.asyncDispose]();
  await credentials[Symbol.asyncDispose]();
});

const listPositions = async (sql: Sql, people: string[]): Promise<number[]> => {
  const rows = await sql<{ user_id: string; read_seq: number }[]>`select user_id, read_seq::int from memberships`;
  return people.map((person) => rows.find((row) => row.user_id === person)?.read_seq ?? -1);
};

const findSeenSeq = async (sql: Sql): Promise<number> =>
  (await sql<{ n: number }[]>`select seen_seq::int as n from chats`)[0]!.n;

const findDefects = async (url: string): Promise<string[]> => {
  const findings = await examine(url);
  return findings
    .filter((finding) => finding.defects > 0)
    .map((finding) => `${finding.name}: ${finding.subjects.join()}`);
};

describe('fake_data.json', () => {
  let database: Awaited<ReturnType<PreparedDatabase['clone']>>;
  let sql: Sql;
  let summary: LoadSummary;
  beforeAll(async () => {
    database = await prepared.clone();
    sql = database.sql;
    summary = await load(database.url, fakeFile);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it('has the four people, four chats and two messages', () => {
    expect(summary).toEqual({ added: { users: 4, chats: 4, messages: 2 }, present: nothing, removedLeftovers: 0 });
  });

  it('is direct between two people, and a group where the file has a group row, more members or the type of groups', async () => {
    const rows = await sql`
      select c.id, c.type, c.direct_key, g.name, g.creator_id from chats c left join groups g on g.chat_id = c.id order by c.id`;
    expect([...rows]).toEqual([
      { id: fake.door, type: 'direct', direct_key: `${fake.vincent}:${fake.james}`, name: null, creator_id: null },
      { id: fake.prove, type: 'group', direct_key: null, name: 'Prove.', creator_id: null },
      { id: fake.bitRoom, type: 'group', direct_key: null, name: 'West.', creator_id: fake.jason },
      { id: fake.number, type: 'group', direct_key: null, name: 'Car.', creator_id: fake.james },
    ]);
  });

  it('makes nobody a member whom chat_members does not name, and the creator or the first member the owner', async () => {
    const rows = await sql<{ chat_id: string; members: string[]; owners: string[] | null }[]>`
      select chat_id, array_agg(user_id order by user_id) as members, array_agg(user_id) filter (where role = 'owner') as owners
        from memberships group by chat_id order by chat_id`;
    expect([...rows]).toEqual([
      { chat_id: fake.door, members: [fake.vincent, fake.james], owners: null },
      { chat_id: fake.prove, members: [fake.samantha, fake.vincent, fake.james, fake.jason], owners: [fake.james] },
      { chat_id: fake.bitRoom, members: [fake.samantha, fake.jason], owners: [fake.jason] },
      { chat_id: fake.number, members: [fake.samantha, fake.vincent, fake.jason], owners: [fake.jason] },
    ]);
  });

  it('stores hashes of the passwords, and the passwords fit', async () => {
    const dataset = await readFake();
    for (const { id, password } of dataset.users) {
      const [row] = await sql<{ password_hash: string }[]>`select password_hash from users where id = ${id}`;
      expect(row?.password_hash).toMatch(/^\$2/);
      expect(await credentials.verify(password, row?.password_hash)).toBe(true);
    }
  });

  it('passes every check of the doctor', async () => {
    expect(await findDefects(database.url)).toEqual([]);
  });

  it('shows the message of Door as seen and that of Number as not, until Samantha marks it', async () => {
    const listSeen = () =>
      sql<
        { id: string; seen: boolean }[]
      >`select m.id, m.seq <= c.seen_seq as seen from messages m join chats c on c.id = m.chat_id order by m.id`;
    expect([...(await listSeen())]).toEqual([
      { id: fake.doorMessage, seen: true },
      { id: fake.numberMessage, seen: false },
    ]);
    const session = randomUUID();
    await sql`insert into sessions (id, user_id, kind, expires_at) values (${session}, ${fake.samantha}, 'socket', now() + interval '1 hour')`;
    const [marked] = await sql<{ answer: { seen: { id: string; sender_id: string }[] } }[]>`
      select mark_read(${[fake.number]}::uuid[], '{1}', ${[session]}::uuid[], ${[fake.samantha]}::uuid[], '{1}', 100) as answer`;
    expect(marked?.answer.seen).toMatchObject([{ id: fake.numberMessage, sender_id: fake.vincent }]);
    expect([...(await listSeen())].map((row) => row.seen)).toEqual([true, true]);
  });

  it('loaded again changes nothing', async () => {
    const before = await dump(sql);
    expect(await load(database.url, fakeFile)).toEqual({
      added: nothing,
      present: { users: 4, chats: 4, messages: 2 },
      removedLeftovers: 0,
    });
    expect(await dump(sql)).toEqual(before);
  });
});

describe('loading', () => {
  it('numbers messages by time, then by their place in the file, through pages of any chat', async () => {
    await using database = await prepared.clone();
    const [alice, bob] = [randomUUID(), randomUUID()];
    const messages = Array.from({ length: 12_000 }, (_, i) => ({
      sender: i % 2 === 0 ? alice : bob,
      seen: true,
      text: String(i),
      timestamp: new Date(Date.UTC(2025, 0, 1) + ((i * 7_919) % 6_000) * 1_000)
        .toISOString()
        .replace('.000Z', '.000001+03:00'),
    }));
    const [large, small] = [toGroup([alice, bob], messages), toGroup([alice, bob], messages.slice(0, 9))];
    await loadDataset(database.url, {
      ...large,
      chats: [...large.chats, ...small.chats],
      chat_members: [...large.chat_members, ...small.chat_members],
      groups: [...large.groups, ...small.groups],
      messages: large.messages.flatMap((message, i) => [message, ...small.messages.slice(i, i + 1)]),
    });
    for (const { chats, messages: inFile } of [large, small]) {
      const expected = inFile
        .map((message, i) => ({ ...message, i }))
        .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.i - b.i);
      const stored = await database.sql<{ seq: number; version: number; text: string }[]>`
        select seq::int, version::int, text from messages where chat_id = ${chats[0]!.id} order by seq`;
      expect(stored.map((row) => row.text)).toEqual(expected.map((message) => message.text));
      expect(stored.every((row, i) => row.seq === i + 1 && row.version === i + 2)).toBe(true);
    }
    const [first] = await database.sql<{ at: string }[]>`select instant(min(sent_at)) as at from messages`;
    expect(first?.at).toBe('2024-12-31T21:00:00.000001Z');
    expect(await findDefects(database.url)).toEqual([]);
  });

  it('never gives a receipt for a message that the file does not say was read', async () => {
    await using database = await prepared.clone();
    const [alice, bob, carol, dave] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const people = [alice, bob, carol, dave];
    await loadDataset(
      database.url,
      toGroup(people, [
        { sender: alice, seen: true },
        { sender: alice, readBy: [alice, bob, carol] },
        { sender: bob, readBy: [bob, carol] },
        { sender: alice, readBy: [alice, bob] },
        { sender: bob, seen: true },
      ]),
    );
    expect(await listPositions(database.sql, people)).toEqual([2, 5, 3, 1]);
    expect(await findSeenSeq(database.sql)).toBe(1);
    const steps = await database.sql<{ user_id: string; seq: number }[]>`select user_id, seq::int from message_reads`;
    expect(new Map(steps.map((step) => [step.user_id, step.seq]))).toEqual(new Map([[bob, 5], [carol, 3], [dave, 1]])); // prettier-ignore
  });

  it('counts over own messages: a chat in which only its sender speaks is read by him alone', async () => {
    await using database = await prepared.clone();
    const [alice, bob] = [randomUUID(), randomUUID()];
    await loadDataset(database.url, toGroup([alice, bob], [{ sender: alice }, { sender: alice }]));
    expect(await listPositions(database.sql, [alice, bob])).toEqual([2, 0]);
    expect(await database.sql`select from message_reads`).toHaveLength(0);
  });

  it('keeps a message of somebody who is no member', async () => {
    await using database = await prepared.clone();
    const [alice, mallory] = [randomUUID(), randomUUID()];
    const dataset = toGroup([alice, mallory], [{ sender: mallory }]);
    await loadDataset(database.url, { ...dataset, chat_members: dataset.chat_members.slice(0, 1) });
    expect(await database.sql`select from messages where sender_id = ${mallory}`).toHaveLength(1);
    expect(await database.sql`select from memberships where user_id = ${mallory}`).toHaveLength(0);
  });

  it('makes a personal chat whose pair has one already a group, in the file as in the database', async () => {
    await using database = await prepared.clone();
    const fakeData = await readFake();
    const [id, later] = [randomUUID(), randomUUID()];
    const pair = [fake.james, fake.vincent];
    const personal = (chat: string): Dataset => ({
      ...fakeData,
      chats: [...fakeData.chats, { id: chat, name: 'Again', type: 0 }],
      chat_members: [...fakeData.chat_members, ...pair.map((user_id) => ({ user_id, chat_id: chat }))],
    });
    await loadDataset(database.url, personal(id));
    await loadDataset(database.url, personal(later));
    const rows = await database.sql`
      select c.id, c.type, g.name from chats c left join groups g on g.chat_id = c.id where c.id = any (${[fake.door, id, later]}::uuid[])`;
    expect(rows).toHaveLength(3);
    expect(rows.filter((row) => row['type'] === 'direct')).toMatchObject([{ id: fake.door }]);
    expect(rows.filter((row) => row['name'] === 'Again')).toHaveLength(2);
    expect(await findDefects(database.url)).toEqual([]);
  });

  it('gives a group that the file does not name the same id every time', async () => {
    const ids = [];
    for (let i = 0; i < 2; i++) {
      await using database = await prepared.clone();
      await load(database.url, fakeFile);
      ids.push((await database.sql<{ id: string }[]>`select id from groups where chat_id = ${fake.prove}`)[0]?.id);
    }
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('leaves people, chats and messages that are there as they are', async () => {
    await using database = await prepared.clone();
    await load(database.url, fakeFile);
    await database.sql`update users set name = 'Jim', password_hash = 'changed' where id = ${fake.james}`;
    await database.sql`update groups set name = 'Renamed' where chat_id = ${fake.number}`;
    const before = await dump(database.sql);
    const newcomer = randomUUID();
    const dataset = await readFake();
    dataset.users.push({ id: newcomer, name: 'New', email: 'new@example.com', password: 'x' });
    const summary = await loadDataset(database.url, dataset);
    expect(summary.added).toEqual({ users: 1, chats: 0, messages: 0 });
    await database.sql`delete from users where id = ${newcomer}`;
    expect(await dump(database.sql)).toEqual(before);
  });

  it('shows nothing to anybody before everything is there', async () => {
    await using database = await prepared.clone();
    const [alice, bob] = [randomUUID(), randomUUID()];
    await using folder = await makeFolder();
    const file = await folder.write(
      'data.json',
      toGroup(
        [alice, bob],
        Array.from({ length: 11_000 }, () => ({ sender: alice })),
      ),
    );
    let begin = (): void => undefined;
    const looking = new Promise<void>((resolve) => (begin = resolve)).then(
      () => database.sql<{ stored: number; chats: number; users: number }[]>`
        select (select count(*)::int from messages) as stored, (select count(*)::int from chats) as chats,
          (select count(*)::int from users) as users`,
    );
    // The last step waits for the hashes, and these wait for whoever looks meanwhile.
    const hash = (): Promise<string> => looking.then(() => 'x');
    await load(database.url, file, {
      credentials: { hash },
      progress(phase) {
        if (phase === 'storing') begin();
      },
    });
    const [first] = await looking;
    expect(first).toMatchObject({ chats: 0, users: 0 });
    expect(first?.stored).toBeGreaterThan(0);
    expect((await database.sql<{ n: number }[]>`select last_seq::int as n from chats`)[0]?.n).toBe(11_000);
  });

  it('cut off in the middle leaves nothing that anybody sees, and the next load removes the rest', async () => {
    await using database = await prepared.clone();
    const [alice, bob] = [randomUUID(), randomUUID()];
    await using folder = await makeFolder();
    const file = await folder.write(
      'data.json',
      toGroup(
        [alice, bob],
        Array.from({ length: 16_000 }, () => ({ sender: alice, seen: true })),
      ),
    );
    // At a message of the second page the connection is cut.
    await database.sql.unsafe(`
      create function cut() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
      create trigger cut before insert on messages for each row when (new.seq = 7000) execute function cut()`);
    await expect(load(database.url, file)).rejects.toThrow();
    await database.sql`drop function cut cascade`;
    const [left] = await database.sql<{ messages: number; chats: number }[]>`
      select (select count(*)::int from messages) as messages, (select count(*)::int from chats) as chats`;
    expect(left?.chats).toBe(0);
    expect(left?.messages).toBeGreaterThan(0);
    const notes = (await examine(database.url)).filter((finding) => finding.defects > 0);
    expect(notes).toMatchObject([{ name: 'every message is of a chat', isNote: true }]);

    const summary = await load(database.url, fakeFile);
    expect(summary.removedLeftovers).toBe(left?.messages);
    expect(await database.sql`select from messages`).toHaveLength(2);
    expect((await load(database.url, file)).added.messages).toBe(16_000);
    expect(await findDefects(database.url)).toEqual([]);
  });

  it('refuses to run twice at once', async () => {
    await using database = await prepared.clone();
    let second: Promise<unknown> | undefined;
    // The first one goes on when the second has ended.
    const hash = async (): Promise<string> => {
      second ??= load(database.url, fakeFile).catch((error: unknown) => error);
      await second;
      return 'x';
    };
    await load(database.url, fakeFile, { credentials: { hash } });
    expect(await second).toMatchObject({ message: expect.stringContaining('Another load is running') as string });
  });
});
