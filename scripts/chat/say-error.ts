import { MessengerError } from '../../src/client/index.ts';
import { Complaint, exitCodes } from './complaint.ts';
import type { Look } from './look.ts';
import { toSafeLine } from './safe-text.ts';

/** What went wrong, in the language of whoever reads it; undefined where it is a bug. */
export function sayError(error: unknown, t: Look['t']): string | undefined {
  if (error instanceof Complaint) return error.message;
  if (!(error instanceof MessengerError)) return undefined;
  const mistakes = error.mistakes.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`);
  return toSafeLine([t.errors[error.code], ...mistakes].join(' '));
}

const unreachable: ReadonlySet<string> = new Set(['offline', 'connection_lost', 'timeout']);

/** How a process ends by an error. */
export function toExitCode(error: unknown): number {
  if (error instanceof Complaint) return error.exitCode;
  return error instanceof MessengerError && unreachable.has(error.code) ? exitCodes.unreachable : exitCodes.refused;
}
