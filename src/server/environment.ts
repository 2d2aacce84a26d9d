import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { StartError } from './start-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The file `.env` of the working folder under the variables of the shell, which win. @throws StartError when it cannot be read. */
export const readEnvironment = (shell: Environment): Environment =>
  existsSync('.env') ? { ...parseEnv(readText('.env')), ...shell } : shell;

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(
      `The file ${file} cannot be read: ${(error as Error).message}. Give this user the right to read it, or take it away.`,
    );
  }
}
