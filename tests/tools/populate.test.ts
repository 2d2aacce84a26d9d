import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDatabase, type PreparedDatabase } from './database.ts';
import { makeFolder, readFake, runScript } from './files.ts';

let prepared: PreparedDatabase;
beforeAll(async () => void (prepared = await prepareDatabase()));
afterAll(() => prepared[Symbol.asyncDispose]());

describe('npm run populate', { timeout: 120_000 }, () => {
  it('loads fake_data.json, and says so when there is nothing left to do', async () => {
    await using database = await prepared.clone();
    const first = await runScript('populate', [], { DATABASE_URL: database.url });
    expect(first).toMatchObject({ exitCode: 0, stdout: 'Loaded fake_data.json: 4 users, 4 chats, 2 messages.\n' });
    const second = await runScript('populate', [], { DATABASE_URL: database.url });
    expect(second).toMatchObject({
      exitCode: 0,
      stdout: 'Nothing to do: all of fake_data.json is in the database already (4 users, 4 chats, 2 messages).\n',
    });
    expect(await database.sql`select from messages`).toHaveLength(2);
  });

  it('draws how far it is', async () => {
    await using database = await prepared.clone();
    const { stderr } = await runScript('populate', [], { DATABASE_URL: database.url });
    expect(stderr).toContain('reading');
    expect(stderr).toContain('100%');
  });

  it('names the record and the field that are wrong, without a stack, and exits 1', async () => {
    await using database = await prepared.clone();
    await using folder = await makeFolder();
    const dataset = await readFake();
    dataset.messages[1]!.timestamp = 'yesterday';
    const file = await folder.write('broken.json', dataset);
    const { exitCode, stderr } = await runScript('populate', [file], { DATABASE_URL: database.url });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('messages[1].timestamp: Input should be a time with an offset');
    expect(stderr).not.toContain('    at ');
    expect(await database.sql`select from users`).toHaveLength(0);
  });

  it('says in a line that a file is missing', async () => {
    await using database = await prepared.clone();
    const { exitCode, stderr } = await runScript('populate', ['none.json'], { DATABASE_URL: database.url });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("ENOENT: no such file or directory, stat 'none.json'");
    expect(stderr).not.toContain('    at ');
  });

  it('works on the embedded database while no server is up, and loads what the next one serves', async () => {
    await using folder = await makeFolder();
    const env = { DATA_DIR: folder.path };
    const first = await runScript('populate', [], env);
    expect(first.exitCode, first.stderr).toBe(0);
    expect((await runScript('populate', [], env)).stdout).toContain('Nothing to do');
    expect((await runScript('doctor', [], env)).stdout).toContain('checks are fine');
  });
});
