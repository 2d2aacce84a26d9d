/** Picks several people: of those one writes to, and of all on the server. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Messenger } from '../../client/index.ts';
import type { Profile } from '../../protocol/users.ts';
import { toErrorText } from '../app/error-text.ts';
import { otherOf } from '../app/names.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { SearchField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import './people-picker.css';

const texts = defineTexts({
  en: {
    search: 'Name, e-mail or phone',
    found: 'People',
    known: 'People you write to',
    nobody: 'Nobody was found.',
    begin: 'Begin to type a name.',
    member: 'in the group already',
    unpick: (name: string) => `Do not add ${name}`,
  },
  ru: {
    search: 'Имя, почта или телефон',
    found: 'Люди',
    known: 'Знакомые по чатам',
    nobody: 'Никто не нашёлся.',
    begin: 'Начните вводить имя.',
    member: 'уже в группе',
    unpick: (name: string) => `Не добавлять: ${name}`,
  },
});

/** Somebody who can be picked. */
export interface Candidate {
  id: string;
  name: string;
  username: string | null;
  avatar_small_url: string | null;
}

const waitMs = 300;
const maxFound = 30;
const maxKnown = 30;

/** The others of one's direct chats, the newest activity first. */
const listKnown = ({ store, user }: Messenger): Candidate[] =>
  store
    .get('chats')
    .map((chat) => otherOf(chat, user?.id))
    .filter((id) => id !== undefined && id !== user?.id)
    .map((id) => store.get(`person:${id!}`))
    .filter((person) => person !== undefined && !person.deleted)
    .slice(0, maxKnown) as Candidate[];

type Search = { kind: 'none' | 'waiting' } | { kind: 'found'; people: Candidate[] } | { kind: 'failed'; error: string };

/** Whom the server finds, once the typing pauses. */
function useFound(query: string): Search {
  const messenger = useMessenger();
  const [search, setSearch] = useState<Search>({ kind: 'none' });
  useEffect(() => {
    if (query === '') {
      setSearch({ kind: 'none' });
      return undefined;
    }
    let isWanted = true;
    setSearch((before) => (before.kind === 'found' ? before : { kind: 'waiting' }));
    const timer = setTimeout(() => {
      const path = `/api/v1/users?limit=${maxFound}&q=${encodeURIComponent(query)}`;
      messenger.request({ method: 'GET', path }).then(
        (answer) => isWanted && setSearch({ kind: 'found', people: (answer as { users: Profile[] }).users }),
        (error: unknown) => isWanted && setSearch({ kind: 'failed', error: toErrorText(error) }),
      );
    }, waitMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [messenger, query]);
  return search;
}

/** Who can be picked comes first. */
const lastMembers = (people: readonly Candidate[], members: ReadonlySet<string>): Candidate[] =>
  people.toSorted((a, b) => Number(members.has(a.id)) - Number(members.has(b.id)));

export interface PeoplePickerProps {
  picked: readonly Candidate[];
  /** Who cannot be picked: they are in it already. */
  members: ReadonlySet<string>;
  onChange: (picked: readonly Candidate[]) => void;
}

/** A line to search with, who was picked, and who was found. */
export function PeoplePicker({ picked, members, onChange }: PeoplePickerProps) {
  const messenger = useMessenger();
  const [text, setText] = useState('');
  const query = text.trim();
  const search = useFound(query);
  const known = useMemo(() => listKnown(messenger).filter(({ id }) => !members.has(id)), [messenger, members.size]);
  const t = texts();
  const people = search.kind === 'found' ? lastMembers(search.people, members) : search.kind === 'none' ? known : [];
  const isPicked = (id: string): boolean => picked.some((one) => one.id === id);
  const toggle = (person: Candidate): void =>
    onChange(isPicked(person.id) ? picked.filter(({ id }) => id !== person.id) : [...picked, person]);
  return (
    <div class="people-picker">
      <SearchField label={t.search} value={text} onInput={setText} autofocus />
      {picked.length > 0 && (
        <ul class="people-picker-picked">
          {picked.map((person) => (
            <li key={person.id}>
              <button type="button" aria-label={t.unpick(person.name)} onClick={() => toggle(person)}>
                <span>{person.name}</span>
                <Icon name="close" size={1} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {people.length > 0 && (
        <ul class="people-picker-found" aria-label={query === '' ? t.known : t.found}>
          {people.map((person) => (
            <li key={person.id}>
              <label>
                <Avatar id={person.id} name={person.name} src={person.avatar_small_url} size={2.25} />
                <span class="people-picker-name">
                  {person.name}
                  <small>{members.has(person.id) ? t.member : person.username && `@${person.username}`}</small>
                </span>
                <input
                  type="checkbox"
                  checked={isPicked(person.id)}
                  disabled={members.has(person.id)}
                  onChange={() => toggle(person)}
                />
              </label>
            </li>
          ))}
        </ul>
      )}
      <p class="info-quiet" role="status">
        {search.kind === 'found' && people.length === 0 && t.nobody}
        {search.kind === 'none' && people.length === 0 && t.begin}
        {search.kind === 'failed' && search.error}
      </p>
    </div>
  );
}
