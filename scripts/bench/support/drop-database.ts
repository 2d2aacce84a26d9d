import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';

/** Force does not end an autovacuum worker of the superuser's; it is soon gone. `run` carries a statement out. */
export async function dropDatabase(name: string, run: (statement: string) => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await run(`drop database if exists ${name} with (force)`);
    } catch (error) {
      if (tries === 50 || (error as postgres.PostgresError).code !== '42501') throw error;
      await sleep(100);
    }
  }
}
