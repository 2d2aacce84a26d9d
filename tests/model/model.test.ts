import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freshSeed } from './random.ts';
import { toFinding, toTable } from './report.ts';
import { runModel } from './run.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const given = process.env['MODEL_SEED'];
const runs = [
  { what: 'one node', nodes: 1, seed: given === undefined ? 1 : Number(given) },
  { what: 'two nodes', nodes: 2, seed: given === undefined ? freshSeed() : Number(given) },
];

// `npm run soak` is the same for long.
describe('people with several clients over bad networks', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database[Symbol.asyncDispose]());

  it.each(runs)('all come to know what is stored, on $what (seed $seed)', async ({ nodes, seed }) => {
    const report = await runModel({
      seed,
      nodes,
      connect,
      databaseUrl: database.url,
      isDone: ({ ms, rounds }) => ms >= 20_000 && rounds >= 3,
    });
    expect(report.breaches, `${toFinding(report)}\n${toTable(report)}`).toEqual([]);
  });
});
