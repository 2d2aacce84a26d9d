/** Mentions while one writes: `@` and a name in the text, until the message is sent with their places. */
import type { Mention, Person } from '../../../client/index.ts';

/** A person as they stand in the text: `@Bob`. */
export interface Token {
  token: string;
  userId: string;
}

/** What is being typed after an `@`. */
export interface MentionQuery {
  /** Where its `@` stands, in UTF-16 units. */
  start: number;
  query: string;
}

/** The beginning of a name before the caret; undefined: there is none. */
export function findQuery(text: string, caret: number): MentionQuery | undefined {
  const found = /(?:^|[\s([{«"'])@([\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]+)?)$/u.exec(text.slice(0, caret));
  if (!found) return undefined;
  const query = found[1]!;
  return { start: caret - query.length - 1, query };
}

const fold = (text: string): string => text.toLocaleLowerCase();

/** Who is meant by what was typed: whose name, one of its words or username begins so. */
export function matchPeople(people: readonly Person[], query: string): Person[] {
  const wanted = fold(query);
  const rankOf = ({ name, username }: Person): number => {
    if (fold(name).startsWith(wanted) || (username !== null && fold(username).startsWith(wanted))) return 0;
    return fold(name).includes(` ${wanted}`) ? 1 : 2;
  };
  return people
    .filter((person) => !person.deleted && rankOf(person) < 2)
    .sort((a, b) => rankOf(a) - rankOf(b) || a.name.localeCompare(b.name))
    .slice(0, 6);
}

const wordy = /[\p{L}\p{N}_]/u;

/**
 * The mentions in a text. `picked`: those chosen from the list, in the order of the text where two are called alike; they go
 * before `known`, what else stands for somebody when it was typed by hand.
 */
export function toMentions(text: string, picked: readonly Token[], known: readonly Token[], max: number): Mention[] {
  const usersOf = new Map<string, string[]>();
  for (const { token, userId } of picked) {
    const users = usersOf.get(token);
    if (users) users.push(userId);
    else usersOf.set(token, [userId]);
  }
  for (const { token, userId } of known) if (!usersOf.has(token)) usersOf.set(token, [userId]);
  // `@Ann Lee` is not `@Ann`.
  const tokens = [...usersOf.keys()].filter((token) => token.length > 1).sort((a, b) => b.length - a.length);
  const mentions: Mention[] = [];
  let offset = 0;
  for (let at = 0; at < text.length && mentions.length < max;) {
    const token = startsName(text, at) ? tokens.find((one) => standsAt(text, at, one)) : undefined;
    if (token === undefined) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      offset++;
      continue;
    }
    const users = usersOf.get(token)!;
    const length = Array.from(token).length;
    mentions.push({ user_id: users.length > 1 ? users.shift()! : users[0]!, offset, length });
    at += token.length;
    offset += length;
  }
  return mentions;
}

const startsName = (text: string, at: number): boolean => text[at] === '@' && (at === 0 || !wordy.test(text[at - 1]!));

const standsAt = (text: string, at: number, token: string): boolean =>
  text.startsWith(token, at) && !wordy.test(text[at + token.length] ?? ' ');

/** What stands for people who were mentioned in a message. */
export function toTokens(text: string, mentions: readonly Mention[] = []): Token[] {
  const points = Array.from(text);
  return mentions.map(({ user_id: userId, offset, length }) => ({
    token: points.slice(offset, offset + length).join(''),
    userId,
  }));
}

/** What one can type by hand for people: `@username` and `@Name`. */
export const toKnown = (people: readonly Person[]): Token[] =>
  people
    .filter(({ deleted }) => !deleted)
    .flatMap(({ id: userId, name, username }) => [
      ...(username === null ? [] : [{ token: `@${username}`, userId }]),
      { token: `@${name}`, userId },
    ]);
