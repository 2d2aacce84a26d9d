import request from 'supertest';
import { expect } from 'vitest';
import type { IssuedTokens } from '../../src/server/accounts/accounts.ts';

export const password = 'a long enough one';

export interface RegisteredPerson {
  id: string;
  name: string;
  email: string;
  phone: string;
  username: string;
}

let people = 0;

/** Somebody with all three identifiers, and `password`. */
export async function register(url: string, name: string): Promise<RegisteredPerson> {
  const n = ++people;
  const person = {
    name,
    email: `${name}.${n}@Example.com`,
    phone: `+7999${String(n).padStart(7, '0')}`,
    username: `${name}_${n}`,
  };
  const response = await request(url)
    .post('/api/v1/auth/register')
    .send({ ...person, password })
    .expect(200);
  return { ...person, id: (response.body as { id: string }).id };
}

export const tryLogIn = (url: string, body: object) => request(url).post('/api/v1/auth/token').send(body);

export async function logIn(url: string, person: { email: string }): Promise<IssuedTokens> {
  return tokensOf(await tryLogIn(url, { email: person.email, password }).expect(200));
}

/** What the server says to a request for the list of sessions by this token: the cheapest way to ask whether it works. */
export const askWith = (url: string, token: string) =>
  request(url).get('/api/v1/sessions').set('authorization', `Bearer ${token}`);

export const tokensOf = (response: { body: unknown }): IssuedTokens => response.body as IssuedTokens;

/** All statuses, ascending. */
export const statusesOf = (responses: { status: number }[]): number[] =>
  responses.map(({ status }) => status).toSorted((a, b) => a - b);

/** The code of the error that a request is answered with. */
export const codeOf = (response: { body: unknown }): unknown => (response.body as { code?: unknown }).code;

/** The fields that a 422 names, with what is wrong with each. */
export function mistakesOf(response: { status: number; body: unknown }): string[] {
  expect(response.status).toBe(422);
  const { detail } = response.body as { detail: { loc: string[]; type: string }[] };
  return detail.map(({ loc, type }) => `${loc.slice(1).join('.')} ${type}`);
}
