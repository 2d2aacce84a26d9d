import { useEffect, useState } from 'preact/hooks';
import type { Profile } from '../../protocol/users.ts';
import { toError } from '../app/api.ts';
import { useMessenger } from '../app/slices.ts';
import { matches } from './arrange.ts';

/** Who types on is not asked about every letter. */
const settleMs = 250;
/** Until the next try where the server says that it was asked too often, but not for how long. */
const pauseMs = 3_000;
const maxShown = 50;

/** What a search for people has found. */
export interface PeopleSearch {
  /** Whom it found; while it goes on those of the search before who fit. */
  people: readonly Profile[];
  state: 'idle' | 'searching' | 'done' | 'failed';
  error?: unknown;
}

const nothing: PeopleSearch = { people: [], state: 'idle' };

/** Finds people on the server by name, username, e-mail or phone. Of several searches only the last one counts. */
export function usePeopleSearch(typed: string): PeopleSearch {
  const messenger = useMessenger();
  const text = typed.trim();
  const [found, setFound] = useState<PeopleSearch & { text: string }>({ ...nothing, text: '' });
  useEffect(() => {
    if (text === '') return undefined;
    let isCurrent = true;
    const path = `/api/v1/users?${new URLSearchParams({ q: text, limit: String(maxShown) }).toString()}`;
    const search = async (): Promise<void> => {
      try {
        const { users } = (await messenger.request({ method: 'GET', path })) as { users: Profile[] };
        if (isCurrent) setFound({ text, people: users, state: 'done' });
      } catch (error) {
        if (!isCurrent) return;
        const { code, afterMs = pauseMs } = toError(error);
        if (code === 'rate_limited') timer = setTimeout(() => void search(), afterMs);
        else setFound({ text, people: [], state: 'failed', error });
      }
    };
    let timer = setTimeout(() => void search(), settleMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [messenger, text]);
  if (text === '') return nothing;
  if (found.text === text) return found;
  const fits = ({ name, username }: Profile): boolean => matches(`${name} ${username ?? ''}`, text);
  return { people: found.people.filter(fits), state: 'searching' };
}
