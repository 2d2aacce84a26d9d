import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openPool, type Sql } from '../../src/server/db/client.ts';
import { createUserCommands, type UserCommands } from '../../src/server/users/commands.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;
let users: UserCommands;
let alice: { userId: string; sessionId: string };
let otherSession: string;
let tries: number;
let announced: string[];
let left: [string, number][];

/** Every command's first call is carried out, and then its connection breaks. */
const createLossy = (pool: Sql): Sql =>
  new Proxy(pool, {
    apply: (target, _self, [strings, ...values]: [TemplateStringsArray, ...string[]]) =>
      target(strings, ...values).then((rows) => {
        if (++tries === 1) throw Object.assign(new Error('cut'), { code: 'CONNECTION_CLOSED' });
        return rows;
      }),
  });

beforeAll(async () => {
  database = await createDatabase();
  sql = openPool(database.url, 2);
  users = createUserCommands({
    sql: createLossy(sql),
    config: { rateLimits: true },
    rateLimits: { countSearch: () => Promise.resolve() },
    accounts: {
      provePassword: () => Promise.resolve('old hash'),
      hashPassword: (password) => Promise.resolve(`hash of ${password}`),
      announceEnded: (ids) => void announced.push(...ids),
    },
    renamed: () => undefined,
    left: (_userId, chats) => void left.push(...chats),
    shown: () => undefined,
    forgetPicture: () => undefined,
  });
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

beforeEach(async () => {
  [tries, announced, left] = [0, [], []];
  alice = { userId: randomUUID(), sessionId: randomUUID() };
  otherSession = randomUUID();
  await sql`insert into users (id, name, username, password_hash) values (${alice.userId}, 'Alice', ${alice.userId}, 'old hash')`;
  for (const id of [alice.sessionId, otherSession])
    await sql`insert into sessions (id, user_id, kind, expires_at) values (${id}, ${alice.userId}, 'device', now() + interval '1 day')`;
});

const proof = { currentPassword: 'the old one', ip: '192.0.2.1' };

test('a changed password whose answer was lost is changed, and the sessions that ended are announced', async () => {
  const change = { about: 'Here' };
  expect(await users.updateProfile({ ...alice, change, password: 'new', proof })).toMatchObject({ about: 'Here' });
  expect(tries).toBe(2);
  expect(announced).toEqual([otherSession]);
  const [row] = await sql`select password_hash as hash from users where id = ${alice.userId}`;
  expect(row).toEqual({ hash: 'hash of new' });
});

test('a deactivation whose answer was lost has happened, and every session is announced', async () => {
  await users.deactivate({ ...alice, ...proof });
  expect(tries).toBe(2);
  expect(announced.toSorted()).toEqual([alice.sessionId, otherSession].toSorted());
});

test('a deletion whose answer was lost has happened once, and tells the sessions and the groups', async () => {
  const [chatId, bobId] = [randomUUID(), randomUUID()];
  await sql`insert into users (id, name, username) values (${bobId}, 'Bob', ${bobId})`;
  await sql`select create_group(${alice.sessionId}, ${alice.userId}, ${chatId}, ${randomUUID()}, 'Ours', ${[bobId]}::uuid[], 'all', null, null)`;
  await users.deleteAccount({ ...alice, ...proof });
  expect(tries).toBe(2);
  expect(announced.toSorted()).toEqual([alice.sessionId, otherSession].toSorted());
  expect(left).toEqual([[chatId, 3]]);
});

test('a report whose answer was lost is kept once', async () => {
  const bobId = randomUUID();
  await sql`insert into users (id, name, username) values (${bobId}, 'Bob', ${bobId})`;
  const { id } = await users.report({ ...alice, personId: bobId, reason: 'Sells watches' });
  expect(tries).toBe(2);
  expect(await sql`select id from reports where reporter_id = ${alice.userId}`).toEqual([{ id }]);
});

test('a name that somebody has is refused at once, without trying again', async () => {
  tries = 1;
  const taken = randomUUID();
  await sql`insert into users (id, name, username) values (${randomUUID()}, 'Bob', ${taken})`;
  const update = { ...alice, change: { username: taken }, proof };
  await expect(users.updateProfile(update)).rejects.toMatchObject({ code: 'identifier_taken', identifier: 'username' });
});
