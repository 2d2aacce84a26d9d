import { forgetDeletedGroups } from './chats/housekeeping.ts';
import type { Parts } from './parts.ts';

/** Logs what failed where nobody waits for it. */
export type Warn = (text: string) => (error: unknown) => void;

const hourMs = 3_600_000;
const hoursPerDay = 24;

/**
 * What every node does now and then: old rows and files go. What a process that was killed left is looked for at the
 * start too.
 */
export function startHousekeeping({ accounts, connections, media, sql, uploads }: Parts, warn: Warn): NodeJS.Timeout {
  let hours = 0;
  const cleanUp = (): void => {
    connections.keepHouse().catch(warn('the history of connections could not be tidied'));
    uploads.sweep().catch(warn('abandoned uploads could not be deleted'));
  };
  cleanUp();
  return setInterval(() => {
    cleanUp();
    accounts.forgetEnded().catch(warn('old sessions could not be deleted'));
    forgetDeletedGroups(sql).catch(warn('what deleted groups left behind could not be deleted'));
    // First an hour after the start: who restarts every day would never come to the end of one.
    if (hours++ % hoursPerDay === 0) void media.collectAll();
  }, hourMs).unref();
}
