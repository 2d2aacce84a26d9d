import { otherOf } from '../app/names.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { toErrorText } from '../app/error-text.ts';
import { usePeopleSearch } from './people-search.ts';
import type { Found } from './person-item.tsx';
import { texts } from './texts.ts';

const maxKnown = 30;

export interface People {
  people: readonly Found[];
  /** How the search stands; empty when there is nothing to say. */
  status: string;
}

/** Other people to choose from: whom a search has found, and before it those whom one talks to. */
export function usePeople(typed: string): People {
  const { store, user } = useMessenger();
  const chats = useSlice('chats');
  const search = usePeopleSearch(typed);
  if (search.state === 'idle') {
    const known = chats.flatMap((chat) => store.get(`person:${otherOf(chat, user?.id) ?? ''}`) ?? []);
    return { people: known.filter(({ id, deleted }) => id !== user?.id && !deleted).slice(0, maxKnown), status: '' };
  }
  const people = search.people.filter(({ id }) => id !== user?.id);
  const t = texts();
  const status =
    search.state === 'searching'
      ? t.searching
      : search.state === 'failed'
        ? toErrorText(search.error)
        : people.length === 0
          ? t.nothing
          : '';
  return { people, status };
}
