import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { Command } from 'commander';
import { families } from './bench/families.ts';
import type { Context } from './bench/support/context.ts';
import { openPostgres } from './bench/support/postgres.ts';
import { toJson, toTable } from './bench/support/report.ts';
import { type Result, toResult } from './bench/support/result.ts';
import { runCommand } from './support/run-command.ts';

interface Options {
  quick?: true;
  json?: string;
  only?: string[];
}

const names = families.flatMap((family) => [...family.names]);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const collect = (name: string, before: string[] = []): string[] => [...before, ...name.split(',')];

/** Ctrl-C and a closed terminal end the work where it stands; what it made is removed on the way out. */
function untilSignal(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });
}

async function measure(options: Options): Promise<Result[]> {
  const wanted = new Set(options.only ?? names);
  const unknown = [...wanted].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no figure is called ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const quick = options.quick === true;
  const results: Result[] = [];
  await using postgres = await openPostgres();
  say(describeMachine(postgres.version));
  if (quick) say('--quick: less data, fewer and shorter rounds; the ratios are rougher than those of the whole run.');
  const context: Context = {
    quick,
    rounds: quick ? { rounds: 3, ms: 500 } : { rounds: 5, ms: 2_000 },
    folder: postgres.folder,
    postmaster: postgres.postmaster,
    createDatabase: () => postgres.createDatabase(),
    wants: (name) => wanted.has(name),
    say,
    report(measured) {
      const result = toResult(measured);
      results.push(result);
      say(
        `  ${result.name}: ${result.value.toPrecision(4)} ${result.unit}, ${result.ratio?.toFixed(2) ?? '–'} (${result.reach}) ${result.ok ? 'ok' : 'SHORT'}; ${result.limitedBy}`,
      );
    },
  };
  const work = async (): Promise<void> => {
    for (const family of families) {
      const chosen = family.names.filter((name) => wanted.has(name));
      if (chosen.length === 0) continue;
      say(`${chosen.join(', ')} …`);
      await family.run(context);
    }
  };
  await Promise.race([work(), untilSignal()]);
  return results;
}

const describeMachine = (version: string): string => {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}, Node ${process.version}, PostgreSQL ${version}, durable`;
};

async function bench(options: Options): Promise<void> {
  const startedAt = performance.now();
  const results = await measure(options);
  console.log(toTable(results));
  if (options.json !== undefined) await writeFile(options.json, toJson(results));
  const short = results.filter((result) => !result.ok).length;
  say(
    `${results.length} figures in ${Math.round((performance.now() - startedAt) / 1_000)} s, ${short} short of their reach.`,
  );
}

const command = new Command('bench')
  .description(
    'Measures speed and memory, each figure beside a reference of the same run: at most 15 minutes. Progress goes to stderr, the table to stdout.',
  )
  .option('--quick', 'smaller data and fewer rounds: at most 2 minutes')
  .option('--json <file>', 'also write the figures as JSON')
  .option('--only <name>', 'only this figure; several: again, or with commas', collect)
  .addHelpText('after', `\nFigures: ${names.join(', ')}`)
  .action(bench);

await runCommand(() => command.parseAsync());
// After a signal the work may still be under way somewhere; what it made is gone.
process.exit();
