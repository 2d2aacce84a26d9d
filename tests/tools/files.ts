import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../../scripts/support/dataset.ts';
import { build, compiled, top } from '../support/programs.ts';

export const fakeFile = join(top, 'fake_data.json');

/** The people and chats of fake_data.json that tests speak of. */
export const fake = {
  james: 'd61d47bb-2cd2-4c1d-8975-938263836086',
  vincent: '599e25c1-693d-4620-9abf-fde1dda5d426',
  jason: 'ef642621-024a-4db6-9ab2-5304c6e6221d',
  samantha: '5804d97d-0fff-4444-8647-1345d5f42175',
  door: '27784f95-d0e0-478d-b224-f718fe2da52c',
  number: '6dd93564-eb66-45b7-888b-86ad6b4079d6',
  bitRoom: '6aa93e81-fefe-4b8f-812c-af1a50b077ec',
  prove: '3833f4e4-b1e7-4b47-b1ba-d10157b446bb',
  doorMessage: '9d5a44c4-3115-477b-83da-f7c8b4f34896',
  numberMessage: 'b0b47faf-fafc-4447-b983-a3cc88a4eb5f',
} as const;

export const readFake = async (): Promise<Dataset> => JSON.parse(await readFile(fakeFile, 'utf8')) as Dataset;

/** A folder that is gone when the test is over. */
export async function makeFolder(): Promise<
  AsyncDisposable & { path: string; write(name: string, content: unknown): Promise<string> }
> {
  const path = await mkdtemp(join(tmpdir(), 'messenger-files-'));
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs scripts/<name>.ts as its npm script does. */
export function runScript(name: string, args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  build();
  const child = spawn(process.execPath, [compiled(`scripts/${name}.ts`), ...args], {
    cwd: top,
    env: { PATH: process.env['PATH'], BCRYPT_COST: '4', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
