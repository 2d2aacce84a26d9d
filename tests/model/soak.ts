/** The long run: `npm run soak -- --minutes 20 --seed 1 --nodes 2`. Ends with 1 when something was found. */
import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { openPostgres } from '../../scripts/bench/support/postgres.ts';
import { connect } from '../../src/client/index.ts';
import { freshSeed } from './random.ts';
import { toFinding, toTable } from './report.ts';
import { runModel, totalOf, type Report } from './run.ts';

interface Options {
  minutes: number;
  seed?: number;
  nodes: number;
}

function toNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('a number is needed');
  return value;
}

const tellProgress = ({ ms, rounds, operations, faults, comparisons }: Report): void => {
  if (rounds % 5 > 0) return;
  const done = `${totalOf(operations)} operations, ${totalOf(faults)} faults`;
  process.stderr.write(`${(ms / 1_000).toFixed(0)} s: ${done}, ${comparisons.comparisons} comparisons\n`);
};

async function soak({ minutes, seed = freshSeed(), nodes }: Options): Promise<void> {
  process.stderr.write(`seed ${seed}\n`);
  await using server = await openPostgres();
  await using database = await server.createDatabase();
  const report = await runModel({
    seed,
    nodes,
    connect,
    databaseUrl: database.url,
    isDone: ({ ms }) => ms >= minutes * 60_000,
    onRound: tellProgress,
  });
  console.log(toTable(report));
  const finding = toFinding(report);
  if (finding === '') return;
  console.error(finding);
  process.exitCode = 1;
}

await new Command('soak')
  .description('Lets people, clients and faults loose on a server, and compares everything at every rest.')
  .option('--minutes <n>', 'how long', toNumber, 20)
  .option('--seed <n>', 'the seed of an earlier run', toNumber)
  .option('--nodes <n>', 'nodes on one database', toNumber, 1)
  .action(soak)
  .parseAsync();
