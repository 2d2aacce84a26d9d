import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import type { PlainShape } from '../../src/protocol/plain.ts';
import { createActor, createGroup, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';
import { listRoutesOf } from './routes.ts';

const kinds = ['anonymous', 'stranger', 'member', 'former'] as const;
type Kind = (typeof kinds)[number];
const idOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>): string => `${method} ${path}`;

/** Addresses for people and tools, which say nothing private and are no part of the interface. */
const pages = /^get \/(docs|redoc|openapi\.json|assets|reset|favicon|robots)/;

const isSamePath =
  (route: string) =>
  (other: string): boolean =>
    other !== route && other.split(' ')[1] === route.split(' ')[1];

/** A chat as it is before a call: the member owns it. */
interface Place {
  chatId: string;
  messageId: string;
  people: Record<Exclude<Kind, 'anonymous'> | 'other', Actor>;
  /** Somebody with an account and nothing else. */
  newcomer: Actor;
}

interface Call {
  params?: Record<string, string>;
  body?: unknown;
}

/** A valid call of each endpoint that takes input. Who has no line here and takes input fails the test. */
const calls: Record<string, (place: Place) => Call> = {
  'post /api/v1/auth/register': () => ({
    body: { name: 'New', email: `${randomUUID()}@example.com`, password: 'long enough for anybody' },
  }),
  'post /api/v1/auth/token': ({ newcomer }) => ({ body: { email: newcomer.email, password: newcomer.password } }),
  'post /api/v1/auth/refresh': () => ({ body: { refresh_token: 'made up' } }),
  'post /api/v1/auth/password-reset': () => ({ body: { token: 'made up', password: 'long enough for anybody' } }),
  'delete /api/v1/sessions/:sessionId': () => ({ params: { sessionId: randomUUID() } }),
  'post /api/v1/chats/personal': ({ newcomer }) => ({ body: { member_ids: [newcomer.id] } }),
  'post /api/v1/chats/group': ({ newcomer }) => ({ body: { name: 'A group', member_ids: [newcomer.id] } }),
  'get /api/v1/chats/:chatId': ({ chatId }) => ({ params: { chatId } }),
  'post /api/v1/chats/:chatId/members': ({ chatId, newcomer }) => ({
    params: { chatId },
    body: { user_ids: [newcomer.id] },
  }),
  'delete /api/v1/chats/:chatId/members/:userId': ({ chatId, people }) => ({
    params: { chatId, userId: people.other.id },
  }),
  'post /api/v1/chats/:chatId/leave': ({ chatId }) => ({ params: { chatId } }),
  'get /history/:chatId': ({ chatId }) => ({ params: { chatId } }),
  'put /api/v1/chats/:chatId/messages/:clientId': ({ chatId }) => ({
    params: { chatId, clientId: randomUUID() },
    body: { text: 'Hello' },
  }),
  'post /api/v1/chats/:chatId/read': ({ chatId }) => ({ params: { chatId }, body: { seq: 1 } }),
};

/** What each kind of person gets for a frame: the key of the answer's kind, or the code of an error; `-` is silence. */
const frames: { [S in PlainShape]: Record<Kind, string> } = {
  login: { anonymous: 'auth_success', stranger: 'auth_success', member: 'auth_success', former: 'auth_success' },
  message: { anonymous: 'not_authenticated', stranger: 'no_chat', member: 'client_id', former: 'no_chat' },
  group: { anonymous: 'not_authenticated', stranger: 'user_group', member: 'user_group', former: 'user_group' },
  seen: { anonymous: 'not_authenticated', stranger: 'no_message', member: '-', former: 'no_message' },
};

