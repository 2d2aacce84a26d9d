import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayNames, type Dataset } from '../../scripts/support/dataset.ts';
import { examine } from '../../scripts/support/doctor/examine.ts';
import { loadFile } from '../../scripts/support/load/load-file.ts';
import { generateDataset } from '../../scripts/support/random-dataset.ts';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { fakeFile, makeFolder, runScript } from './files.ts';

const generate = (options: { users: number; chats: number; messages: number; seed: number }): Dataset => {
  const dataset = Object.fromEntries(arrayNames.map((name) => [name, []])) as unknown as Record<string, unknown[]>;
  for (const { array, record } of generateDataset(options)) dataset[array]?.push(record);
  return dataset as unknown as Dataset;
};

describe('random data', () => {
  it('is the same for the same seed and another for another', () => {
    const sizes = { users: 5, chats: 5, messages: 50 };
    expect(generate({ ...sizes, seed: 1 })).toEqual(generate({ ...sizes, seed: 1 }));
    expect(generate({ ...sizes, seed: 1 })).not.toEqual(generate({ ...sizes, seed: 2 }));
  });

  it('has no two personal chats of one pair, also when there are more chats than pairs', () => {
    const dataset = generate({ users: 3, chats: 40, messages: 0, seed: 3 });
    const personal = dataset.chats.filter((chat) => chat.type === 0);
    const pairs = personal.map(({ id }) => dataset.chat_members.filter((m) => m.chat_id === id).map((m) => m.user_id));
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.every((pair) => new Set(pair).size === 2)).toBe(true);
    expect(new Set(pairs.map((pair) => pair.toSorted().join())).size).toBe(pairs.length);
    expect(dataset.groups).toHaveLength(40 - personal.length);
  });

  it('has senders, readers and creators that are members, and no unread message that all have read', () => {
    const dataset = generate({ users: 20, chats: 10, messages: 500, seed: 4 });
    const members = new Map(dataset.chats.map(({ id }) => [id, new Set<string>()]));
    for (const { chat_id, user_id } of dataset.chat_members) members.get(chat_id)?.add(user_id);
    for (const message of dataset.messages) {
      const of = members.get(message.chat_id);
      const readers = dataset.message_seen_status
        .filter((status) => status.message_id === message.id)
        .map((s) => s.user_id);
      expect([message.sender_id, ...readers].every((person) => of?.has(person))).toBe(true);
      if (!message.seen) expect(new Set(readers).size).toBeLessThan(of?.size ?? 0);
    }
    for (const group of dataset.groups) expect(members.get(group.chat_id)?.has(group.creator_id)).toBe(true);
    expect(new Set(dataset.users.map((user) => user.email)).size).toBe(20);
  });
});

describe('npm run create_json', () => {
  let prepared: PreparedDatabase;
  beforeAll(async () => void (prepared = await prepareDatabase()));
  afterAll(() => prepared[Symbol.asyncDispose]());

  it('writes a file that loads without a finding, and the same file for the same seed', async () => {
    await using folder = await makeFolder();
    const files = ['a.json', 'b.json'].map((name) => join(folder.path, name));
    const args = ['--users', '30', '--chats', '40', '--messages', '3000', '--seed', '7'];
    const results = await Promise.all(files.map((file) => runScript('create_json', [file, ...args])));
    expect(results.map((result) => result.exitCode)).toEqual([0, 0]);
    const [first, second] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(first).toBe(second);
    expect(first).toBe(`${JSON.stringify(JSON.parse(first ?? ''), null, 4)}\n`);
    await using database = await prepared.clone();
    const summary = await loadFile({
      url: database.url,
      credentials: { hash: () => Promise.resolve('x') },
      file: files[0] ?? '',
    });
    expect(summary.added).toEqual({ users: 30, chats: 40, messages: 3_000 });
    expect((await examine(database.url)).filter((finding) => finding.defects > 0)).toEqual([]);
    const [unread] = await database.sql<
      { chats: number }[]
    >`select count(*)::int as chats from chats where seen_seq < last_seq`;
    expect(unread?.chats).toBeGreaterThan(10);
  });

  it('does not overwrite a file unless told to', async () => {
    await using folder = await makeFolder();
    const file = join(folder.path, 'mine.json');
    await writeFile(file, 'precious');
    const refused = await runScript('create_json', [file]);
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: `${file} is there already. Name another file, or say --force to overwrite it.\n`,
    });
    expect(await readFile(file, 'utf8')).toBe('precious');
    expect((await runScript('create_json', [file, '--force', '--messages', '0'])).exitCode).toBe(0);
    expect((JSON.parse(await readFile(file, 'utf8')) as Dataset).messages).toEqual([]);
  });

  it.each([
    ['--users', '1'],
    ['--chats', '0'],
    ['--messages', 'many'],
  ])('refuses %s %s in a line', async (option, value) => {
    const { exitCode, stderr } = await runScript('create_json', ['/nowhere/x.json', option, value]);
    expect(exitCode).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('fake_data.json has the layout that it writes', async () => {
    const text = await readFile(fakeFile, 'utf8');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 4)}\n`);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(arrayNames);
  });
});
