import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { listClientRules, runAgainstClient } from './conformance/client/run.ts';
import { createPerson, createProgram } from './conformance/client/subject.ts';
import { isPassed, toJson, toLines, toSummary } from './conformance/report.ts';
import type { Outcome } from './conformance/rule.ts';
import { runAgainstServer, serverRules } from './conformance/server/run.ts';
import { Tape, toRecording } from './conformance/tape.ts';

interface CommonOptions {
  rule?: string[];
  json?: true;
  list?: true;
  record?: string;
  patience: number;
}

/** A person is told the same address for all rules. */
const personsPort = 8_099;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function toMs(value: string): number {
  const seconds = Number(value);
  if (!(seconds > 0 && seconds <= 600)) throw new InvalidArgumentError('Seconds, more than 0 and at most 600.');
  return seconds * 1_000;
}

const addCommon = (command: Command): Command =>
  command
    .option('--rule <id>', 'only this rule, or the rules of this subject; several: again', collect)
    .option('--list', 'say which rules there are, and check none')
    .option('--json', 'the outcome as JSON')
    .option('--record <file>', 'write all frames of the run as JSON; passwords and tokens are left out')
    .option('--patience <seconds>', 'how long an answer may take', toMs, 5_000);

const list = (rules: readonly { id: string; says: string }[]): void =>
  console.log(rules.map(({ id, says }) => `${id}: ${says}`).join('\n'));

/** Runs rules, says what came of each, and ends the process with 0 only if none failed. */
async function judge(
  options: CommonOptions,
  run: (more: { tape: Tape; say: (outcome: Outcome) => void }) => Promise<Outcome[]>,
): Promise<void> {
  const tape = new Tape();
  const say = (outcome: Outcome): void => {
    if (!options.json) console.log(toLines(outcome));
  };
  const outcomes = await run({ tape, say });
  console.log(options.json ? toJson(outcomes) : toSummary(outcomes));
  if (options.record !== undefined) await writeFile(options.record, toRecording(tape));
  process.exitCode = isPassed(outcomes) ? 0 : 1;
}

interface ServerOptions extends CommonOptions {
  url?: string;
  person?: string[];
}

const server = new Command('server')
  .description('Plays client: checks a server that speaks messenger.v1 on real sockets.')
  .option('--url <url>', 'address of the server, ws://host:port or wss://…; without a path /ws is meant')
  .option('--person <identifier:password>', 'somebody to log in as; three of them, else three are registered', collect)
  .action(async (options: ServerOptions) => {
    if (options.list) return list(serverRules);
    const { url, person: people, rule: rules, patience: patienceMs } = options;
    if (url === undefined) return server.error('error: --url says where the server is');
    return judge(options, (more) => runAgainstServer({ url, people, rules, patienceMs, ...more }));
  });

interface ClientOptions extends CommonOptions {
  command?: string;
  port?: number;
}

const client = new Command('client')
  .description('Plays server: checks a client that speaks messenger.v1, on a loopback port.')
  .option('--command <command>', 'the program to check, started once for each rule; else you are asked to')
  .option('--port <port>', 'where to listen; 8099 where you are asked, else anywhere', Number)
  .action(async (options: ClientOptions) => {
    if (options.list) return list(listClientRules());
    const { command, rule: rules, patience: patienceMs } = options;
    const subject =
      command === undefined ? createPerson((text) => void process.stderr.write(`${text}\n`)) : createProgram(command);
    const port = options.port ?? (command === undefined ? personsPort : undefined);
    return judge(options, (more) => runAgainstClient({ subject, rules, port, patienceMs, ...more }));
  });

const program = new Command('conformance')
  .description(
    'Says of each rule of the full protocol (docs/protocol.md) whether a server or a client keeps it. Exits 0 when no rule failed, else 1.',
  )
  .addCommand(addCommon(server))
  .addCommand(addCommon(client));

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
