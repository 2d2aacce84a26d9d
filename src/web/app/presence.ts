/** Whose presence is looked at: the people of all components that are on the page. */
import { useEffect } from 'preact/hooks';
import type { Messenger } from '../../client/index.ts';
import { useMessenger } from './slices.ts';

const gatherMs = 100;
const counts = new Map<string, number>();
let timer: ReturnType<typeof setTimeout> | undefined;

function tell(messenger: Messenger): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    messenger.watch([...counts.keys()].slice(0, messenger.limits?.max_watched)).catch(() => undefined);
  }, gatherMs);
}

function count(userId: string, by: number): void {
  const next = (counts.get(userId) ?? 0) + by;
  if (next > 0) counts.set(userId, next);
  else counts.delete(userId);
}

/** Keeps `presence:<id>` of these people up to date as long as the component is on the page. */
export function useWatch(userIds: readonly string[]): void {
  const messenger = useMessenger();
  useEffect(() => {
    for (const userId of userIds) count(userId, 1);
    tell(messenger);
    return () => {
      for (const userId of userIds) count(userId, -1);
      tell(messenger);
    };
  }, [messenger, userIds.join()]);
}
