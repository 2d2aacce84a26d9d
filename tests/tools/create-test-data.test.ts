import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { dump } from './load.ts';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { runScript } from './files.ts';

let prepared: PreparedDatabase;
beforeAll(async () => void (prepared = await prepareDatabase()));
afterAll(() => prepared[Symbol.asyncDispose]());

const logIn = async ({ url }: TestServer, name: string): Promise<string> => {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${name}@example.com`, password: 'password123' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
};

describe('003.15 npm run create_test_data', { timeout: 60_000 }, () => {
  it('makes the people, chats and texts of system 003, in one order; a second run changes nothing', async () => {
    await using database = await prepared.clone();
    const first = await runScript('create_test_data', [], { DATABASE_URL: database.url });
    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    expect(first.stdout.trim().split('\n').at(-1)).toBe('Test data created successfully!');
    const rows = await dump(database.sql);
    const second = await runScript('create_test_data', [], { DATABASE_URL: database.url });
    expect([second.exitCode, second.stdout]).toEqual([0, 'Nothing to do: the test data is in the database already.\n']);
    expect(await dump(database.sql)).toEqual(rows);

    await using server = await startTestServer({ database });
    const tokens = await Promise.all(['alice', 'bob', 'charlie', 'david'].map((name) => logIn(server, name)));
    const get = async (path: string, token = tokens[0]!): Promise<unknown> =>
      (await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })).json();
    const chats = (await get('/chats')) as { id: string; name: string; members: unknown[]; group_id: string | null }[];
    const personal = chats.find(({ group_id }) => group_id === null)!;
    const group = chats.find(({ group_id }) => group_id !== null)!;
    expect([chats.length, personal.name, personal.members.length]).toEqual([2, 'Чат Alice и Bob', 2]);
    expect([group.name, group.members.length]).toEqual(['Группа 1', 4]);
    expect(await get(`/groups/${group.group_id}`)).toMatchObject({ creator: { name: 'Alice' } });
    const said = async (chatId: string) =>
      ((await get(`/messages/history/${chatId}`)) as { sender: { name: string }; text: string }[]).map(
        ({ sender, text }) => `${sender.name}: ${text}`,
      );
    expect(await said(personal.id)).toEqual([
      'Alice: Привет, Bob! Как дела?',
      'Bob: Привет, Alice! Всё отлично, спасибо.',
    ]);
    expect(await said(group.id)).toEqual([
      'Alice: Добро пожаловать в группу!',
      'Bob: Спасибо, рада быть здесь.',
      'Charlie: Привет всем!',
    ]);
    expect(((await get('/chats', tokens[3])) as unknown[]).length).toBe(1);
    expect(server.bugs).toEqual([]);
  });

  it('works beside a server that is up, whose people talk on at once', async () => {
    await using server = await startTestServer();
    expect((await runScript('create_test_data', [], { DATABASE_URL: server.databaseUrl })).exitCode).toBe(0);
    const token = await logIn(server, 'alice');
    const socket = await TestSocket.open(`${server.wsUrl}/ws?token=${token}`);
    const chats = (await (
      await fetch(`${server.url}/chats`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { id: string }[];
    const chat_id = chats[0]!.id;
    expect(await socket.ask({ action: 'join_chat', chat_id })).toMatchObject({ status: 'joined' });
    expect(await socket.ask({ action: 'send_message', chat_id, text: 'Hello' })).toMatchObject({
      event: 'new_message',
    });
    await socket.close();
    expect(server.bugs).toEqual([]);
  });

  it('says in a line that an address belongs to somebody else, and changes nothing', async () => {
    await using server = await startTestServer();
    const registered = await fetch(`${server.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Alice', email: 'Alice@example.com', password: 'another password' }),
    });
    expect(registered.ok).toBe(true);
    const { exitCode, stderr } = await runScript('create_test_data', [], { DATABASE_URL: server.databaseUrl });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('users[0].email: this address belongs to somebody else in the database');
    expect(stderr).not.toContain('    at ');
  });

  it('explains itself', async () => {
    const { exitCode, stdout } = await runScript('create_test_data', ['--help']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('four people')]);
  });
});
