import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { build, compiled, top } from '../support/programs.ts';
import { testSecret } from '../support/server.ts';

/** A port that is free, below those that systems give to whoever asks for any: nobody takes it meanwhile. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A server in a process of its own, as an operator runs it, so that it can be killed. */
export class NodeProcess implements AsyncDisposable {
  readonly url: string;
  readonly #start: () => ChildProcess;
  #child: ChildProcess | undefined;
  output = '';

  /** `root`: where `dist` is; this repository, freshly built, unless given. */
  constructor({ databaseUrl, port, root = top }: { databaseUrl: string; port: number; root?: string }) {
    if (root === top) build();
    this.url = `http://127.0.0.1:${port}`;
    this.#start = () =>
      spawn(process.execPath, [compiled('src/server/main.ts', root)], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          DATABASE_URL: databaseUrl,
          PORT: String(port),
          JWT_SECRET: testSecret,
          RATE_LIMITS: 'off',
          BCRYPT_COST: '4',
          LOG_LEVEL: 'error',
          UV_THREADPOOL_SIZE: '2',
        },
      });
  }

  /** Starts it; resolves when it is ready. */
  async start(): Promise<void> {
    const child = (this.#child = this.#start());
    this.output = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        if (this.output.includes('Ready in')) child.emit('ready');
      });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the node did not start:\n${this.output}`);
    });
    await Promise.race([once(child, 'ready'), ended]);
    ended.catch(() => undefined);
  }

  /** Ends it; answers the exit code or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | undefined> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return undefined;
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill(signal);
    const [code, by] = await exit;
    return by ?? code ?? undefined;
  }

  /** Tells it something that does not end it: to stand still, to go on. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}
