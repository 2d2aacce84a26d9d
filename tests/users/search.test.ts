import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { searchPeople } from '../../src/server/users/queries.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { codeOf, createAsk, pageOf } from './cast.ts';

let server: TestServer;
let sql: Sql;
/** For what takes longer than a statement of the server may. */
let filling: postgres.Sql;
let alice: Actor;
const { get, patch } = createAsk(() => server);

interface Person {
  name: string;
  username?: string;
  first_name?: string;
  last_name?: string;
  email?: string;
  phone?: string;
}

/** People are known in these tests by their names. */
const cast: Person[] = [
  { name: 'Алёна Щукина', username: 'shchuka' },
  { name: 'АЛЕНА БЕЛОВА', username: 'belova.a' },
  { name: 'Пётр Сергеевич Ёлкин', username: 'petr_e' },
  { name: 'pete', first_name: 'Piotr', last_name: 'Łukasz', username: 'pete' },
  { name: 'Nichole Carroll', username: 'nichole_carroll', email: 'Nichole@Example.com', phone: '+79990001122' },
  { name: 'Nicholas O’Brien', username: 'nick' },
  { name: 'Nina Nilsson', username: 'nini' },
];

beforeAll(async () => {
  server = await startTestServer();
  sql = openPool(server.databaseUrl, 2);
  filling = postgres(server.databaseUrl, { max: 1 });
  alice = await createActor(server, 'Zoë');
  for (const person of cast) await insert(person);
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await Promise.all([sql.end(), filling.end()]);
  await server[Symbol.asyncDispose]();
});

async function insert(person: Person): Promise<string> {
  const { name, username = null, first_name = null, last_name = null, email = null, phone = null } = person;
  const id = randomUUID();
  await sql`insert into users (id, name, username, first_name, last_name, email, phone)
    values (${id}, ${name}, ${username}, ${first_name}, ${last_name}, ${email}, ${phone})`;
  return id;
}

const search = (text: string, more = '') =>
  pageOf(get(alice, `/users?q=${encodeURIComponent(text)}${more}`).expect(200));
const find = async (text: string): Promise<string[]> =>
  (await search(text)).users.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1));

test.each([
  ['the beginning of a name', 'Алё', ['АЛЕНА БЕЛОВА', 'Алёна Щукина']],
  ['ё written as е and in capitals', 'АЛЕНА', ['АЛЕНА БЕЛОВА', 'Алёна Щукина']],
  ['е written as ё', 'ёлк', ['Пётр Сергеевич Ёлкин']],
  ['a word in the middle', 'сергеев', ['Пётр Сергеевич Ёлкин']],
  ['several words, in any order', 'щук алена', ['Алёна Щукина']],
  ['words of which one fits nobody', 'алена ёлкин', []],
  ['a first and a last name', 'łuk piotr', ['pete']],
  ['a last name in capitals', 'ŁUKASZ', ['pete']],
  ['a username', 'NICHOLE_C', ['Nichole Carroll']],
  ['the part of a username after a dot', 'belova', ['АЛЕНА БЕЛОВА']],
  ['a name with an apostrophe', "o'brien", ['Nicholas O’Brien']],
  ['two words that begin alike', 'ni ni', ['Nicholas O’Brien', 'Nichole Carroll', 'Nina Nilsson']],
  ['what stands in the middle of a word', 'елова', []],
  ['signs that mean something elsewhere', '%', []],
  ['a pattern', '.*', []],
  ['a lone backslash', '\\', []],
  ['nothing', '  ', []],
])('finds people by %s: %s', async (_what, text, expected) => {
  expect(await find(text)).toEqual(expected);
});

test('lists each person once, the words in order, page by page, and the same each time', async () => {
  const names = ['Kira Kirova', 'Kir Kirov', 'Kirill Kiriakov', 'Kirk Kirkland', 'Kirsten Kirsch'];
  for (const [i, name] of names.entries()) await insert({ name, username: `kir_kir${i}` });
  const whole = (await search('kir', '&limit=200')).users.map(({ name }) => name);
  expect(whole.toSorted()).toEqual(names.toSorted());
  const paged: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page = await search('kir', `&limit=2${next && `&after=${encodeURIComponent(next)}`}`);
    paged.push(...page.users.map(({ name }) => name));
    next = page.next;
  }
  expect(paged).toEqual(whole);
});

test('shows e-mail address and number only of whom they were searched for, and only those', async () => {
  const [byEmail, byPhone, byName] = await Promise.all([
    search(' nichole@example.COM '),
    search('+7 (999) 000-11-22'),
    search('nichole'),
  ]);
  expect(byEmail.users).toMatchObject([{ name: 'Nichole Carroll', email: 'Nichole@Example.com', phone: null }]);
  expect(byPhone.users).toMatchObject([{ name: 'Nichole Carroll', email: null, phone: '+79990001122' }]);
  expect(byName.users).toMatchObject([{ name: 'Nichole Carroll', email: null, phone: null }]);
  for (const part of ['nichole@example', '@example.com', '+7999', '+', '@'])
    expect((await search(part)).users).toEqual([]);
});

