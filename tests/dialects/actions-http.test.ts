import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as contract from '../../src/protocol/actions-http.ts';
import { createActor, createActors, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Actor;
let bob: Actor;
let mallory: Actor;

interface Answer {
  status: number;
  body: unknown;
}

interface Chat {
  id: string;
  name: string;
  type: string;
  group_id: string | null;
  members: { user: { id: string; name: string; email: string | null } }[];
}

interface Group {
  id: string;
  chat_id: string;
  title: string;
  creator: { id: string };
  members: { user: { id: string }; joined_at: string }[];
}

async function ask(actor: Actor | undefined, call: string, body?: unknown): Promise<Answer> {
  const [method, path] = call.split(' ') as [string, string];
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...actor?.authorization },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const detail = (status: number, text: unknown) => ({ status, body: { detail: text } });

async function newChat(one: Actor, other: Actor): Promise<Chat> {
  const { status, body } = await ask(one, 'POST /chats', { user_id: other.id });
  expect(status).toBe(201);
  return body as Chat;
}

async function newGroup(creator: Actor, others: Actor[], title = 'Test Group'): Promise<Group> {
  const { status, body } = await ask(creator, 'POST /groups', { title, member_ids: others.map(({ id }) => id) });
  expect(status).toBe(201);
  return body as Group;
}

async function send(actor: Actor, chatId: string, text: string): Promise<string> {
  const { body } = await ask(actor, `PUT /api/v1/chats/${chatId}/messages/${randomUUID()}`, { text });
  return (body as { id: string }).id;
}

const toPerson = ({ id, name, email }: Actor) => ({ id, name, email });
const actors = (...names: string[]): Promise<Actor[]> => createActors(server, ...names);

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob, mallory] = (await actors('Alice', 'Bob', 'Mallory')) as [Actor, Actor, Actor];
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('003.1 registering', () => {
  const register = (body: unknown) => ask(undefined, 'POST /auth/register', body);

  it('answers 201 with id, name and email, and 409 for an address that is taken', async () => {
    const email = `ivan-${randomUUID()}@example.com`;
    const account = { name: 'Иван Иванов', email, password: 'securepassword' };
    expect(await register(account)).toMatchObject({
      status: 201,
      body: { id: expect.any(String) as string, name: 'Иван Иванов', email },
    });
    expect((await register(account)).status).toBe(409);
  });

  it('answers 422 for a password of 7 characters, for no name, and for one of 256', async () => {
    const account = { name: 'Ivan', email: `ivan-${randomUUID()}@example.com`, password: 'only7ch' };
    expect((await register(account)).status).toBe(422);
    expect((await register({ ...account, password: 'only8cha', name: undefined })).status).toBe(422);
    expect((await register({ ...account, password: 'only8cha', name: 'x'.repeat(256) })).status).toBe(422);
  });
});

describe.each(['/auth/login', '/api/v1/auth/login'])('003.2 %s', (path) => {
  it('answers JSON with an access token that works as Bearer', async () => {
    const { status, body } = await ask(undefined, `POST ${path}`, { email: alice.email, password: alice.password });
    expect(status).toBe(200);
    const { access_token } = body as { access_token: string };
    const response = await fetch(`${server.url}/chats`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(response.status).toBe(200);
  });

  it('answers 401 alike for a wrong password and an unknown address', async () => {
    const wrong = await ask(undefined, `POST ${path}`, { email: alice.email, password: 'not this one' });
    const unknown = await ask(undefined, `POST ${path}`, { email: 'nobody@example.com', password: 'not this one' });
    expect(wrong.status).toBe(401);
    expect(wrong).toEqual(unknown);
  });
});

it('003.2 /api/v1/auth/login says Invalid token, lives as long as that system says, and refuses a form', async () => {
  await using limited = await startTestServer({ config: { jwtAccessTokenExpiresMinutes: 7 } });
  const actor = await createActor(limited, 'Alice');
  const post = (body: string, type: string) =>
    fetch(`${limited.url}/api/v1/auth/login`, { method: 'POST', headers: { 'content-type': type }, body });
  const { email, password } = actor;
  const right = await post(JSON.stringify({ email, password }), 'application/json');
  const body = (await right.json()) as { access_token: string };
  expect(Object.keys(body)).toEqual(['access_token']);
  const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1]!, 'base64url').toString()) as {
    exp: number;
    iat: number;
  };
  expect(claims.exp - claims.iat).toBe(420);
  const wrong = await post(JSON.stringify({ email, password: 'wrong' }), 'application/json');
  expect([wrong.status, ((await wrong.json()) as { detail: unknown }).detail]).toEqual([401, 'Invalid token']);
  const form = await post(`email=${encodeURIComponent(email)}&password=x`, 'application/x-www-form-urlencoded');
  expect(form.status).toBe(415);
});

