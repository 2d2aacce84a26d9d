import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import { pagePaths } from '../../src/protocol/pages.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import type { Call, Calls, Extras } from './matrix/call.ts';
import { callsOfChats } from './matrix/calls-of-chats.ts';
import { callsOfPeople } from './matrix/calls-of-people.ts';
import { expectedOf, hasSession, kinds, Stage, type Cast, type Kind, type Things, type World } from './matrix/world.ts';
import { listRoutesOf } from './routes.ts';

/** Who has no line here and takes input fails the test. */
const calls: Calls = { ...callsOfPeople, ...callsOfChats };

const idOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>): string => `${method} ${path}`;
const rows = endpoints.map((endpoint) => [idOf(endpoint), endpoint] as const);

/** Addresses for people and tools, which say nothing private and are no part of the interface. */
const pages = /^get \/(docs|redoc|asyncapi|openapi\.json|assets|sw\.js|manifest\.webmanifest|icons|favicon\.svg)/;

const isPage = (route: string): boolean => pages.test(route) || pagePaths.some((path) => route === `get ${path}`);

const isSamePath =
  (route: string) =>
  (other: string): boolean =>
    other !== route && other.split(' ')[1] === route.split(' ')[1];

/** Calls after which the caller may have no session. */
const endsSessions = new Set(['post /api/v1/auth/logout', 'post /auth/jwt/logout', 'delete /api/v1/sessions']);

const byId =
  'An id is given to nobody who does not know the person already, and a person is no secret: profiles are public.';
const as003 = 'Clients of system 003 tell a group that is gone from one they may not see.';
const as004 = 'Clients of system 004 tell a chat that is gone from one they may not see.';
const byInvite = 'Whoever has an invite may see where it leads; that is what it is for.';

/** Endpoints that tell a stranger whether a thing exists, and why. No other does. */
const tells: Record<string, string> = {
  'get /api/v1/chats/:chatId': as004,
  'post /api/v1/chats/messages': as004,
  'get /groups/:groupId': as003,
  'get /api/v1/groups/:groupId': as003,
  'delete /groups/:groupId': as003,
  'delete /api/v1/groups/:groupId': as003,
  'post /groups/:groupId/members': as003,
  'post /api/v1/groups/:groupId/members': as003,
  'delete /groups/:groupId/members': as003,
  'delete /api/v1/groups/:groupId/members': as003,
  'get /api/v1/invites/:token': byInvite,
  'post /api/v1/invites/:token/join': byInvite,
  'get /api/v1/users/:userId': byId,
  'put /api/v1/users/:userId/block': byId,
  'delete /api/v1/users/:userId/block': byId,
  'post /api/v1/reports': byId,
  'post /api/v1/chats/personal': byId,
  'post /api/v1/chats/group': byId,
  'post /chats': byId,
  'post /api/v1/chats': byId,
  'post /groups': byId,
  'post /api/v1/groups': byId,
  'get /users/:username': 'A search for one username, at the rate of searches.',
};

/** Answers that tell nothing and change nothing, whoever asks. */
const saysNothing = new Set([
  // The password is proved first.
  'post /api/v1/users/me/deactivate: 403',
  'delete /api/v1/users/me: 403',
  // For superusers, of whom there are none.
  'patch /users/:userId: 403',
  'delete /users/:userId: 403',
  // Nobody is found without a filter.
  'get /users/: 200',
]);

interface Try {
  kind: Kind;
  target: 'other' | 'deleted' | 'unknown';
  expected: number;
}

const isAbout = (id: string): boolean => calls[id]?.about !== undefined;
const isRefused = ({ expected }: Try): boolean => expected >= 400;

/** Every kind of person, about everything that the endpoint may be about. */
function triesOf(endpoint: Endpoint): Try[] {
  const about = calls[idOf(endpoint)]?.about;
  const targets = about ? (['other', 'deleted', 'unknown'] as const) : (['other'] as const);
  return targets.flatMap((target) =>
    kinds.map((kind) => ({ kind, target, expected: expectedOf(endpoint, { kind, target, about }) })),
  );
}

const toLine = ({ kind, target }: Try, status: number): string => `${kind}, ${target}: ${status}`;

