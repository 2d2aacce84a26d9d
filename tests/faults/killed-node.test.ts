import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createWorld, findAllBreaches, Load } from '../support/load.ts';
import { findFreePort, NodeProcess } from './node-process.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

describe('a server that is killed in the middle of sends', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;
  let one: NodeProcess;
  let two: NodeProcess;

  beforeAll(async () => {
    database = await createDatabase();
    sql = postgres(database.url, { max: 1 });
    const [first, second] = await Promise.all([findFreePort(), findFreePort()]);
    one = new NodeProcess({ databaseUrl: database.url, port: first });
    two = new NodeProcess({ databaseUrl: database.url, port: second });
    await Promise.all([one.start(), two.start()]);
  });
  afterAll(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
    await sql.end();
    await database[Symbol.asyncDispose]();
  });

  it('loses, doubles and disorders nothing, for those who come back and for those on another node', async () => {
    const world = await createWorld(() => [one.url, two.url]);
    const load = new Load(world);
    for (let round = 0; round < 3; round++) {
      await sleep(200 + Math.random() * 300);
      await world.devices[0]!.send(world.chatIds[0]!, `the last word of round ${round}`);
      expect(await one.end('SIGKILL')).toBe('SIGKILL');
      await one.start();
    }
    await sleep(300);
    await load.stop();
    expect(await findAllBreaches({ world, sql, url: two.url })).toEqual([]);
  });
});