describe('003.3 POST /chats', () => {
  it('answers 201 with the chat of two people, named by both', async () => {
    const [ann, ben] = (await actors('Ann', 'Ben')) as [Actor, Actor];
    const chat = await newChat(ann, ben);
    expect(chat).toMatchObject({ type: 'personal', name: 'Чат Ann и Ben', group_id: null });
    expect(chat.members).toHaveLength(2);
    expect(chat.members).toEqual(expect.arrayContaining([{ user: toPerson(ann) }, { user: toPerson(ben) }]));
  });

  it('answers 400 for oneself, 404 for nobody, 409 for a pair that has one, 422 for no id', async () => {
    const [ann, ben] = (await actors('Ann', 'Ben')) as [Actor, Actor];
    await newChat(ann, ben);
    const [self, nobody, again, back, none] = await Promise.all([
      ask(ann, 'POST /chats', { user_id: ann.id }),
      ask(ann, 'POST /chats', { user_id: randomUUID() }),
      ask(ann, 'POST /chats', { user_id: ben.id }),
      ask(ben, 'POST /api/v1/chats', { user_id: ann.id }),
      ask(ann, 'POST /chats', { user_id: 'x' }),
    ]);
    expect(self).toMatchObject(detail(400, 'Invalid chat participant'));
    expect(nobody).toMatchObject(detail(404, 'User not found'));
    expect(again).toMatchObject(detail(409, 'Chat already exists'));
    expect(back).toMatchObject(detail(409, 'Chat already exists'));
    expect(none.status).toBe(422);
  });

  it('makes one chat of twenty simultaneous requests from both sides', async () => {
    const [ann, ben] = (await actors('Ann', 'Ben')) as [Actor, Actor];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 ? ask(ann, 'POST /chats', { user_id: ben.id }) : ask(ben, 'POST /chats', { user_id: ann.id }),
      ),
    );
    const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
    expect([count(201), count(409)]).toEqual([1, 19]);
  });
});

describe('003.4 GET /chats', () => {
  it('lists personal chats and groups for everybody who is in them', async () => {
    const [ann, ben] = (await actors('Ann', 'Ben')) as [Actor, Actor];
    const chat = await newChat(ann, ben);
    const group = await newGroup(ann, [ben]);
    const [ofAnn, ofBen] = await Promise.all([ann, ben].map((actor) => ask(actor, 'GET /chats')));
    const listed = ofAnn!.body as Chat[];
    expect(listed.map(({ id }) => id)).toEqual([group.chat_id, chat.id]);
    expect(listed[1]).toEqual(chat);
    expect(listed[0]).toMatchObject({ type: 'group', group_id: group.id, name: 'Test Group' });
    expect((ofBen!.body as Chat[]).map(({ id, name }) => [id, name])).toEqual([
      [group.chat_id, 'Test Group'],
      [chat.id, 'Чат Ben и Ann'],
    ]);
    const { body: rest } = await ask(ann, `GET /chats?before=${group.chat_id}`);
    expect(rest).toEqual([chat]);
    const { schema } = contract.listActionsChats.answers[200];
    expect(schema.safeParse(listed).error).toBeUndefined();
  });

  it('answers 401 without a token and with a bad one', async () => {
    expect(await ask(undefined, 'GET /chats')).toMatchObject(detail(401, 'Invalid token'));
    const bad = await fetch(`${server.url}/chats`, { headers: { authorization: 'Bearer nonsense' } });
    expect(bad.status).toBe(401);
  });
});

