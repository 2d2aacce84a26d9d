import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';
import { build, compiled, top } from '../support/programs.ts';

export interface RunningScript extends AsyncDisposable {
  /** What it has printed to stdout. */
  readonly output: string;
  readonly complaints: string;
  type(...lines: string[]): void;
  /** There will be no more input. */
  end(): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the output after `from` holds what is sought; rejects when the script ends before. */
  until(sought: RegExp | string, from?: number): Promise<void>;
  /** How it ended. */
  readonly exitCode: Promise<number | null>;
}

export interface ScriptOptions {
  args: string[];
  env?: Record<string, string>;
}

/** Starts scripts/<name>.ts as its npm script does, without a terminal. */
export function startScript(name: string, { args, env = {} }: ScriptOptions): RunningScript {
  build();
  const child = spawn(process.execPath, [compiled(`scripts/${name}.ts`), ...args], {
    cwd: top,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', LANG: 'C', ...env },
    stdio: 'pipe',
  });
  let output = '';
  let complaints = '';
  let isOver = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  // Whoever types into a script that has ended is told by what it printed.
  child.stdin.on('error', () => undefined);
  const exitCode = once(child, 'close').then(([code]) => {
    isOver = true;
    return code as number | null;
  });
  return {
    get output() {
      return output;
    },
    get complaints() {
      return complaints;
    },
    exitCode,
    type: (...lines) => void child.stdin.write(lines.map((line) => `${line}\n`).join('')),
    end: () => void child.stdin.end(),
    signal: (signal) => void child.kill(signal),
    async until(sought, from = 0) {
      const isThere = (): boolean => {
        const text = output.slice(from);
        return typeof sought === 'string' ? text.includes(sought) : sought.test(text);
      };
      await vi.waitUntil(() => isOver || isThere(), { timeout: 40_000, interval: 10 }).catch(() => undefined);
      if (!isThere()) throw new Error(`${name} did not print ${sought}:\n${output}\n${complaints}`);
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill('SIGKILL');
      await exitCode;
    },
  };
}
