import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

export const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Longer than any hook or test here waits: they say when it is too long. */
const patienceMs = 120_000;

export interface Program {
  /** What it has printed; complaints only appear when it fails. */
  output(): string;
  type(line: string): void;
  /** Resolves when the output holds what is sought; rejects when the program ends before. */
  until(sought: RegExp): Promise<RegExpExecArray>;
  /** Asks it to end; its exit code, or the signal that ended it. */
  stop(): Promise<number | string>;
}

/** Runs a line of a shell in the project, with nothing of this process's environment but the paths. */
export function run(line: string, env: Record<string, string> = {}): Program {
  const { PATH, HOME } = process.env;
  const child = spawn('sh', ['-euc', `exec ${line}`], { cwd: top, env: { PATH, HOME, ...env } });
  return watch(child, line);
}

function watch(child: ChildProcess, name: string): Program {
  let text = '';
  let complaints = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  let isOver = false;
  void ended.then(() => (isOver = true));
  return {
    output: () => text,
    type: (line) => void child.stdin?.write(`${line}\n`),
    async until(sought) {
      await vi.waitUntil(() => isOver || sought.test(text), { timeout: patienceMs, interval: 10 });
      const found = sought.exec(text);
      if (!found) throw new Error(`"${name}" ended without ${sought}:\n${text}${complaints}`);
      return found;
    },
    stop() {
      if (!isOver) child.kill('SIGTERM');
      return ended;
    },
  };
}

const mark = '@@ done';

/** A shell that keeps its variables from one block of commands to the next; it ends at the first that fails. */
export class Shell {
  readonly #program: Program;
  #seen = 0;

  constructor(env: Record<string, string>) {
    this.#program = run('sh -eu', env);
    this.#program.type(curl);
  }

  /** Runs commands; answers what they printed. */
  async run(commands: string): Promise<string> {
    this.#program.type(`{\n${commands}\n} </dev/null\necho '${mark}'`);
    const before = this.#seen;
    await this.#program.until(new RegExp(`^[^]{${before}}[^]*${mark}\n`));
    this.#seen = this.#program.output().length;
    return this.#program.output().slice(before, -mark.length - 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop();
  }
}

/** Where the machine has no curl, a stand-in for what the README asks of it. */
const curl = `command -v curl >/dev/null || curl() { node '${dirname(fileURLToPath(import.meta.url))}/curl.mjs' "$@"; }`;
