import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startEmbedded } from '../../src/server/db/embedded.ts';
import {
  expectRefusal,
  getDatabaseUrl,
  getPostmasterPid,
  isRoot,
  listDatabaseProcesses,
  makeFolder,
  readCommand,
  runServer,
  signalAll,
  startServerProcess,
} from './server-process.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const clusterOf = (dataDir: string): string => join(dataDir, 'postgres');

/** Asks once, on a connection of its own. */
async function ask(url: string, statement: string): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

describe('the server with its embedded database', () => {
  // Most tests go on with this one: making a database takes longer than the rest of a start.
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'start-')));
  const cluster = clusterOf(dataDir);
  const env = { DATA_DIR: dataDir };

  beforeAll(async () => {
    await (await startEmbedded({ dataDir, log: () => undefined })).stop();
  }, 120_000);

  afterAll(() => {
    signalAll(listDatabaseProcesses(cluster), 'SIGKILL');
    rmSync(dataDir, { recursive: true });
  });

  it('makes everything at its first start, says so at every log level, and leaves no PostgreSQL behind', async () => {
    const fresh = join(makeFolder(), 'not', 'there', 'yet');
    const server = await startServerProcess({ env: { DATA_DIR: fresh, LOG_LEVEL: 'silent' } });
    const made = clusterOf(fresh);

    expect(server.output()).toContain(`Made a PostgreSQL 18 database in ${made}`);
    expect(server.output()).toContain(`Data folder  ${fresh}`);
    const [, url] = /Listening\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(server.output()) ?? [];
    expect((await fetch(`${url}/livez`)).ok).toBe(true);
    for (const secret of ['signing-key', 'postgres-password'])
      expect(statSync(join(fresh, secret)).mode & 0o777).toBe(0o600);
    expect(listDatabaseProcesses(made).length).toBeGreaterThan(3);

    expect(await server.stop('SIGTERM')).toBe(0);
    expect(listDatabaseProcesses(made)).toEqual([]);
    expect(existsSync(join(made, 'postmaster.pid'))).toBe(false);
  });

  it('starts a second time with the same key and data, and makes nothing anew', async () => {
    await (await startServerProcess({ env })).stop();
    const key = readFileSync(join(dataDir, 'signing-key'), 'utf8');

    const server = await startServerProcess({ env });
    expect(server.output()).toContain('schema up to date');
    expect(server.output()).not.toContain('Made');
    expect(readFileSync(join(dataDir, 'signing-key'), 'utf8')).toBe(key);
  });

  it('keeps what was committed when it is killed, and starts again although its PostgreSQL lives on', async () => {
    const killed = await startServerProcess({ env });
    const url = await getDatabaseUrl(dataDir);
    await ask(url, `insert into settings values ('kept', 'yes')`);
    const orphan = getPostmasterPid(cluster);
    await killed.stop('SIGKILL');
    expect(listDatabaseProcesses(cluster)).toContain(orphan);

    const server = await startServerProcess({ env });
    expect(server.output()).toContain('A server was killed and left its PostgreSQL running');
    expect(listDatabaseProcesses(cluster)).not.toContain(orphan);
    expect(await ask(await getDatabaseUrl(dataDir), `select value from settings where key = 'kept'`)).toEqual([
      { value: 'yes' },
    ]);
    expect(await server.stop()).toBe(0);
    expect(listDatabaseProcesses(cluster)).toEqual([]);
  });

  it('starts when it and its PostgreSQL were killed together, as in a power failure', async () => {
    const killed = await startServerProcess({ env });
    await ask(await getDatabaseUrl(dataDir), `insert into settings values ('power', 'failed')`);
    killed.child.kill('SIGKILL');
    signalAll(listDatabaseProcesses(cluster), 'SIGKILL');
    await killed.ended;
    await expect.poll(() => listDatabaseProcesses(cluster)).toEqual([]);

    await startServerProcess({ env });
    expect(await ask(await getDatabaseUrl(dataDir), `select value from settings where key = 'power'`)).toEqual([
      { value: 'failed' },
    ]);
  });

  it('refuses a folder that another server uses, also when both start at once, and leaves the other alone', async () => {
    const folder = makeFolder();
    const servers = [1, 2, 3].map(() => runServer({ env: { DATA_DIR: folder } }));
    const results = await Promise.all(
      servers.map((server) =>
        server.until('Ready in').then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(results.filter(Boolean), servers.map((server) => server.output()).join('\n')).toHaveLength(1);
    const refused = servers[results.indexOf(false)];
    expect(await refused?.ended).toBe(1);
    expect(refused?.output()).toContain(`Another server or command uses the database in ${clusterOf(folder)}`);

    expect(await expectRefusal({ env: { DATA_DIR: `${folder}/../${basename(folder)}` } })).toContain(
      'Another server or command uses',
    );
    expect(await ask(await getDatabaseUrl(folder), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder that a server in another container uses, where process numbers tell nothing', async () => {
    await startServerProcess({ env });
    const pidFile = join(cluster, 'postmaster.pid');
    const text = readFileSync(pidFile, 'utf8');
    writeFileSync(pidFile, text.replace(/^\d+/, '4194304'));
    onTestFinished(() => writeFileSync(pidFile, text));
    expect(await expectRefusal({ env })).toContain('Another server or command uses');
  });

  it('starts although the process number of its dead PostgreSQL belongs to another process now', async () => {
    const killed = await startServerProcess({ env });
    const postmaster = getPostmasterPid(cluster);
    killed.child.kill('SIGKILL');
    process.kill(postmaster, 'SIGKILL');
    await killed.ended;
    await expect.poll(() => listDatabaseProcesses(cluster)).toEqual([]);
    // A process of PostgreSQL's own user, so that PostgreSQL cannot tell it from itself.
    const owner = statSync(cluster);
    const other = spawn('sleep', ['60'], isRoot ? { uid: owner.uid, gid: owner.gid } : {});
    onTestFinished(() => void other.kill());
    const pidFile = join(cluster, 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(other.pid)));

    await startServerProcess({ env });
  });

  it('stays the owner when its connection to PostgreSQL is cut', async () => {
    await startServerProcess({ env });
    // A crash of any backend makes PostgreSQL cut every connection and recover.
    const backend = listDatabaseProcesses(cluster).find((pid) => readCommand(pid).includes('idle'));
    expect(backend).toBeDefined();
    process.kill(backend ?? 0, 'SIGKILL');

    expect(await expectRefusal({ env })).toContain('Another server or command uses');
  });

  it('starts its PostgreSQL again, at the same address, when that ends without being asked to', async () => {
    const server = await startServerProcess({ env });
    const url = await getDatabaseUrl(dataDir);
    process.kill(getPostmasterPid(cluster), 'SIGKILL');

    await server.until('PostgreSQL runs again');
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await server.stop()).toBe(0);
    expect(listDatabaseProcesses(cluster)).toEqual([]);
  });

  it('ends in order on Ctrl-C, which a terminal sends to the whole process group: PostgreSQL does not hear it', async () => {
    const server = await startServerProcess({ env });
    const url = await getDatabaseUrl(dataDir);
    const group = server.child.pid ?? 0;
    process.kill(group, 'SIGSTOP');
    onTestFinished(() => {
      if (server.child.exitCode === null) process.kill(group, 'SIGCONT');
    });
    process.kill(-group, 'SIGINT');
    expect(await ask(url, 'select 1 as one from pg_sleep(0.3)')).toEqual([{ one: 1 }]);

    process.kill(group, 'SIGCONT');
    expect(await server.ended).toBe(0);
    expect(server.output()).toMatch(/Stopping: .*\nStopped\.\n$/);
    expect(listDatabaseProcesses(cluster)).toEqual([]);
  });

  it('takes a signal that comes twice in the same second as one', async () => {
    const server = await startServerProcess({ env });
    server.child.kill('SIGTERM');
    server.child.kill('SIGINT');
    expect(await server.stop('SIGTERM')).toBe(0);
  });

  it('ends at once on a later signal, and PostgreSQL ends after it', async () => {
    const server = await startServerProcess({ env });
    // Nothing of PostgreSQL answers, so an orderly end takes its time.
    const halted = listDatabaseProcesses(cluster);
    signalAll(halted, 'SIGSTOP');
    const goOn = (): void =>
      signalAll(
        listDatabaseProcesses(cluster).filter((running) => halted.includes(running)),
        'SIGCONT',
      );
    onTestFinished(goOn);
    server.child.kill('SIGTERM');
    await server.until('Stopping');
    const impatient = setInterval(() => server.child.kill('SIGTERM'), 300);
    onTestFinished(() => clearInterval(impatient));
    expect(await server.stop('SIGTERM')).toBe(1);

    goOn();
    await expect.poll(() => listDatabaseProcesses(cluster)).toEqual([]);
  });

  it('names a port that is taken, and leaves no PostgreSQL behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };

    expect(await expectRefusal({ env: { ...env, PORT: String(port) } })).toContain(
      `Port ${port} on 127.0.0.1 is taken by another program.`,
    );
    expect(listDatabaseProcesses(cluster)).toEqual([]);
  });
});
