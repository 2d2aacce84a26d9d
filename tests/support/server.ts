import { createSecretKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type DestinationStream } from 'pino';
import { startServer, type Server } from '../../src/server/app.ts';
import { readConfig, type Config } from '../../src/server/config.ts';
import { createDatabase } from './database.ts';

/** One key for all nodes of the tests, as nodes on one database must share it. */
export const testSecret = 'a key for tests that is long enough for anybody';
export const signingKey = createSecretKey(testSecret, 'utf8');

export interface TestServer extends AsyncDisposable, Server {
  databaseUrl: string;
  /** `ws://…`, without a path. */
  wsUrl: string;
  /** What was logged at level error or worse. */
  bugs: string[];
  /** What was logged as a warning. */
  warnings: string[];
  /** The folder of its pictures and uploads. */
  dataDir: string;
}

/** Cheap passwords and no rates, unless a test says otherwise. */
const testConfig = (overrides: Partial<Config>): Config => ({
  ...readConfig({ PORT: '0', RATE_LIMITS: 'off', BCRYPT_COST: '4', LOG_LEVEL: 'error' }),
  port: 0,
  ...overrides,
});

/** A real server on a database of its own, or on that of another test server: then they are two nodes. */
export async function startTestServer({
  config = {},
  database,
}: { config?: Partial<Config>; database?: { url: string } } = {}): Promise<TestServer> {
  const own = database ? undefined : await createDatabase();
  const databaseUrl = database?.url ?? own!.url;
  const bugs: string[] = [];
  const warnings: string[] = [];
  const dataDir = config.dataDir ?? (await mkdtemp(join(tmpdir(), 'messenger-test-')));
  const destination: DestinationStream = {
    write: (line) => void (line.startsWith('{"level":40') ? warnings : bugs).push(line),
  };
  const server = await startServer({
    config: testConfig({ ...config, dataDir }),
    databaseUrl,
    signingKey,
    log: pino({ level: 'warn' }, destination),
  });
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> => (drained ??= server.drain());
  return {
    url: server.url,
    wsUrl: server.url.replace('http', 'ws'),
    databaseUrl,
    bugs,
    warnings,
    dataDir,
    drain,
    async [Symbol.asyncDispose]() {
      await drain();
      await own?.[Symbol.asyncDispose]();
      if (config.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
