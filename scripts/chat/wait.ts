import type { Messenger } from '../../src/client/index.ts';
import { Complaint, exitCodes } from './complaint.ts';

/** What `work` resolves to. @throws Complaint with `text` when it takes longer. */
export async function within<T>(work: Promise<T>, waitMs: number, text: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Complaint(text, exitCodes.unreachable)), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when nothing waits to be sent but what was refused, or when `waitMs` are over, or the messenger has stopped. */
export function waitForOutbox({ store }: Pick<Messenger, 'store'>, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const isDone = (): boolean =>
      store.get('connection') === 'stopped' || store.get('outbox').every(({ status }) => status === 'failed');
    if (isDone()) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      for (const end of endings) end();
      resolve();
    };
    const look = (): void => {
      if (isDone()) finish();
    };
    const timer = setTimeout(finish, waitMs);
    const endings = [store.subscribe('outbox', look), store.subscribe('connection', look)];
  });
}
