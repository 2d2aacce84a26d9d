import { DatasetError } from './dataset.ts';
import { StartError } from '../../src/server/start-error.ts';

const isSystemError = (error: Error): boolean => 'syscall' in error;

/**
 * Runs a command to its end. What its user can mend is said in a line and exits 1; anything else is a bug and keeps its
 * stack.
 */
export async function runCommand(command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const isMeantForPeople =
      error instanceof DatasetError || error instanceof StartError || (error instanceof Error && isSystemError(error));
    console.error(isMeantForPeople ? error.message : error);
    process.exitCode = 1;
  }
}
