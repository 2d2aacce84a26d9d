import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatasetError, type Dataset } from '../../scripts/support/dataset.ts';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { fake, fakeFile, readFake } from './files.ts';
import { credentials, dump, empty, load, loadDataset, nothing, toGroup } from './load.ts';

let prepared: PreparedDatabase;
beforeAll(async () => void (prepared = await prepareDatabase()));
afterAll(async () => {
  await prepared[Symbol.asyncDispose]();
  await credentials[Symbol.asyncDispose]();
});

describe('a file that is wrong', () => {
  const stranger = '00000000-0000-4000-8000-000000000001';
  const cases: [what: string, change: (dataset: Dataset) => unknown, message: string][] = [
    ['a time without an offset', (d) => (d.messages[1]!.timestamp = '2025-05-02 11:38:24'), 'messages[1].timestamp: Input should be a time with an offset'],
    ['a day that no month has', (d) => (d.messages[0]!.timestamp = '2025-02-29 11:38:24+00:00'), 'messages[0].timestamp: '],
    ['a missing field', (d) => Reflect.deleteProperty(d.users[2]!, 'email'), 'users[2].email: Field required'],
    ['two wrong fields', (d) => Object.assign(d.chats[1]!, { id: 'x', type: 7 }), 'chats[1].id: Input should be a valid UUID\nchats[1].type: '],
    ['a NUL in a text', (d) => (d.messages[0]!.text = 'a\0b'), 'messages[0].text: '],
    ['half a surrogate pair', (d) => (d.messages[0]!.text = '\ud83d'), 'messages[0].text: Text must be well-formed Unicode'],
    ['a text that is too long', (d) => (d.messages[0]!.text = 'ж'.repeat(8_001)), 'messages[0].text: Text must have at most'],
    ['a password of more than 72 bytes', (d) => (d.users[0]!.password = 'x'.repeat(73)), 'users[0].password: '],
    ['an id that is there twice', (d) => (d.users[3]!.id = d.users[1]!.id), 'users[3].id: an earlier record of the file has the same'],
    ['an address that is there twice', (d) => (d.users[3]!.email = 'GeorgeLee@example.net'), 'users[3].email: an earlier record'],
    ['a member of no chat', (d) => (d.chat_members[4]!.chat_id = stranger), `chat_members[4].chat_id: there is no such record in chats (${stranger})`],
    ['a member who is nobody', (d) => (d.chat_members[4]!.user_id = stranger), 'chat_members[4].user_id: there is no such record in users'],
    ['a member twice', (d) => d.chat_members.push(d.chat_members[0]!), 'chat_members[11].user_id: an earlier record'],
    ['a creator who is nobody', (d) => (d.groups[1]!.creator_id = stranger), 'groups[1].creator_id: there is no such record in users'],
    ['two groups of one chat', (d) => (d.groups[1]!.chat_id = d.groups[0]!.chat_id), 'groups[1].chat_id: an earlier record'],
    ['a group member of no group', (d) => (d.user_group[6]!.group_id = stranger), 'user_group[6].group_id: there is no such record in groups'],
    ['a sender who is nobody', (d) => (d.messages[1]!.sender_id = stranger), 'messages[1].sender_id: there is no such record in users'],
    ['a message of no chat', (d) => (d.messages[1]!.chat_id = stranger), 'messages[1].chat_id: there is no such record in chats'],
    ['a message twice', (d) => d.messages.push(d.messages[1]!), 'messages[2].id: an earlier record'],
    ['a reader of no message', (d) => (d.message_seen_status[3]!.message_id = stranger), 'message_seen_status[3].message_id: there is no such record in messages'],
    ['a reader who is nobody', (d) => (d.message_seen_status[3]!.user_id = stranger), 'message_seen_status[3].user_id: there is no such record in users'],
  ]; // prettier-ignore

  let database: Awaited<ReturnType<PreparedDatabase['clone']>>;
  beforeAll(async () => void (database = await prepared.clone()));
  afterAll(() => database[Symbol.asyncDispose]());

  it.each(cases)('%s is named with record and field, and nothing is loaded', async (_what, change, message) => {
    const dataset = await readFake();
    change(dataset);
    const error = await loadDataset(database.url, dataset).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain(message);
    expect(
      await database.sql`select from users union all select from chats union all select from messages`,
    ).toHaveLength(0);
    expect(await database.sql`select from pg_namespace where nspname = 'loading'`).toHaveLength(0);
  });

  it('names every kind of mistake at once, and never shows a password', async () => {
    const dataset = await readFake();
    dataset.messages[0]!.sender_id = stranger;
    dataset.chat_members[0]!.chat_id = stranger;
    await expect(loadDataset(database.url, dataset)).rejects.toThrow(/chat_members\[0\].*\n.*messages\[0\]/);
    dataset.users[0]!.password = 'secret'.repeat(20);
    const error = await loadDataset(database.url, dataset).catch((thrown: unknown) => thrown);
    expect((error as Error).message).not.toContain('secret');
  });

  it('an address of somebody else in the database is named', async () => {
    await using other = await prepared.clone();
    await other.sql`insert into users (id, name, email) values (${stranger}, 'Sam', 'EWatts@example.net')`;
    await expect(load(other.url, fakeFile)).rejects.toThrow('users[3].email: this address belongs to somebody else');
  });

  it('a new message for a chat that is there is refused, naming the chat', async () => {
    await using other = await prepared.clone();
    await load(other.url, fakeFile);
    const before = await dump(other.sql);
    const dataset = await readFake();
    dataset.messages.push({ ...dataset.messages[0]!, id: stranger });
    const error = await loadDataset(other.url, dataset).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toBe(
      `messages[2].chat_id: the database has this chat already, without this message; an existing chat is not added to (${fake.door})`,
    );
    expect(await dump(other.sql)).toEqual(before);
  });

  it('a message that the database has in another chat is refused', async () => {
    await using other = await prepared.clone();
    await load(other.url, fakeFile);
    const dataset = toGroup([randomUUID(), randomUUID()], []);
    const { users, chats } = dataset;
    const message = (await readFake()).messages[0]!;
    const moved = { ...message, sender_id: users[0]!.id, chat_id: chats[0]!.id };
    await expect(loadDataset(other.url, { ...dataset, messages: [moved] })).rejects.toThrow(
      'messages[0].id: the database has this message in another chat',
    );
  });

  it('a file without any record loads nothing', async () => {
    expect((await loadDataset(database.url, empty)).added).toEqual(nothing);
  });

  it('a file that is not there is said to be missing', async () => {
    await expect(load(database.url, '/nowhere/data.json')).rejects.toThrow('ENOENT');
    expect(await database.sql`select from pg_namespace where nspname = 'loading'`).toHaveLength(0);
  });
});
