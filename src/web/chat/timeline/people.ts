/** People who are spoken of, but have said nothing here themselves. */
import { useEffect } from 'preact/hooks';
import type { Messenger } from '../../../client/index.ts';
import { usePerson, type Face } from '../../app/names.ts';
import { useMessenger } from '../../app/slices.ts';

const gatherMs = 50;
const wanted = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function want(messenger: Messenger, userId: string): void {
  wanted.add(userId);
  timer ??= setTimeout(() => {
    timer = undefined;
    const ids = [...wanted].slice(0, messenger.limits?.max_watched ?? 100);
    wanted.clear();
    messenger.getUsers(ids).catch(() => undefined);
  }, gatherMs);
}

/** The same as `usePerson`; who is not known is asked for. */
export function useAnyone(userId: string): Face {
  const messenger = useMessenger();
  useEffect(() => {
    if (!messenger.store.get(`person:${userId}`)) want(messenger, userId);
  }, [messenger, userId]);
  return usePerson(userId);
}
