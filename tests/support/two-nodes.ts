import { expect } from 'vitest';
import { createDatabase } from './database.ts';
import { startTestServer, type TestServer } from './server.ts';

export interface TwoNodes {
  one: TestServer;
  two: TestServer;
  /** Stops both, and fails when one of them logged a bug. */
  stop(): Promise<void>;
}

/** Two servers on one database. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const database = await createDatabase();
  const [one, two] = await Promise.all([startTestServer({ database }), startTestServer({ database })]);
  return {
    one,
    two,
    async stop() {
      const bugs = [...one.bugs, ...two.bugs];
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
      await database[Symbol.asyncDispose]();
      expect(bugs).toEqual([]);
    },
  };
}
