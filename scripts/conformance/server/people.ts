import { randomUUID } from 'node:crypto';
import type { FullClientInput } from '../../../src/protocol/full.ts';

/** Somebody who can log in at the server under test. */
export interface Person {
  name: string;
  login: Omit<FullClientInput<'login'>, 'ref'>;
  /** Of those who were registered here: their access token. */
  token?: string;
}

export const names = ['alice', 'bob', 'carol'] as const;
export type Name = (typeof names)[number];
export type People = Record<Name, Person>;

async function post(url: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached; is the server running, and --url right?`, { cause: error });
  });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, string>;
}

/** Registers three people who are nobody's, over HTTP. */
export async function registerPeople(httpUrl: string): Promise<People> {
  const password = randomUUID();
  const register = async (name: Name): Promise<[Name, Person]> => {
    const identifier = `conformance-${name}-${randomUUID().slice(0, 8)}@example.com`;
    await post(`${httpUrl}/api/v1/auth/register`, { name, email: identifier, password });
    return [name, await logIn(httpUrl, { name, login: { type: 'login', identifier, password } })];
  };
  return Object.fromEntries(await Promise.all(names.map(register))) as People;
}

/** The same person with a session and an access token of their own. */
export async function logIn(httpUrl: string, person: Person): Promise<Person> {
  const { identifier, password } = person.login;
  const { access_token: token } = await post(`${httpUrl}/api/v1/auth/token`, { identifier, password });
  return { ...person, token: token! };
}

/** Three people from `identifier:password`. */
export function readPeople(given: readonly string[]): People {
  if (given.length !== names.length)
    throw new Error(`name ${names.length} people with --person identifier:password, not ${given.length}`);
  return Object.fromEntries(
    names.map((name, i): [Name, Person] => {
      const [, identifier, password] = /^([^:]+):(.+)$/s.exec(given[i]!) ?? [];
      if (identifier === undefined || password === undefined)
        throw new Error('a person is given as identifier:password');
      return [name, { name, login: { type: 'login', identifier, password } }];
    }),
  ) as People;
}