test('shows nobody’s e-mail address in a search by name, chat or not', async () => {
  const bob = await createActor(server, 'Bobert');
  await createGroup(server, [alice, bob]);
  const { users } = await search('bobert');
  expect(users).toMatchObject([{ id: bob.id, email: null, phone: null, username: null }]);
});

test('finds who is called otherwise now by the new name alone, and who is deactivated not at all', async () => {
  const gustav = await createActor(server, 'Gustav');
  await patch(gustav, '/users/me', { name: 'Герман', last_name: 'Грефов' }).expect(200);
  expect(await find('gustav')).toEqual([]);
  expect(await find('герм греф')).toEqual(['Герман']);
  await patch(gustav, '/users/me', { last_name: null }).expect(200);
  expect(await find('греф')).toEqual([]);
  await sql`select deactivate_user(${gustav.id})`;
  expect(await find('герм')).toEqual([]);
  expect((await search(gustav.email)).users).toEqual([]);
  await sql`select activate_user(${gustav.id})`;
  expect(await find('герм')).toEqual(['Герман']);
});

test('refuses what is too long and a place that is none', async () => {
  await get(alice, `/users?q=${'x'.repeat(101)}`).expect(422);
  for (const after of ['x', '_', `_${randomUUID()}`, 'кир_42'])
    await get(alice, '/users?q=x').query({ after }).expect(422);
  await get(alice, '/users?q=x')
    .query({ after: `zzz_${randomUUID()}` })
    .expect(200, { users: [], next: null });
});

test('a person searches thirty times a minute', async () => {
  await using limited = await startTestServer({ config: { rateLimits: true } });
  const actor = await createActor(limited, 'Busy');
  const ask = createAsk(() => limited);
  for (let i = 0; i < 30; i++) await ask.get(actor, '/users?q=busy').expect(200);
  const refused = await ask.get(actor, '/users?q=%2B79990001122').expect(429);
  expect(await codeOf(Promise.resolve(refused))).toBe('rate_limited');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('a page costs some rows of the index for each of its people, however many there are', async () => {
  await filling`
    insert into users (id, name, username)
    select gen_random_uuid(), 'Many ' || (array['Петров', 'Кузнецов', 'Иванов'])[1 + i % 3] || i, 'many' || i
    from generate_series(1, 5000) i`;
  const viewer = { userId: alice.id, sessionId: randomUUID() };
  await sql`insert into sessions (id, user_id, kind, expires_at)
    values (${viewer.sessionId}, ${viewer.userId}, 'socket', now() + interval '1 day')`;
  // What the connection did in its last transactions may be counted as well, so the difference is looked at.
  const countReturned = async (tx: postgres.TransactionSql): Promise<number> => {
    const [row] = await tx<{ rows: string }[]>`
      select sum(pg_stat_get_xact_tuples_returned(o.oid)) as rows from pg_class o
       where o.oid in ('user_words'::regclass, 'user_words_word_index'::regclass, 'user_words_pkey'::regclass,
         'users'::regclass, 'users_pkey'::regclass)`;
    return Number(row!.rows);
  };
  const countRows = (text: string): Promise<number> =>
    sql.begin(async (tx) => {
      const before = await countReturned(tx);
      const page = await searchPeople(tx as unknown as Sql, { ...viewer, text, limit: 20 });
      expect(page.users).toHaveLength(20);
      return (await countReturned(tx)) - before;
    });
  for (const text of ['m', 'петров', 'many иванов']) expect(await countRows(text), text).toBeLessThan(2_000);
});

test('of words typed together the rarest leads, wherever it stands', async () => {
  const id = await insert({ name: 'Omega', username: 'manyzz' });
  for (const text of ['many ome', 'ome many']) {
    const { users, next } = await search(text);
    expect([users.map((user) => user.id), next], text).toEqual([[id], null]);
  }
});

test('common words that few have together end the page early, with a place to go on from', async () => {
  await filling`insert into users (id, name, username) select gen_random_uuid(), 'Quill', 'quill' || i from generate_series(1, 600) i`;
  const id = await insert({ name: 'Quill', username: 'manyzzz' });
  const first = await search('many quil');
  expect(first.users).toEqual([]);
  const found: string[] = [];
  let pages = 0;
  for (let next = first.next; next !== null; pages++) {
    const page = await search('many quil', `&after=${encodeURIComponent(next)}`);
    found.push(...page.users.map((user) => user.id));
    next = page.next;
  }
  expect(found).toEqual([id]);
  expect(pages).toBeLessThan(10);
});
