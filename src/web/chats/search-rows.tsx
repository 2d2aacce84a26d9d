import type { ChatView, Messenger } from '../../client/index.ts';
import { otherOf, toChatFace } from '../app/names.ts';
import { useMessenger } from '../app/slices.ts';
import { ListItem } from '../ui/list-item.tsx';
import { matches } from './arrange.ts';
import { toErrorText } from '../app/error-text.ts';
import { openDirect } from './open-direct.ts';
import { usePeopleSearch, type PeopleSearch } from './people-search.ts';
import { FoundAvatar, toDetail } from './person-item.tsx';
import type { Row } from './row-list.tsx';
import { texts } from './texts.ts';

export interface SearchRows {
  rows: readonly Row[];
  /** How it stands, for who listens. */
  status: string;
}

/** What a search shows: chats at once, people as soon as the server has found them. */
export function useSearchRows(
  chats: readonly ChatView[],
  typed: string,
  { toRow, onDone }: { toRow: (chat: ChatView) => Row; onDone: () => void },
): SearchRows {
  const messenger = useMessenger();
  const search = usePeopleSearch(typed);
  const text = typed.trim();
  const t = texts();
  if (text === '') return { rows: [], status: '' };
  const found = chats.filter((chat) => matches(toChatFace(chat, messenger.user?.id, messenger.store).name, text));
  const shown = new Set(found.map((chat) => otherOf(chat, messenger.user?.id)));
  const people = search.people.filter(({ id }) => id !== messenger.user?.id && !shown.has(id));
  const note = toNote(search, found.length + people.length);
  const rows: Row[] = [
    ...withHeading(t.chats, found.map(toRow)),
    ...withHeading(t.people, toPersonRows(messenger, people, onDone)),
    ...(note === undefined
      ? []
      : [{ id: 'note', isPassive: true, render: () => <p class="chat-list-note">{note}</p> }]),
  ];
  return { rows, status: note ?? t.found(found.length + people.length) };
}

const withHeading = (heading: string, rows: readonly Row[]): Row[] =>
  rows.length === 0
    ? []
    : [
        { id: `heading:${heading}`, isPassive: true, render: () => <h2 class="chat-list-group">{heading}</h2> },
        ...rows,
      ];

const toPersonRows = (messenger: Messenger, people: PeopleSearch['people'], onDone: () => void): Row[] =>
  people.map((person) => ({
    id: person.id,
    render: (tabIndex) => (
      <div class="chat-list-person">
        <ListItem
          leading={<FoundAvatar person={person} size={3} />}
          title={person.name}
          subtitle={toDetail(person)}
          tabIndex={tabIndex}
          onSelect={() => void openDirect(messenger, person.id).then(onDone)}
        />
      </div>
    ),
  }));

function toNote({ state, error }: PeopleSearch, count: number): string | undefined {
  if (state === 'searching') return texts().searching;
  if (state === 'failed') return toErrorText(error);
  return count === 0 ? texts().nothing : undefined;
}