async function expectStatuses(some: Try[], ask: (one: Try) => Promise<Response>): Promise<void> {
  const answers = await Promise.all(some.map(async (one) => toLine(one, (await ask(one)).status)));
  expect(answers).toEqual(some.map((one) => toLine(one, one.expected)));
}

describe('who may', () => {
  let stage: Stage;
  let routes: string[];
  let shared: Cast;
  let extras: Extras;

  beforeAll(async () => {
    const { started, routes: found } = await listRoutesOf(() => startTestServer());
    routes = found;
    stage = new Stage(started);
    shared = await retired(await stage.createCast());
    extras = { newcomer: await createActor(started, 'Newcomer') };
  });
  afterAll(() => stage.close());

  async function retired(cast: Cast): Promise<Cast> {
    await stage.retire(cast);
    return cast;
  }

  const castOf = async (id: string): Promise<Cast> =>
    endsSessions.has(id) ? retired(await stage.createCast()) : shared;

  function call(endpoint: Endpoint, things: Things, as: Actor | undefined): Promise<Response> {
    const maker = calls[idOf(endpoint)];
    if (!maker && (endpoint.params ?? endpoint.body ?? endpoint.upload))
      throw new Error(`say how ${idOf(endpoint)} is called`);
    return send(endpoint, maker?.make(things, extras) ?? {}, as);
  }

  function send(endpoint: Endpoint, { params = {}, body, form, file }: Call, as?: Actor): Promise<Response> {
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => params[name]!);
    const method = endpoint.method.toUpperCase();
    const headers = as?.authorization ?? {};
    if (form) return fetch(stage.server.url + path, { method, headers, body: new URLSearchParams(form) });
    if (!file) return stage.ask(method, path, as, body);
    const upload = new FormData();
    upload.append(endpoint.upload!.fields[0]!, new Blob([Uint8Array.from(file)]), 'picture.png');
    return fetch(stage.server.url + path, { method, headers, body: upload });
  }

  const callAs = ({ cast, things }: World, endpoint: Endpoint, { kind, target }: Try): Promise<Response> =>
    call(endpoint, things[target], kind === 'anonymous' ? undefined : cast[kind]);

  it('every route stands in the contract, and everything in the contract has a route', () => {
    const declared = endpoints.map(idOf);
    expect(routes.length).toBeGreaterThan(15);
    // Of other methods of an address says one route that there is none such.
    const answering = routes.filter((route) => !route.startsWith('_all ') || !routes.some(isSamePath(route)));
    expect(answering.filter((route) => !declared.includes(route) && !isPage(route))).toEqual([]);
    expect(declared.filter((id) => !routes.includes(id))).toEqual([]);
    expect(Object.keys({ ...calls, ...tells }).filter((id) => !declared.includes(id))).toEqual([]);
  });

  it('what is stored is summed up so that no change goes unseen', async () => {
    const { things } = await stage.createWorld(shared, { withDeleted: false });
    const before = await stage.checksum();
    expect(await stage.checksum()).toEqual(before);
    await stage.sql`update memberships set muted_until = now() where chat_id = ${things.other.chatId}`;
    const after = await stage.checksum();
    expect(after['memberships']).not.toBe(before['memberships']);
    expect({ ...after, memberships: '' }).toEqual({ ...before, memberships: '' });
  });

  it.each(rows.filter(([, endpoint]) => triesOf(endpoint).some(isRefused)))(
    '%s refuses who may not, and nothing changes',
    async (id, endpoint) => {
      const world = await stage.createWorld(await castOf(id), { withDeleted: isAbout(id) });
      const before = await stage.checksum();
      await expectStatuses(triesOf(endpoint).filter(isRefused), (one) => callAs(world, endpoint, one));
      expect(await stage.checksum()).toEqual(before);
    },
  );

  it.each(rows.filter(([, endpoint]) => !triesOf(endpoint).every(isRefused)))(
    '%s lets in who may',
    async (id, endpoint) => {
      const cast = await castOf(id);
      const allowed = triesOf(endpoint).filter((one) => !isRefused(one));
      const withDeleted = allowed.some(({ target }) => target === 'deleted');
      const isShared = endpoint.method === 'get' || !isAbout(id) || calls[id]!.about === 'person';
      const one = await stage.createWorld(cast, { withDeleted });
      await expectStatuses(allowed, async (each) =>
        callAs(isShared ? one : await stage.createWorld(cast, { withDeleted }), endpoint, each),
      );
    },
  );

  it.each(rows.filter(([id]) => isAbout(id)))(
    '%s tells a stranger of what exists as little as it should',
    async (id, endpoint) => {
      const world = await stage.createWorld(await castOf(id));
      const answers = await Promise.all(
        (['other', 'deleted', 'unknown'] as const).map(async (target) => {
          const response = await call(endpoint, world.things[target], world.cast.stranger);
          let body = await response.text();
          for (const name of Object.values(world.things[target]) as string[]) body = body.replaceAll(name, '…');
          return `${response.status} ${body}`;
        }),
      );
      expect([id, new Set(answers).size > 1]).toEqual([id, id in tells]);
    },
  );

  it.each(rows.filter(([id]) => calls[id]?.own !== undefined))(
    '%s answers about what is one’s own',
    async (id, endpoint) => {
      const cast = endpoint.method === 'get' ? shared : await stage.createCast();
      const world = await stage.createWorld(shared, { withDeleted: false });
      const others = kinds.filter((kind) => hasSession(kind));
      const answers = await Promise.all(
        others.map(async (kind) => {
          const { id: personId } = cast[kind];
          const things = { ...world.things.other, personId, sessionId: await stage.sessionOf(cast[kind]) };
          return `${kind}: ${(await call(endpoint, things, cast[kind])).status}`;
        }),
      );
      expect(answers).toEqual(others.map((kind) => `${kind}: ${calls[id]!.own}`));
    },
  );

  it('with a session that was ended or an account that is deactivated, nobody opens a socket', async () => {
    for (const { authorization, email, password } of [shared.revoked, shared.deactivated]) {
      await expect(TestSocket.open(`${stage.server.wsUrl}/ws`, authorization)).rejects.toThrow('401');
      const socket = await TestSocket.open(`${stage.server.wsUrl}/ws`);
      const answer = await socket.ask({ email, password });
      if (email === shared.deactivated.email) expect(answer).toMatchObject({ detail: { code: 'wrong_credentials' } });
      else expect(answer.type).toBe('auth_success');
      await socket.close();
    }
  });

  it('a session that ended on another node a moment ago does nothing more, though its token was good just now', async () => {
    const late = await retired(await stage.createCast());
    const world = await stage.createWorld(late, { withDeleted: false });
    expect((await stage.ask('get', '/api/v1/users/me', late.owner)).status).toBe(200);
    await stage.sql`update sessions set revoked_at = now() where user_id = ${late.owner.id}`;
    const before = await stage.checksum();
    const answers = await Promise.all(
      endpoints
        .filter(({ auth }) => auth === 'user')
        .map(async (endpoint) => `${idOf(endpoint)}: ${(await call(endpoint, world.things.other, late.owner)).status}`),
    );
    const rest = answers.filter((answer) => !answer.endsWith(': 401') && !saysNothing.has(answer));
    expect(rest).toEqual([]);
    expect(await stage.checksum()).toEqual(before);
  });

  it("a session of somebody else's stays", async () => {
    const { member, stranger } = shared;
    const session = await stage.sessionOf(member);
    expect((await stage.ask('delete', `/api/v1/sessions/${session}`, stranger)).status).toBe(404);
    expect((await stage.ask('get', '/api/v1/sessions', member)).status).toBe(200);
  });

  it('who was blocked, or blocks, writes nothing into the direct chat', async () => {
    const { blocked, newcomer } = { ...shared, ...extras };
    const opened = await stage.ask('post', '/api/v1/chats/personal', blocked, { member_ids: [newcomer.id] });
    const { id: chatId } = (await opened.json()) as { id: string };
    expect((await stage.ask('put', `/api/v1/users/${blocked.id}/block`, newcomer)).status).toBe(204);
    const before = await stage.checksum();
    for (const person of [blocked, newcomer]) {
      const put = endpoints.find((one) => idOf(one) === 'put /api/v1/chats/:chatId/messages/:clientId')!;
      const post = endpoints.find((one) => idOf(one) === 'post /api/v1/chats/messages')!;
      const things = { chatId } as Things;
      expect((await call(put, things, person)).status).toBe(403);
      expect((await call(post, things, person)).status).toBe(403);
    }
    expect(await stage.checksum()).toEqual(before);
  });
});
