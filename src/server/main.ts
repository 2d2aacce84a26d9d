import { resolve } from 'node:path';
import process from 'node:process';
import { limits } from '../protocol/limits.ts';
import { startServer } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { checkDurability } from './db/durability.ts';
import { findEmbedded } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import { type Provision, provideDatabase } from './db/provision.ts';
import { readEnvironment } from './environment.ts';
import { createLog } from './log.ts';
import { checkFingerprint, getSigningKey } from './signing-key.ts';
import { StartError } from './start-error.ts';
import { toFailureLine, toHelp, toStartLines } from './start-lines.ts';

/*
 * The process: its arguments, environment, signals and end. Everything else is a function of what it is given.
 *
 * Whatever way the process ends, short of kill -9, no PostgreSQL of it stays behind: an orderly end waits for it, and any
 * other tells it to stop in the `exit` event.
 */

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

/** npm hands on a signal that the terminal has given to the whole group as well: that is one signal, not two. */
const echoWithinMs = 1_000;

/** The first signal asks for an orderly end; a second one, or an end that takes too long, is at once. */
function listenForSignals(): { ending: AbortSignal; untilSignal: Promise<void> } {
  const controller = new AbortController();
  const untilSignal = new Promise<void>((settle) => controller.signal.addEventListener('abort', () => settle()));
  let askedAtMs = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - askedAtMs > echoWithinMs) fail('Stopped at once; what was in progress was cut off.');
      return;
    }
    askedAtMs = performance.now();
    controller.abort();
    setTimeout(
      () => fail('The server did not come to an end in time and was cut off.'),
      limits.drain.hardExitMs,
    ).unref();
  };
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  return { ending: controller.signal, untilSignal };
}

async function prepareDatabase(config: Config, database: Provision) {
  const { version, unsafeSettings } = await checkDurability(database.url, { allowUnsafe: config.unsafeDurability });
  const migrationsApplied = await migrate(database.url);
  const signingKey = await getSigningKey(config);
  if (signingKey.made) say(`Made the key that signs access tokens in ${signingKey.path}.`);
  const replaced = await checkFingerprint({ url: database.url, signingKey, alone: database.embedded });
  if (replaced)
    say('The signing key is another one than before: access tokens given out until now are no longer valid.');
  return { postgresVersion: version, unsafeSettings, migrationsApplied, signingKey };
}

async function run(config: Config): Promise<void> {
  const startedAt = performance.now();
  const { ending, untilSignal } = listenForSignals();
  const log = createLog(config.logLevel);
  const database = await provideDatabase({ config, log: say, onLost: fail, signal: ending });
  process.on('exit', () => database.stopNow());
  try {
    const prepared = await prepareDatabase(config, database);
    const server = await startServer({
      config,
      databaseUrl: database.url,
      signingKey: prepared.signingKey.key,
      log,
      unsafeDurability: prepared.unsafeSettings.length > 0,
    });
    const startedInMs = performance.now() - startedAt;
    toStartLines({ config, url: server.url, dataDir: resolve(config.dataDir), ...prepared, startedInMs }).forEach(say);
    await untilSignal;
    say('Stopping: finishing what was accepted.');
    await server.drain();
  } finally {
    await database.stop();
  }
  say('Stopped.');
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return say(toHelp());
  const config = readConfig(readEnvironment(process.env));
  if (args.includes('--database-url')) {
    const url = config.databaseUrl ?? (await findEmbedded(config.dataDir));
    return url === undefined ? fail(`No server is up on ${resolve(config.dataDir)}.`) : say(url);
  }
  if (args.length > 0) throw new StartError(`Unknown argument ${args.join(' ')}.\n\n${toHelp()}`);
  await run(config).catch((error: unknown) => {
    throw new StartError(
      toFailureLine(error, config) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) =>
    fail(
      error instanceof StartError
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error),
    ),
);
