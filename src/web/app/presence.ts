/** Whose presence the server is asked to tell: all whom what is on the screen wants, together. */
import { useEffect } from 'preact/hooks';
import type { Messenger } from '../../client/index.ts';
import { useMessenger } from './slices.ts';

const gatherMs = 100;
/** Until the server has said how many it takes. */
const maxUnknown = 200;

/** How many want to hear of each person. */
const wanted = new Map<string, number>();
let timer: ReturnType<typeof setTimeout> | undefined;

function change(messenger: Messenger, userIds: readonly string[], by: 1 | -1): void {
  for (const userId of userIds) {
    const count = (wanted.get(userId) ?? 0) + by;
    if (count > 0) wanted.set(userId, count);
    else wanted.delete(userId);
  }
  clearTimeout(timer);
  timer = setTimeout(() => tell(messenger), gatherMs);
}

/** The messenger says it again on each connection, so one that fails is made up for. */
function tell(messenger: Messenger): void {
  const most = messenger.limits?.max_watched ?? maxUnknown;
  messenger.watch([...wanted.keys()].slice(0, most)).catch(() => undefined);
}

/** While it is mounted, the `presence:` slices of these people are kept up to date. */
export function useWatch(userIds: readonly string[]): void {
  const messenger = useMessenger();
  const key = userIds.join();
  useEffect(() => {
    if (userIds.length === 0) return undefined;
    change(messenger, userIds, 1);
    return () => change(messenger, userIds, -1);
  }, [messenger, key]);
}
