import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Embedded, startEmbedded } from '../../src/server/db/embedded.ts';
import { expectRefusal, makeFolder, runServer, startServerProcess } from './server-process.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

describe('a database of the operator', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'start-'));
  let database: Embedded;
  let sql: postgres.Sql;

  beforeAll(async () => {
    database = await startEmbedded({ dataDir, log: () => undefined });
    sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  }, 120_000);

  afterAll(async () => {
    await sql.end();
    await database.stop();
    rmSync(dataDir, { recursive: true });
  });

  /** A database of its own on the same PostgreSQL. */
  async function makeDatabase(name: string, clause = ''): Promise<string> {
    await sql.unsafe(`create database ${name} ${clause}`);
    return database.url.replace(/\/messenger$/, `/${name}`);
  }

  it('is used instead of the embedded one, by several servers with one JWT_SECRET', async () => {
    const url = await makeDatabase('several');
    const env = { DATABASE_URL: url, DATA_DIR: makeFolder(), JWT_SECRET: 'x'.repeat(32) };
    const [first, second] = await Promise.all([startServerProcess({ env }), startServerProcess({ env })]);
    expect(first.output()).toContain('Database     PostgreSQL 18');
    expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0]);
  });

  it('is refused to a server with another signing key', async () => {
    const url = await makeDatabase('fingerprints');
    await startServerProcess({ env: { DATABASE_URL: url, DATA_DIR: makeFolder(), JWT_SECRET: 'x'.repeat(32) } });

    const other = await expectRefusal({
      env: { DATABASE_URL: url, DATA_DIR: makeFolder(), JWT_SECRET: 'y'.repeat(32) },
    });
    expect(other).toContain('another signing key than the JWT_SECRET given here');
    expect(other).toContain('Give every server of one database the same JWT_SECRET');
    expect(await expectRefusal({ env: { DATABASE_URL: url, DATA_DIR: makeFolder() } })).toContain(
      'another signing key than the one in',
    );
  });

  it('is refused while it may lose acknowledged messages, unless the operator insists', async () => {
    const url = await makeDatabase('careless');
    await sql.unsafe('alter database careless set synchronous_commit = off');
    const env = { DATABASE_URL: url, DATA_DIR: makeFolder() };
    const output = await expectRefusal({ env });
    expect(output).toContain('may lose acknowledged messages: synchronous_commit is off');
    expect(output).toContain('alter system set synchronous_commit = on');

    const server = await startServerProcess({ env: { ...env, UNSAFE_DURABILITY: '1' } });
    expect(server.output()).toContain(
      'WARNING      UNSAFE_DURABILITY: acknowledged messages may be lost (synchronous_commit off).',
    );
  });

  it('is refused when it cannot hold every text, cannot be written or belongs to others', async () => {
    const latin = await makeDatabase('latin', `encoding 'LATIN1' locale_provider libc locale 'C' template template0`);
    expect(await expectRefusal({ env: { DATABASE_URL: latin, DATA_DIR: makeFolder() } })).toContain('encoding LATIN1');
    const frozen = await makeDatabase('frozen');
    await sql.unsafe('alter database frozen set default_transaction_read_only = on');
    expect(await expectRefusal({ env: { DATABASE_URL: frozen, DATA_DIR: makeFolder() } })).toContain('read-only');
    const others = await makeDatabase('others');
    await sql.unsafe('revoke create on database others from current_user');
    expect(await expectRefusal({ env: { DATABASE_URL: others, DATA_DIR: makeFolder() } })).toContain('owner to');
  });

  it('is refused at once when waiting cannot help', async () => {
    const noDatabase = database.url.replace(/\/messenger$/, '/nowhere');
    expect(await expectRefusal({ env: { DATABASE_URL: noDatabase, DATA_DIR: makeFolder() } })).toContain(
      'cannot be used',
    );
    const wrongPassword = database.url.replace(/:[^:@]+@/, ':hunter2@');
    const output = await expectRefusal({ env: { DATABASE_URL: wrongPassword, DATA_DIR: makeFolder() } });
    expect(output).toContain('Correct DATABASE_URL');
    expect(output).not.toContain('hunter2');
  });

  it('is waited for when it is not up yet, which is said at once; a signal ends the waiting', async () => {
    const place = makeFolder();
    const env = { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/messenger', DATA_DIR: place };
    const server = runServer({ env });
    await server.until('Trying again for 30 s.');
    expect(server.output()).toContain('ECONNREFUSED');
    expect(server.output()).not.toContain('hunter2');
    expect(await server.stop()).toBe(1);
  });
});

describe('the embedded database', () => {
  it('takes a new signing key for the operator’s wish, and is refused when somebody turned its durability off', async () => {
    const env = { DATA_DIR: makeFolder() };
    await (await startServerProcess({ env })).stop();
    const withSecret = { env: { ...env, JWT_SECRET: 'x'.repeat(32) } };
    const changed = await startServerProcess(withSecret);
    expect(changed.output()).toContain('The signing key is another one than before');
    await changed.stop();
    const same = await startServerProcess(withSecret);
    expect(same.output()).not.toContain('another one than before');
    await same.stop();

    appendFileSync(join(env.DATA_DIR, 'postgres', 'postgresql.conf'), 'fsync = off\nfull_page_writes = off\n');
    expect(await expectRefusal(withSecret)).toContain('fsync is off, full_page_writes is off');
  });
});
