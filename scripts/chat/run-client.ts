import { CommanderError, type Command } from 'commander';
import { MessengerError } from '../../src/client/index.ts';
import { Complaint, exitCodes } from './complaint.ts';
import { sayError, toExitCode } from './say-error.ts';
import type { Texts } from './texts/en.ts';

/** A reader who has seen enough, such as `head`, is no failure. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.refused);
  });
}

const isSystemError = (error: unknown): error is Error => error instanceof Error && 'syscall' in error;

/**
 * Runs a command to its end and sets how the process ends. What its user can mend is said in a line on stderr; anything else
 * is a bug and keeps its stack.
 */
export async function runClient(program: Command, getTexts: () => Texts): Promise<void> {
  endWithReader();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    process.exitCode = toExitCode(error);
    const isMeantForPeople = error instanceof Complaint || error instanceof MessengerError;
    if (isMeantForPeople) console.error(sayError(error, getTexts()));
    else console.error(isSystemError(error) ? error.message : error);
  }
}
