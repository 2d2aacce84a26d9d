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

const nobody: ReadonlySet<string> = new Set();

/**
 * Other people to choose from: whom a search has found, and before it those whom one talks to. `members`: who is of no use;
 * they are found all the same, as the last ones, so that nobody is looked for in vain.
 */
export function usePeople(typed: string, members = nobody): People {
  const { store, user } = useMessenger();
  const chats = useSlice('chats');
  const search = usePeopleSearch(typed);
  const t = texts();
  if (search.state === 'idle') {
    const known = chats.flatMap((chat) => store.get(`person:${otherOf(chat, user?.id) ?? ''}`) ?? []);
    const people = known
      .filter(({ id, deleted }) => id !== user?.id && !deleted && !members.has(id))
      .slice(0, maxKnown);
    return { people, status: people.length === 0 ? t.emptyText : '' };
  }
  const people = search.people
    .filter(({ id }) => id !== user?.id)
    .toSorted((a, b) => Number(members.has(a.id)) - Number(members.has(b.id)));
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
