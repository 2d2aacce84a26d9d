import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createWorld, findAllBreaches, Load, surviving } from '../support/load.ts';
import { startTestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { findFreePort, NodeProcess } from './node-process.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

describe('two nodes', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;

  beforeAll(async () => {
    database = await createDatabase();
    sql = postgres(database.url, { max: 2 });
  });
  afterAll(async () => {
    await sql.end();
    await database[Symbol.asyncDispose]();
  });

  it('find each other again when the road between them is cut', async () => {
    await using one = await startTestServer({ database });
    await using two = await startTestServer({ database });
    const world = await createWorld(() => [one.url, two.url]);
    let cuts = 0;
    await surviving({
      sql,
      world,
      url: () => two.url,
      async fault() {
        for (let i = 0; (i < 8 || cuts <= 8) && i < 200; i++) {
          const [row] = await sql<{ n: number }[]>`
            select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
             where datname = current_database() and (application_name like 'messenger bus %' or application_name = 'messenger teller')`;
          cuts += row!.n;
          await sleep(150);
        }
      },
    });
    expect(cuts).toBeGreaterThan(8);
    expect([...one.bugs, ...two.bugs]).toEqual([]);
    const listening = async (): Promise<unknown> =>
      (
        await sql`select count(*)::int as n from pg_stat_activity
          where datname = current_database() and application_name like 'messenger bus %' and query ilike 'listen%'`
      )[0];
    await expect.poll(listening).toEqual({ n: 2 });
  });

  it('one of them, told to stop in the middle of sends, finishes, tells its clients and ends well', async () => {
    const [first, second] = await Promise.all([findFreePort(), findFreePort()]);
    await using one = new NodeProcess({ databaseUrl: database.url, port: first });
    await using two = new NodeProcess({ databaseUrl: database.url, port: second });
    await Promise.all([one.start(), two.start()]);
    let urls = [one.url, two.url];
    const world = await createWorld(() => urls);
    const silent = await TestSocket.open(`${one.url.replace('http', 'ws')}/ws`);
    const load = new Load(world);
    await sleep(500);
    urls = [two.url];
    const startedAt = Date.now();
    expect(await one.end('SIGTERM')).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(await silent.closed()).toBe(1012);
    await load.stop();
    expect(await findAllBreaches({ sql, world, url: two.url })).toEqual([]);
  });
});