describe('who may', () => {
  let server: TestServer;
  let routes: string[];
  let shared: Actor[];

  beforeAll(async () => {
    ({ started: server, routes } = await listRoutesOf(() => startTestServer()));
    shared = await createCast();
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  async function ask(path: string, method: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
    const init = { method: method.toUpperCase(), headers: { 'content-type': 'application/json', ...headers } };
    return fetch(`${server.url}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  }

  const createCast = (): Promise<Actor[]> =>
    Promise.all(['Stranger', 'Member', 'Former', 'Other', 'Newcomer'].map((name) => createActor(server, name)));

  /** `cast`: of its own where the call may end sessions. */
  const makePlace = async (cast: Actor[] | Promise<Actor[]> = shared): Promise<Place> => {
    const actors = await cast;
    const [stranger, member, former, other, newcomer] = actors as [Actor, Actor, Actor, Actor, Actor];
    const { chatId } = await createGroup(server, [member, other, former]);
    const sent = await ask(`/api/v1/chats/${chatId}/messages/${randomUUID()}`, 'put', other.authorization, {
      text: 'Hi',
    });
    const { id: messageId } = (await sent.json()) as { id: string };
    const removal = `/api/v1/chats/${chatId}/members/${former.id}`;
    expect((await ask(removal, 'delete', member.authorization)).status).toBe(200);
    return { chatId, messageId, people: { stranger, member, former, other }, newcomer };
  };

  function call(endpoint: Endpoint, headers: Record<string, string>, place: Place): Promise<Response> {
    const input = calls[idOf(endpoint)];
    if (!input && (endpoint.params ?? endpoint.body)) throw new Error(`say how ${idOf(endpoint)} is called`);
    const { params = {}, body } = input?.(place) ?? {};
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => params[name]!);
    return ask(path, endpoint.method, headers, body);
  }

  it('every route stands in the contract, and everything in the contract has a route', () => {
    const declared = endpoints.map(idOf);
    expect(routes.length).toBeGreaterThan(15);
    // Of other methods of an address says one route that there is none such.
    const answering = routes.filter((route) => !route.startsWith('_all ') || !routes.some(isSamePath(route)));
    expect(answering.filter((route) => !declared.includes(route) && !pages.test(route))).toEqual([]);
    expect(declared.filter((id) => !routes.includes(id))).toEqual([]);
  });

  describe.each(endpoints.map((endpoint) => [idOf(endpoint), endpoint] as const))('%s', (_id, endpoint) => {
    it.each(kinds)('%s', async (kind) => {
      const place = await makePlace(endpoint.tag === 'accounts' ? createCast() : shared);
      const headers = kind === 'anonymous' ? {} : place.people[kind].authorization;
      expect((await call(endpoint, headers, place)).status).toBe(endpoint.whoMay[kind]);
    });
  });

  it('nobody with a session that was ended, and nobody whose account is deactivated', async () => {
    const place = await makePlace(createCast());
    const ended = place.people.member.authorization;
    await ask('/api/v1/auth/logout', 'post', ended);
    const gone = await createActor(server, 'Gone');
    const sql = postgres(server.databaseUrl, { max: 1 });
    await sql`select deactivate_user(${gone.id})`;
    await sql.end();
    const deactivated = gone.authorization;
    await expect
      .poll(async () => (await ask('/api/v1/chats', 'get', deactivated)).status, { timeout: 5_000 })
      .toBe(401);
    for (const endpoint of endpoints.filter(({ auth }) => auth === 'user')) {
      for (const headers of [ended, deactivated]) {
        const { status } = await call(endpoint, headers, place);
        expect([idOf(endpoint), status]).toEqual([idOf(endpoint), 401]);
      }
    }
    for (const headers of [ended, deactivated])
      await expect(TestSocket.open(`${server.wsUrl}/ws`, headers)).rejects.toThrow('401');
    const socket = await TestSocket.open(`${server.wsUrl}/ws`);
    expect(await socket.ask({ email: gone.email, password: gone.password })).toMatchObject({
      detail: { code: 'wrong_credentials' },
    });
    await socket.close();
  });

  const ofChats = endpoints.filter(({ path, auth }) => auth === 'user' && path.includes(':chatId'));
  it.each(ofChats.map((endpoint) => [idOf(endpoint), endpoint] as const))(
    '%s tells a stranger nothing of whether a chat exists',
    async (_id, endpoint) => {
      const place = await makePlace();
      const nowhere = { ...place, chatId: randomUUID() };
      const [real, unreal] = await Promise.all(
        [place, nowhere].map((where) => call(endpoint, place.people.stranger.authorization, where)),
      );
      expect([real!.status, await real!.json()]).toEqual([unreal!.status, await unreal!.json()]);
    },
  );

  it("a session of somebody else's is answered like one that never was", async () => {
    const { other, stranger } = (await makePlace()).people;
    const sessions = (await (await ask('/api/v1/sessions', 'get', other.authorization)).json()) as { id: string }[];
    const answers = await Promise.all(
      [sessions[0]!.id, randomUUID()].map((id) => ask(`/api/v1/sessions/${id}`, 'delete', stranger.authorization)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await answers[0]!.json()).toEqual(await answers[1]!.json());
    expect((await ask('/api/v1/sessions', 'get', other.authorization)).status).toBe(200);
  });

  describe.each(Object.keys(frames) as PlainShape[])('the frame %s', (shape) => {
    it.each(kinds)('%s', async (kind) => {
      const { chatId, messageId, newcomer, people } = await makePlace();
      const person = kind === 'anonymous' ? undefined : people[kind];
      const socket = await TestSocket.open(`${server.wsUrl}/ws`, person?.authorization);
      if (person) expect((await socket.next()).type).toBe('auth_success');
      const inputs: { [S in PlainShape]: Frame } = {
        login: { email: newcomer.email, password: newcomer.password },
        message: messageFrame(person ?? people.member, chatId, 'Hello'),
        group: { name: 'A group', users: [newcomer.id] },
        seen: { message_id: messageId },
      };
      socket.send(inputs[shape]);
      socket.send({ 'nothing else': true });
      const answer = await socket.next();
      const expected = frames[shape][kind];
      if (expected === '-') expect(answer.detail).toMatchObject({ code: 'invalid_request' });
      else if (expected === 'auth_success') expect(answer.type).toBe(expected);
      else if (answer.type === 'error') expect(answer.detail).toMatchObject({ code: expected });
      else expect(answer).toHaveProperty(expected);
      await socket.close();
    });
  });
});
