import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { Config } from '../config.ts';
import { StartError } from '../start-error.ts';
import { findEmbedded, startEmbedded } from './embedded.ts';

/** The database that a configuration asks for, up and reachable. */
export interface Provision {
  url: string;
  /** True when it is embedded: nobody else has servers on it. */
  embedded: boolean;
  /** Stops what was started; leaves alone what was found running. */
  stop(): Promise<void>;
  /** Begins to stop it and does not wait, for a process that ends at once. */
  stopNow(): void;
}

export interface ProvisionOptions {
  config: Pick<Config, 'databaseUrl' | 'dataDir'>;
  log: (text: string) => void;
  /** Called when an embedded database was taken over by another process. */
  onLost?: (reason: string) => void;
  /** Ends the waiting for a database that cannot be reached. */
  signal?: AbortSignal;
}

const patienceMs = 30_000;
const retryMs = 500;
const nothing = { embedded: false, stop: () => Promise.resolve(), stopNow: () => undefined };

/**
 * The database for a server: DATABASE_URL, for which it waits up to 30 s, or the embedded one, which it starts.
 * @throws StartError when it cannot be had.
 */
export async function provideDatabase({ config, log, onLost, signal }: ProvisionOptions): Promise<Provision> {
  if (config.databaseUrl !== undefined) {
    await waitForDatabase({ url: config.databaseUrl, log, ...(signal && { signal }) });
    return { ...nothing, url: config.databaseUrl };
  }
  return { embedded: true, ...(await startEmbedded({ dataDir: config.dataDir, log, ...(onLost && { onLost }) })) };
}

/** The same for a command beside the server: an embedded database whose server is up is used as it is. */
export async function shareDatabase(options: ProvisionOptions): Promise<Provision> {
  const { config } = options;
  const running = config.databaseUrl === undefined ? await findEmbedded(config.dataDir) : undefined;
  return running === undefined ? provideDatabase(options) : { ...nothing, embedded: true, url: running };
}

/** Waiting cannot mend these: wrong password, no such role, no such database, not allowed to connect. */
const hopeless = ['28P01', '28000', '3D000', '42501'];

async function waitForDatabase({
  url,
  log,
  signal,
}: {
  url: string;
  log: (text: string) => void;
  signal?: AbortSignal;
}): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let said = false; ; said = true) {
    const failure = await tryDatabase(url);
    if (failure === undefined) return;
    const reason = `The database at ${withoutPassword(url)} cannot be used: ${failure.message}.`;
    if (hopeless.includes(failure.code))
      throw new StartError(`${reason} Correct DATABASE_URL, or create what is missing.`);
    if (Date.now() > deadline || signal?.aborted) throw new StartError(`${reason} Start it, or correct DATABASE_URL.`);
    if (!said) log(`${reason} Trying again for ${patienceMs / 1_000} s.`);
    await sleep(retryMs);
  }
}

async function tryDatabase(url: string): Promise<{ code: string; message: string } | undefined> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    await sql`select 1`;
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    // A host with several addresses fails with an error that has only a code.
    return { code: String(code), message: message || String(code) };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = url.password && '…';
  return decodeURI(url.href);
}