describe.each(['/messages/history', '/api/v1/messages/history'])('003.5 %s', (path) => {
  it('is ascending, 50 from the oldest unless asked otherwise', async () => {
    const { chat_id } = await newGroup(alice, [bob]);
    expect(await ask(alice, `GET ${path}/${chat_id}`)).toEqual({ status: 200, body: [] });
    for (let i = 0; i < 55; i++) await send(i % 2 ? alice : bob, chat_id, String(i));
    const texts = async (query: string): Promise<number[]> =>
      ((await ask(bob, `GET ${path}/${chat_id}${query}`)).body as { text: string }[]).map(({ text }) => Number(text));
    const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
    expect(await texts('')).toEqual(from(0, 50));
    expect(await texts('?offset=50')).toEqual(from(50, 5));
    expect(await texts('?limit=3&offset=2')).toEqual(from(2, 3));
    expect(await texts('?limit=100')).toEqual(from(0, 55));
    expect(await texts('?offset=55')).toEqual([]);
  });

  it.each(['limit=0', 'limit=101', 'limit=-1', 'limit=x', 'offset=-1', 'offset=1e3'])(
    'answers 422 to %s',
    async (query) => {
      const { chat_id } = await newGroup(alice, []);
      expect((await ask(alice, `GET ${path}/${chat_id}?${query}`)).status).toBe(422);
    },
  );

  it('answers 404 alike to a stranger and for an unknown chat, 401 without a token', async () => {
    const { chat_id } = await newGroup(alice, [bob]);
    const foreign = await ask(mallory, `GET ${path}/${chat_id}`);
    expect(foreign).toMatchObject(detail(404, 'Chat not found'));
    expect(await ask(mallory, `GET ${path}/${randomUUID()}`)).toEqual(foreign);
    expect((await ask(undefined, `GET ${path}/${chat_id}`)).status).toBe(401);
    expect((await ask(alice, `GET ${path}/not-a-uuid`)).status).toBe(422);
  });
});

describe('003.5 is_read and read_at', () => {
  interface Row {
    text: string;
    is_read: boolean;
    read_at: string | null;
    sender: { email: string | null };
  }
  const page = async (actor: Actor, chatId: string): Promise<Row[]> => {
    const { body } = await ask(actor, `GET /messages/history/${chatId}`);
    expect(contract.getActionsHistory.answers[200].schema.safeParse(body).error).toBeUndefined();
    return body as Row[];
  };
  const reads = async (actor: Actor, chatId: string) => (await page(actor, chatId)).map(({ is_read }) => is_read);
  const mark = (actor: Actor, chatId: string, message_id: string) =>
    ask(actor, `POST /api/v1/chats/${chatId}/read`, { message_id });

  it('of one’s own message: the first other member has read it; of others’: one has oneself', async () => {
    const [ann, ben, cid] = (await actors('Ann', 'Ben', 'Cid')) as [Actor, Actor, Actor];
    const { chat_id } = await newGroup(ann, [ben, cid]);
    const ids = [await send(ann, chat_id, '1'), await send(ann, chat_id, '2'), await send(ben, chat_id, '3')];
    expect(await reads(ann, chat_id)).toEqual([false, false, false]);
    await mark(ben, chat_id, ids[0]!);
    expect(await reads(ann, chat_id)).toEqual([true, false, false]);
    expect(await reads(ben, chat_id)).toEqual([true, false, false]);
    expect(await reads(cid, chat_id)).toEqual([false, false, false]);
    const first = (await page(ann, chat_id))[0]!.read_at;
    expect(first).toMatch(/Z$/);
    expect((await page(ben, chat_id))[0]!.read_at).toBe(first);
    await mark(cid, chat_id, ids[2]!);
    expect(await reads(ann, chat_id)).toEqual([true, true, false]);
    expect(await reads(ben, chat_id)).toEqual([true, false, true]);
    expect(await reads(cid, chat_id)).toEqual([true, true, true]);
    const rows = await page(ann, chat_id);
    expect(rows[0]!.read_at).toBe(first);
    expect(Date.parse(rows[1]!.read_at!)).toBeGreaterThan(Date.parse(first!));
    await mark(ben, chat_id, ids[1]!);
    expect((await page(ann, chat_id)).slice(0, 2)).toEqual(rows.slice(0, 2));
  });

  it('reading history marks nothing', async () => {
    const chat = await newGroup(alice, [bob]);
    await send(alice, chat.chat_id, 'Hello');
    await reads(bob, chat.chat_id);
    expect(await reads(alice, chat.chat_id)).toEqual([false]);
  });

  it('an address is shown of those who are in the chat, and not of those who left', async () => {
    const chat = await newGroup(alice, [bob]);
    await send(bob, chat.chat_id, 'Hello');
    expect((await page(alice, chat.chat_id))[0]!.sender.email).toBe(bob.email);
    await ask(bob, `POST /api/v1/chats/${chat.chat_id}/leave`);
    expect((await page(alice, chat.chat_id))[0]!.sender.email).toBeNull();
    await send(alice, chat.chat_id, 'later');
    expect((await page(bob, chat.chat_id)).map(({ text }) => text)).toEqual(['Hello']);
  });
});

