import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../src/server/accounts/access-tokens.ts';
import { createActor, logIn, type Actor } from '../support/cast.ts';
import { signingKey, startTestServer } from '../support/server.ts';
import type { TestSocket } from '../support/socket.ts';
import { answersOf, enter, entranceNames, entranceOf, type Handshake } from './matrix/entrances.ts';
import { expectedOfFrame, frameRows, type FrameRow } from './matrix/frames.ts';
import { hasSession, kinds, Stage, type Cast, type Kind, type Things, type World } from './matrix/world.ts';

const otherKey = createSecretKey('the key of another server, long enough for anybody', 'utf8');

describe('who may, on sockets', () => {
  let stage: Stage;
  let cast: Cast;
  let world: World;
  let wsUrl: string;

  beforeAll(async () => {
    stage = new Stage(await startTestServer());
    ({ wsUrl } = stage.server);
    cast = await stage.createCast();
    world = await stage.createWorld(cast);
    await stage.retire(cast);
  });
  afterAll(() => stage.close());

  const close = async (handshake: Handshake): Promise<void> => {
    if ('socket' in handshake) await handshake.socket.close();
  };
  const claimsOf = ({ token }: Actor): { sub: string; sid: string } =>
    jwt.decode(token) as { sub: string; sid: string };
  const forge = ({ sub, sid }: { sub: string; sid: string }, key: jwt.Secret, algorithm: jwt.Algorithm): string =>
    jwt.sign({ sid, typ: 'access' }, key, {
      algorithm,
      subject: sub,
      issuer: 'messenger',
      audience: 'messenger',
      expiresIn: 600,
    });

  /** Tokens that nobody may come in with. */
  async function listBadTokens(): Promise<Record<string, string>> {
    const { member, owner, revoked, deactivated } = cast;
    const { sub, sid } = claimsOf(member);
    const past = createAccessTokens({ signingKey, ttlSeconds: 60, clock: () => Date.now() - 3_600_000 });
    const { email, password } = member;
    const login = await stage.ask('post', '/api/v1/auth/token', undefined, { email, password });
    const { refresh_token: refresh } = (await login.json()) as { refresh_token: string };
    return {
      garbage: 'garbage',
      'out of date': past.sign(sub, sid),
      refresh,
      'of another key': forge({ sub, sid }, otherKey, 'HS256'),
      'without a signature': forge({ sub, sid }, '', 'none'),
      'with another algorithm': forge({ sub, sid }, signingKey, 'HS512'),
      "of somebody else's session": forge({ sub: owner.id, sid }, signingKey, 'HS256'),
      'of an ended session': revoked.token,
      'of a deactivated account': deactivated.token,
      'cut short': member.token.slice(0, -2),
      'very long': `${member.token}${'x'.repeat(5_000)}`,
    };
  }

  const toAnswer = (handshake: Handshake): unknown =>
    'status' in handshake ? handshake.status : 'code' in handshake ? handshake : 'open';

  describe.each(entranceNames)('the way in to %s', (name) => {
    it('is the same closed door to every bad token', async () => {
      const { refusal } = entranceOf(name);
      const before = await stage.checksum();
      for (const [what, token] of Object.entries(await listBadTokens())) {
        const handshake = await enter(wsUrl, name, world.things.other, token);
        expect([what, toAnswer(handshake)]).toEqual([what, refusal]);
      }
      expect({ ...(await stage.checksum()), sessions: '' }).toEqual({ ...before, sessions: '' });
    });

    it('is closed without a token, unless one may log in later', async () => {
      const { refusal, withoutToken = refusal } = entranceOf(name);
      const handshake = await enter(wsUrl, name, world.things.other, undefined);
      expect(toAnswer(handshake)).toEqual(withoutToken);
      await close(handshake);
    });
  });

  const foreignChat = { said: ['{"error":"Чат не найден или доступ запрещен"}'], code: 1008 };

  it.each(kinds.filter((kind) => hasSession(kind)))('the socket of a chat is for members: %s', async (kind) => {
    const isMember = kind === 'member' || kind === 'admin' || kind === 'owner';
    for (const target of ['other', 'deleted', 'unknown'] as const) {
      const handshake = await enter(wsUrl, 'rooms, of a chat', world.things[target], cast[kind].token);
      expect([target, toAnswer(handshake)]).toEqual([target, isMember && target === 'other' ? 'open' : foreignChat]);
      await close(handshake);
    }
  });

  it.each(kinds.filter((kind) => hasSession(kind)))('the socket for a person: %s', async (kind) => {
    const own = { ...world.things.other, personId: cast[kind].id };
    for (const [target, things, expected] of [
      ['other', world.things.other, 'open'],
      ['own', own, 400],
      ['deleted', world.things.deleted, 404],
      ['unknown', world.things.unknown, 404],
    ] as const) {
      const handshake = await enter(wsUrl, 'direct', things, cast[kind].token);
      expect([target, toAnswer(handshake)]).toEqual([target, expected]);
      await close(handshake);
    }
  });

  /** What a kind gets for a frame; undefined when it does not come in. */
  async function say(row: FrameRow, { cast: people }: World, kind: Kind, things: Things): Promise<string | undefined> {
    const actor = kind === 'anonymous' ? undefined : people[kind];
    const handshake = await enter(wsUrl, row.entrance, things, actor?.token);
    if (!('socket' in handshake)) return undefined;
    const frame = row.frame({ ...things, selfId: actor?.id ?? people.member.id });
    const answers = await answersOf(handshake.socket, row.entrance, frame);
    await handshake.socket.close();
    return answers.join('\n');
  }

  /** Who is told something that others do not know, and so might hear too much. */
  const listen = (people: Actor[]): Promise<TestSocket[]> =>
    Promise.all(people.map((person) => logIn(stage.server, person)));

  describe.each(frameRows.map((row) => [row.entrance, row.name, row] as const))('%s: %s', (_entrance, _name, row) => {
    const isRefused = (kind: Kind): boolean => {
      const text = expectedOfFrame(row, kind, 'other')?.source ?? '';
      return /"code":|"error":|⚠|Сообщение не/.test(text);
    };
    const speakers = kinds.filter((kind) => kind === 'anonymous' || hasSession(kind));

    it('answers who may', async () => {
      const own = await stage.createWorld(cast);
      for (const kind of speakers.filter((one) => !isRefused(one))) {
        const expected = expectedOfFrame(row, kind, 'other');
        const answer = await say(row, own, kind, own.things.other);
        if (answer !== undefined) expect(`${kind}: ${answer}`).toMatch(toExpected(kind, expected!));
      }
    });

    it('refuses the others, and what is not there; nothing changes and nobody hears of it', async () => {
      const own = await stage.createWorld(cast);
      const ears = await listen([cast.owner, cast.admin]);
      const before = await stage.checksum();
      for (const kind of speakers) {
        const targets = row.about ? (['other', 'deleted', 'unknown'] as const) : (['other'] as const);
        for (const target of targets.filter((one) => one !== 'other' || isRefused(kind))) {
          const expected = expectedOfFrame(row, kind, target);
          const answer = await say(row, own, kind, own.things[target]);
          if (expected && answer !== undefined) expect(`${kind}: ${answer}`).toMatch(toExpected(kind, expected));
        }
      }
      expect({ ...(await stage.checksum()), sessions: '' }).toEqual({ ...before, sessions: '' });
      for (const ear of ears) {
        await ear.expectNothingElse();
        await ear.close();
      }
    });
  });

  const toExpected = (kind: Kind, { source }: RegExp): RegExp =>
    new RegExp(source.startsWith('^') ? `^${kind}: ${source.slice(1)}` : source);

  it('a person who logs out is gone from every socket within a second, and others are not', async () => {
    const late = await stage.createCast();
    const own = await stage.createWorld(late, { withDeleted: false });
    const openAll = async ({ token }: Actor): Promise<TestSocket[]> => {
      const handshakes = await Promise.all(entranceNames.map((name) => enter(wsUrl, name, own.things.other, token)));
      return handshakes.flatMap((handshake) => ('socket' in handshake ? [handshake.socket] : []));
    };
    const [leaving, staying] = [await openAll(late.member), await openAll(late.admin)];
    expect([leaving.length, staying.length]).toEqual([entranceNames.length, entranceNames.length]);
    expect((await stage.ask('post', '/auth/jwt/logout', late.member)).status).toBe(204);
    const isClosed = ({ closeCode }: TestSocket): boolean => closeCode !== undefined;
    await expect.poll(() => leaving.filter((socket) => !isClosed(socket)).length, { timeout: 1_000 }).toBe(0);
    expect(staying.filter(isClosed)).toEqual([]);
    await Promise.all(staying.map((socket) => socket.close()));
  });

  const speaking = [...new Set(frameRows.filter(({ name }) => !['leave_chat', 'login', 'ping'].includes(name)))];
  it.each(speaking.map((row) => [row.entrance, row.name, row] as const))(
    'a session that ended elsewhere a moment ago says nothing more: %s, %s',
    async (_entrance, _name, row) => {
      const late = { ...cast, member: await createActor(stage.server, 'Late') };
      const own = await stage.createWorld(late, { withDeleted: false });
      const handshake = await enter(wsUrl, row.entrance, own.things.other, late.member.token);
      if (!('socket' in handshake)) throw new Error('the door is closed');
      await stage.sql`update sessions set revoked_at = now() where user_id = ${late.member.id}`;
      const before = await stage.checksum();
      const frame = row.frame({ ...own.things.other, selfId: late.member.id });
      const answers = await answersOf(handshake.socket, row.entrance, frame);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toMatch(/session_revoked|sender_mismatch|Сессия завершена|Вход завершён|session was ended/);
      expect(await stage.checksum()).toEqual(before);
      await handshake.socket.close();
    },
  );
});
