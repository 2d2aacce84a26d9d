import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEmbedded } from '../../src/server/db/embedded.ts';
import { findPlace } from '../../src/server/db/embedded-place.ts';
import { migrate } from '../../src/server/db/migrate.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { Device } from '../support/device.ts';
import { createWorld, surviving, untilAll } from '../support/load.ts';
import { DatabaseProxy } from '../support/proxy.ts';
import { startTestServer } from '../support/server.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

// Client and server see the same failures again and again, so each world is small and its faults are many.
describe('with a database that fails under load, nothing is lost, doubled or out of order', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;

  beforeAll(async () => {
    database = await createDatabase();
    sql = postgres(database.url, { max: 2, connection: { application_name: 'the test' } });
  });
  afterAll(async () => {
    await sql.end();
    await database[Symbol.asyncDispose]();
  });

  it('when its connections are terminated at random', async () => {
    await using server = await startTestServer({ database });
    const world = await createWorld(() => [server.url]);
    let terminated = 0;
    await surviving({
      sql,
      world,
      url: () => server.url,
      async fault() {
        for (let i = 0; (i < 25 || terminated <= 25) && i < 500; i++) {
          const [row] = await sql<{ n: number }[]>`
            select count(pg_terminate_backend(pid))::int as n from (
              select pid from pg_stat_activity where datname = current_database() and application_name like 'messenger%'
               order by random() limit 2) victims`;
          terminated += row!.n;
          await sleep(40 + Math.random() * 60);
        }
      },
    });
    expect(terminated).toBeGreaterThan(25);
    expect(server.bugs).toEqual([]);
  });

  it('when replies are lost on the way although the requests were carried out', async () => {
    await using proxy = await DatabaseProxy.open(database.url);
    await using server = await startTestServer({ database: { url: proxy.url } });
    const world = await createWorld(() => [server.url]);
    await surviving({
      sql,
      world,
      url: () => server.url,
      async fault() {
        for (let i = 0; i < 25; i++) {
          proxy.cutNextReplies(1);
          await sleep(60 + Math.random() * 60);
        }
      },
    });
    expect(proxy.cut).toBeGreaterThan(20);
    expect(server.bugs).toEqual([]);
  });

  it('when the road goes silent for a while; who only sends does not wait for its return', async () => {
    await using proxy = await DatabaseProxy.open(database.url);
    await using server = await startTestServer({ database: { url: proxy.url } });
    const world = await createWorld(() => [server.url]);
    await surviving({
      sql,
      world,
      url: () => server.url,
      async fault() {
        await sleep(300);
        const carol = world.people[2]!;
        const url = (): string => server.url.replace(/^http/, 'ws');
        const sender = new Device({ name: 'Carol sends', person: carol, url, trace: world.trace });
        await untilAll('log in', [sender], (device) => device.isReady);
        proxy.swallowConnections();
        await Promise.all(world.chatIds.map((chatId) => sender.send(chatId, 'into the silence')));
        proxy.endSwallowed();
        await sender.stop();
      },
    });
    expect(server.bugs).toEqual([]);
  });
});

it('a PostgreSQL that is stopped at once and started again keeps every acknowledged message', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'messenger-fault-'));
  const said: string[] = [];
  const embedded = await startEmbedded({ dataDir, log: (text) => said.push(text) });
  try {
    await migrate(embedded.url);
    await using server = await startTestServer({ database: { url: embedded.url } });
    const sql = postgres(embedded.url, { max: 1, onnotice: () => undefined });
    const world = await createWorld(() => [server.url]);
    const place = await findPlace(dataDir);
    const findPid = (): number => Number(readFileSync(join(place!.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    await surviving({
      sql,
      world,
      url: () => server.url,
      async fault() {
        await sleep(500);
        // What `pg_ctl stop -m immediate` does: no shutdown, recovery at the next start.
        process.kill(findPid(), 'SIGQUIT');
        await expect.poll(() => said.filter((text) => text === 'PostgreSQL runs again.').length).toBe(1);
        await sleep(500);
      },
    });
    await sql.end();
    expect(server.bugs).toEqual([]);
  } finally {
    await embedded.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('a database that is away is said once, not every second', async () => {
  await using database = await createDatabase();
  const proxy = await DatabaseProxy.open(database.url);
  await using server = await startTestServer({ database: { url: proxy.url } });
  await proxy[Symbol.asyncDispose]();
  await expect.poll(() => server.warnings.join('')).toContain('the database cannot be asked');
  await sleep(2_500);
  const said = server.warnings.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(said).toEqual([...new Set(said)]);
});
