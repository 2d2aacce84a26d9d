import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toLines } from '../../scripts/conformance/report.ts';
import type { Outcome } from '../../scripts/conformance/rule.ts';
import { runAgainstServer, serverRules } from '../../scripts/conformance/server/run.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('this server keeps every rule of the conformance kit', () => {
  let server: TestServer;
  let outcomes: Outcome[];

  beforeAll(async () => {
    server = await startTestServer();
    outcomes = await runAgainstServer({ url: server.wsUrl, patienceMs: 20_000 });
  }, 180_000);

  afterAll(() => server[Symbol.asyncDispose]());

  test.each(serverRules.map(({ id }) => id))('%s', (id) => {
    const outcome = outcomes.find((one) => one.id === id)!;
    expect(outcome.result, toLines(outcome)).toBe('pass');
  });

  test('and logs no bug meanwhile', () => {
    expect(server.bugs).toEqual([]);
  });
});
