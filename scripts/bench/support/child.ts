import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { extname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { secret } from './world.ts';

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function keep(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends a child and waits for it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** A process that answers questions, each by a function of its table; see `answerQuestions`. */
export interface Worker<Table extends Questions> extends AsyncDisposable {
  pid: number;
  ask<K extends keyof Table & string>(kind: K, input: Parameters<Table[K]>[0]): Promise<Awaited<ReturnType<Table[K]>>>;
}

/** Inputs and answers travel as JSON. */
// oxlint-disable-next-line typescript/no-explicit-any -- a bound for tables whose functions differ in their input
export type Questions = Record<string, (input: any) => Promise<unknown>>;

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** Starts one of the bench's own processes, named from this folder's parent: `load/load-process`. */
export function startWorker<Table extends Questions>(name: string): Worker<Table> {
  const here = fileURLToPath(import.meta.url);
  const child = keep(fork(fileURLToPath(new URL(`../${name}${extname(here)}`, import.meta.url))));
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  child.on('message', ({ id, value, error }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code}`));
  });
  return {
    pid: child.pid!,
    ask(kind, input) {
      const id = ++last;
      const asked = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      child.send({ id, kind, input });
      return asked as never;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** The other side of a worker: answers every question by the table's function, until the parent is gone. */
export function answerQuestions(table: Questions): void {
  process.on('message', ({ id, kind, input }: { id: number; kind: string; input: unknown }) => {
    void table[kind]!(input).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) =>
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  // The terminal tells the whole group of a Ctrl-C; the parent ends its children itself.
  process.on('SIGINT', () => undefined);
}

export interface ServerProcess extends AsyncDisposable {
  pid: number;
  port: number;
}

/** The server as `npm start` runs it, on a database of the bench. */
export async function startServerProcess(databaseUrl: string, env: Record<string, string>): Promise<ServerProcess> {
  const main = new URL('../../../src/server/main.js', import.meta.url);
  const child = keep(
    spawn(process.execPath, [...profiling(), fileURLToPath(main)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Away from any .env.
      cwd: tmpdir(),
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        JWT_SECRET: secret,
        LOG_LEVEL: 'error',
        ...env,
      },
    }),
  );
  return { pid: child.pid!, port: await readPort(child), [Symbol.asyncDispose]: () => drain(child) };
}

/** Reads what the server says at its start up to its last line. */
function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready in')) resolve(Number(/Listening +http:\/\/\S*?:(\d+)/.exec(said)?.[1]));
    });
    child.once('exit', (code) => reject(new Error(`the server did not start (${code}): ${said}`)));
  });
}

/** BENCH_PROFILE=folder: each server leaves a CPU profile there, for Chrome's developer tools. */
const profiling = (): string[] => {
  const folder = process.env['BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
};

/** A server is asked to end, as in production; what it has not closed by then is cut off. */
async function drain(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}

/** One of the project's commands; `ended` rejects when it fails. */
export function runScript(
  name: string,
  args: string[],
  env: Record<string, string>,
): { pid: number; ended: Promise<void> } {
  const script = fileURLToPath(new URL(`../../${name}.js`, import.meta.url));
  const child = keep(
    spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: tmpdir(),
      env: { ...process.env, ...env },
    }),
  );
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
  return { pid: child.pid!, ended };
}
