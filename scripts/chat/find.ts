import type { ChatView, Messenger, Person } from '../../src/client/index.ts';
import { Complaint } from './complaint.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const maxListed = 5;

interface Named<T> {
  item: T;
  name: string;
}

/** Those who are called so; else whose name begins so; else whose name holds it. */
function findNamed<T>(query: string, all: readonly Named<T>[]): T[] {
  const wanted = query.toLowerCase();
  const ways = [
    (name: string) => name === wanted,
    (name: string) => name.startsWith(wanted),
    (name: string) => name.includes(wanted),
  ];
  for (const fits of ways) {
    const found = all.filter(({ name }) => fits(name.toLowerCase())).map(({ item }) => item);
    if (found.length > 0) return [...new Set(found)];
  }
  return [];
}

/** By its number in the list that was shown last, its id, or its name or a part of it. @throws Complaint */
export function getChat(
  query: string,
  { messenger, names, look, listed }: { messenger: Messenger; names: Names; look: Look; listed: readonly string[] },
): ChatView {
  const chats = messenger.store.get('chats');
  const number = /^\d{1,4}$/.test(query) ? listed[Number(query) - 1] : undefined;
  const known = chats.find(({ id }) => id === number || id === query.toLowerCase());
  if (known !== undefined) return known;
  const found = findNamed(
    query,
    chats.map((chat) => ({ item: chat, name: names.titleOf(chat) })),
  );
  if (found.length === 1) return found[0]!;
  const { t } = look;
  if (found.length === 0) throw new Complaint(t.noChat(query));
  throw new Complaint(t.several(query, listSome(found.map((chat) => names.titleOf(chat)))));
}

const listSome = (titles: readonly string[]): string =>
  titles.slice(0, maxListed).join(', ') + (titles.length > maxListed ? ', …' : '');

/** A person as a search answers them. */
export interface FoundPerson {
  id: string;
  name: string;
  username: string | null;
  email?: string | null;
  phone?: string | null;
}

/** People by how their names begin, by a whole e-mail address or phone number. */
export async function searchPeople(messenger: Messenger, query: string): Promise<FoundPerson[]> {
  const path = `/api/v1/users?limit=20&q=${encodeURIComponent(query)}`;
  const answer = (await messenger.request({ method: 'GET', path })) as { users: FoundPerson[] };
  return answer.users;
}

export interface PersonPlace {
  messenger: Messenger;
  names: Names;
  look: Look;
  /** The people of the search that was shown last. */
  found: readonly string[];
  /** Who is meant rather than anybody else. */
  among?: readonly string[];
}

const sayPerson = ({ name, username }: Pick<Person, 'name' | 'username'>): string =>
  username === null ? name : `${name} (@${username})`;

/**
 * Those of `people` who are meant: whoever has this username, address or number, which is one person's; else who is called
 * so, which anybody may be; else whom a search finds by it. After an `@` stands a username, or how it begins.
 */
function choosePeople(query: string, people: readonly FoundPerson[]): FoundPerson[] {
  const wanted = query.replace(/^@/, '').toLowerCase();
  const is = (called: string | null | undefined): boolean => called?.toLowerCase() === wanted;
  const isIdentifier = ({ username, email, phone }: FoundPerson): boolean => [username, email, phone].some(is);
  const ways: ((person: FoundPerson) => boolean)[] = query.startsWith('@')
    ? [isIdentifier, ({ username }) => username?.toLowerCase().startsWith(wanted) === true]
    : [isIdentifier, ({ name }) => is(name), () => true];
  return ways.map((fits) => people.filter(fits)).find((chosen) => chosen.length > 0) ?? [];
}

function findAmong(query: string, { names, among = [] }: PersonPlace): string[] {
  const isUsername = query.startsWith('@');
  return findNamed(
    query.replace(/^@/, ''),
    among.flatMap((id) => {
      const person = names.findPerson(id);
      return [isUsername ? undefined : person?.name, person?.username]
        .filter((name) => typeof name === 'string')
        .map((name) => ({ item: id, name }));
    }),
  );
}

/** The id of whoever is meant by a number of the last search, an id, an identifier or a name. @throws Complaint */
export async function getPerson(query: string, place: PersonPlace): Promise<string> {
  const { messenger, look, found } = place;
  const numbered = /^\d{1,2}$/.test(query) ? found[Number(query) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  if (uuid.test(query)) return query.toLowerCase();
  const among = findAmong(query, place);
  if (among.length === 1) return among[0]!;
  const several = (people: readonly string[]): Complaint => new Complaint(look.t.several(query, listSome(people)));
  if (among.length > 1) throw several(among.map((id) => place.names.fullNameOf(id)));
  const fitting = choosePeople(query, await searchPeople(messenger, query.replace(/^@/, '')));
  if (fitting.length === 1) return fitting[0]!.id;
  if (fitting.length === 0) throw new Complaint(look.t.noPerson(query));
  throw several(fitting.map(sayPerson));
}