describe.each(['', '/api/v1'])('003.6 groups at %s/groups', (prefix) => {
  const groups = `${prefix}/groups`;

  it('are made with their creator as a member, listed, listed twice, or not at all', async () => {
    for (const member_ids of [undefined, [], [alice.id], [bob.id, bob.id, alice.id]]) {
      const { status, body } = await ask(alice, `POST ${groups}`, { title: 'Test Group', member_ids });
      expect([status, body]).toMatchObject([201, { title: 'Test Group', creator: toPerson(alice) }]);
      const users = (body as Group).members.map(({ user }) => user.id);
      expect(users.toSorted()).toEqual([...new Set([alice.id, ...(member_ids ?? [])])].toSorted());
      expect(await ask(alice, `GET ${groups}/${(body as Group).id}`)).toEqual({ status: 200, body });
      expect(contract.getActionsGroup.answers[200].schema.safeParse(body).error).toBeUndefined();
    }
  });

  it('are not made with somebody who does not exist, or with a title of none or 101 characters', async () => {
    const nobody = randomUUID();
    const before = (await ask(bob, 'GET /chats')).body as Chat[];
    expect(await ask(bob, `POST ${groups}`, { title: 'x', member_ids: [alice.id, nobody] })).toMatchObject(
      detail(404, `User with id ${nobody} not found`),
    );
    for (const title of ['', ' ', 'x'.repeat(101), undefined])
      expect((await ask(bob, `POST ${groups}`, { title })).status).toBe(422);
    expect((await ask(bob, 'GET /chats')).body).toEqual(before);
    expect((await ask(bob, `POST ${groups}`, { title: 'я'.repeat(100) })).status).toBe(201);
  });

  it('are shown to members: 403 to strangers, 404 for unknown ones', async () => {
    const group = await newGroup(alice, [bob]);
    expect((await ask(bob, `GET ${groups}/${group.id}`)).body).toEqual(group);
    expect(await ask(mallory, `GET ${groups}/${group.id}`)).toMatchObject(detail(403, 'Access to group denied'));
    expect(await ask(mallory, `GET ${groups}/${randomUUID()}`)).toMatchObject(detail(404, 'Group not found'));
    expect((await ask(undefined, `GET ${groups}/${group.id}`)).status).toBe(401);
  });

  it('get members from the creator only, who are passed over when they are in already', async () => {
    const group = await newGroup(alice, [bob]);
    const members = `${groups}/${group.id}/members`;
    const add = { user_ids: [mallory.id, bob.id] };
    expect(await ask(bob, `POST ${members}`, add)).toMatchObject(detail(403, 'Access to group denied'));
    expect((await ask(mallory, `POST ${members}`, add)).status).toBe(403);
    const nobody = randomUUID();
    expect(await ask(alice, `POST ${members}`, { user_ids: [nobody] })).toMatchObject(
      detail(404, `User with id ${nobody} not found`),
    );
    const { status, body } = await ask(alice, `POST ${members}`, add);
    expect(status).toBe(200);
    expect((body as Group).members).toHaveLength(3);
    expect(await ask(alice, `POST ${members}`, add)).toEqual({ status, body });
    expect((await ask(mallory, `GET ${groups}/${group.id}`)).body).toEqual(body);
  });

  it('lose members by the creator only, and never the creator', async () => {
    const group = await newGroup(alice, [bob, mallory]);
    const members = `${groups}/${group.id}/members`;
    expect((await ask(bob, `DELETE ${members}`, { user_ids: [mallory.id] })).status).toBe(403);
    expect((await ask(bob, `DELETE ${members}`, { user_ids: [bob.id] })).status).toBe(403);
    expect(await ask(alice, `DELETE ${members}`, { user_ids: [bob.id, alice.id] })).toMatchObject(
      detail(403, 'Cannot remove group creator'),
    );
    expect(((await ask(alice, `GET ${groups}/${group.id}`)).body as Group).members).toHaveLength(3);
    const { status, body } = await ask(alice, `DELETE ${members}`, { user_ids: [bob.id, mallory.id, randomUUID()] });
    expect([status, (body as Group).members.map(({ user }) => user.id)]).toEqual([200, [alice.id]]);
    expect((await ask(bob, `GET ${groups}/${group.id}`)).status).toBe(403);
    expect((await ask(alice, `DELETE ${members}`, { user_ids: [bob.id] })).status).toBe(200);
  });

  it('an admin adds and removes members, but neither the creator nor himself', async () => {
    const group = await newGroup(alice, [bob]);
    const members = `${groups}/${group.id}/members`;
    await ask(alice, `PUT /api/v1/chats/${group.chat_id}/members/${bob.id}/role`, { role: 'admin' });
    expect((await ask(bob, `POST ${members}`, { user_ids: [mallory.id] })).status).toBe(200);
    expect((await ask(bob, `DELETE ${members}`, { user_ids: [mallory.id] })).status).toBe(200);
    expect((await ask(bob, `DELETE ${members}`, { user_ids: [alice.id] })).status).toBe(403);
    expect(await ask(bob, `DELETE ${members}`, { user_ids: [bob.id] })).toMatchObject(
      detail(403, 'Access to group denied'),
    );
  });

  it('are deleted by the creator only, once', async () => {
    const group = await newGroup(alice, [bob]);
    const address = `${groups}/${group.id}`;
    expect((await ask(bob, `DELETE ${address}`)).status).toBe(403);
    expect((await ask(mallory, `DELETE ${address}`)).status).toBe(403);
    expect(await ask(alice, `DELETE ${address}`)).toEqual({ status: 204, body: undefined });
    for (const actor of [alice, bob, mallory])
      expect(await ask(actor, `DELETE ${address}`)).toMatchObject(detail(404, 'Group not found'));
    expect((await ask(alice, `GET ${address}`)).status).toBe(404);
    expect((await ask(alice, `GET /messages/history/${group.chat_id}`)).status).toBe(404);
    const left = (await ask(bob, 'GET /chats')).body as Chat[];
    expect(left.map(({ group_id }) => group_id)).not.toContain(group.id);
  });
});

it('whom one has been blocked by cannot be written to first', async () => {
  const [ann, ben] = (await actors('Ann', 'Ben')) as [Actor, Actor];
  const blocked = await ask(ben, `PUT /api/v1/users/${ann.id}/block`);
  expect(blocked.status).toBeLessThan(300);
  expect((await ask(ann, 'POST /chats', { user_id: ben.id })).status).toBe(403);
});

it.each(['/docs', '/redoc'])('003.15 %s answers with a page', async (path) => {
  const response = await fetch(`${server.url}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch('text/html');
});
