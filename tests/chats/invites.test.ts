import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chat } from '../../src/protocol/chats.ts';
import { limits } from '../../src/protocol/limits.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { Stage, type Group } from './cast.ts';

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

interface Invite {
  id: string;
  token: string;
  uses: number;
}

const invite = async ({ path }: Group, body: object = {}, actor: Actor = stage.alice): Promise<Invite> =>
  (await stage.post(actor, `${path}/invites`, body).expect(201)).body as Invite;
const join = (actor: Actor, token: string) => stage.post(actor, `/api/v1/invites/${token}/join`, {});
const preview = (actor: Actor, token: string) => stage.get(actor, `/api/v1/invites/${token}`);
const listed = async ({ path }: Group): Promise<Invite[]> =>
  (await stage.get(stage.alice, `${path}/invites`).expect(200)).body as Invite[];
const people = (count: number): Promise<Actor[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => createActor(stage.server, `Guest${i}`)));

describe('an invite', () => {
  it('is made by owner and admin, lists its uses and is seen by nobody else', async () => {
    const group = await stage.makeGroup();
    const made = await invite(group, { title: 'Neighbours', expires_in_seconds: 60, max_uses: 2 }, stage.bob);
    expect(made).toMatchObject({ title: 'Neighbours', uses: 0, max_uses: 2, creator_id: stage.bob.id });
    expect(Buffer.from(made.token, 'base64url').length).toBeGreaterThanOrEqual(16);
    const plain = await invite(group);
    expect(plain).toMatchObject({ title: null, expires_at: null, max_uses: null });
    await join(stage.mallory, made.token).expect(200);
    expect(await listed(group)).toEqual([plain, { ...made, uses: 1 }]);
    for (const outsider of [stage.carol, stage.dan]) {
      const code = outsider === stage.carol ? /access_denied/ : /no_chat/;
      await stage.post(outsider, `${group.path}/invites`, {}).expect(403, code);
      await stage.get(outsider, `${group.path}/invites`).expect(403, code);
      await stage.remove(outsider, `${group.path}/invites/${made.id}`).expect(403, code);
    }
    await stage.post(stage.alice, `${group.path}/invites`, { max_uses: 0, expires_in_seconds: 0 }).expect(422);
  });

  it('is not made without a bound because the bound was misspelt', async () => {
    const group = await stage.makeGroup();
    await stage
      .post(stage.alice, `${group.path}/invites`, { expires_at: '2030-01-01T00:00:00Z' })
      .expect(422, /expires_at/);
    expect(await listed(group)).toEqual([]);
  });

  it('shows the group and nothing of its members to who is logged in and has the token', async () => {
    const group = await stage.makeGroup();
    await stage.patch(stage.alice, group.path, { name: 'Door', description: 'Knock' }).expect(200);
    const { token } = await invite(group);
    const shown = {
      name: 'Door',
      description: 'Knock',
      avatar_url: null,
      avatar_small_url: null,
      member_count: 3,
      is_member: false,
    };
    expect((await preview(stage.mallory, token).expect(200)).body).toEqual(shown);
    expect((await preview(stage.carol, token).expect(200)).body).toEqual({ ...shown, is_member: true });
  });

  it('makes who has it a member, who reads from there on', async () => {
    const group = await stage.makeGroup();
    await stage.say(stage.alice, group.chatId, 'before').expect(201);
    const before = await stage.versionOf(group.chatId);
    const { token } = await invite(group);
    expect(await stage.versionOf(group.chatId)).toBe(before);
    const chat = (await join(stage.mallory, token).expect(200)).body as Chat;
    expect(chat).toMatchObject({ id: group.chatId, role: 'member', unread_count: 0, version: before + 1 });
    await stage.say(stage.mallory, group.chatId, 'hello').expect(201);
    const [row] = await stage.sql`
      select version::int, joined_version::int as joined from memberships where chat_id = ${group.chatId} and user_id = ${stage.mallory.id}`;
    expect(row).toEqual({ version: before + 1, joined: before + 1 });
  });

  it('is not used up by who is a member already', async () => {
    const group = await stage.makeGroup();
    const { token } = await invite(group, { max_uses: 1 });
    const before = await stage.versionOf(group.chatId);
    for (let i = 0; i < 3; i++) await join(stage.carol, token).expect(200);
    expect((await listed(group))[0]!.uses).toBe(0);
    expect(await stage.versionOf(group.chatId)).toBe(before);
    await join(stage.dan, token).expect(200);
    await join(stage.mallory, token).expect(404);
    expect((await join(stage.dan, token)).status).toBe(200);
  });

  it('for five lets exactly five of twenty in who come at once', async () => {
    const group = await stage.makeGroup();
    const { token } = await invite(group, { max_uses: 5 });
    const guests = await people(20);
    const before = await stage.versionOf(group.chatId);
    const answers = await Promise.all(guests.map((guest) => join(guest, token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(15);
    const inside = await stage.sql`
      select from memberships where chat_id = ${group.chatId} and left_seq is null and user_id = any(${guests.map(({ id }) => id)})`;
    expect(inside).toHaveLength(5);
    expect((await listed(group))[0]!.uses).toBe(5);
    expect(await stage.versionOf(group.chatId)).toBe(before + 5);
  });

  it('used by one person twenty times at once lets them in once', async () => {
    const group = await stage.makeGroup();
    const { token } = await invite(group);
    const before = await stage.versionOf(group.chatId);
    const answers = await Promise.all(Array.from({ length: 20 }, () => join(stage.mallory, token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await listed(group))[0]!.uses).toBe(1);
    expect(await stage.versionOf(group.chatId)).toBe(before + 1);
  });

  it('that never was, is expired, revoked, used up or of a deleted group is answered the same', async () => {
    const group = await stage.makeGroup();
    const lost = await stage.makeGroup();
    const [expired, revoked, usedUp, ofLost] = [
      await invite(group, { expires_in_seconds: 3_600 }),
      await invite(group),
      await invite(group, { max_uses: 1 }),
      await invite(lost),
    ];
    await stage.sql`update chat_invites set expires_at = now() - interval '1 s' where id = ${expired.id}`;
    await stage.remove(stage.bob, `${group.path}/invites/${revoked.id}`).expect(204);
    await join(stage.dan, usedUp.token).expect(200);
    await stage.remove(stage.alice, lost.path).expect(200);
    const tokens = [
      randomUUID(),
      'x',
      'no%20token',
      'a'.repeat(500),
      expired.token,
      revoked.token,
      usedUp.token,
      ofLost.token,
    ];
    for (const ask of [join, preview]) {
      const answers = await Promise.all(tokens.map((token) => ask(stage.mallory, token)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers[0]!.body).toMatchObject({ code: 'invite_invalid' });
    }
    expect((await listed(group)).map(({ id }) => id)).not.toContain(revoked.id);
  });

  it('is revoked by owner and admin, however often, and only in its own group', async () => {
    const [group, other] = [await stage.makeGroup(), await stage.makeGroup()];
    const { id, token } = await invite(group);
    await stage.remove(stage.alice, `${other.path}/invites/${id}`).expect(404, /invite_invalid/);
    await stage.remove(stage.alice, `${group.path}/invites/${randomUUID()}`).expect(404, /invite_invalid/);
    await preview(stage.mallory, token).expect(200);
    for (let i = 0; i < 2; i++) await stage.remove(stage.alice, `${group.path}/invites/${id}`).expect(204);
    await join(stage.mallory, token).expect(404);
  });

  it('lets a person who was removed in again only while it works', async () => {
    const group = await stage.makeGroup();
    const { token } = await invite(group, { max_uses: 1 });
    await stage.remove(stage.alice, `${group.path}/members/${stage.carol.id}`).expect(200);
    await join(stage.carol, token).expect(200);
    await stage.remove(stage.alice, `${group.path}/members/${stage.carol.id}`).expect(200);
    await join(stage.carol, token).expect(404);
  });
});

describe('with rates', () => {
  it('an invite is guessed thirty times an hour by one person, at once or not, and right ones do not count', async () => {
    const rated = await Stage.open({ config: { rateLimits: true } });
    const group = await rated.makeGroup();
    const { body } = (await rated.post(rated.alice, `${group.path}/invites`, {}).expect(201)) as { body: Invite };
    const ask = (token: string) => rated.get(rated.mallory, `/api/v1/invites/${token}`);
    for (let i = 0; i < 3; i++) await ask(body.token).expect(200);
    const most = limits.rates.wrongInvitesPerHour;
    const guesses = await Promise.all(Array.from({ length: most + 5 }, () => ask(randomUUID())));
    expect(guesses.filter(({ status }) => status === 404)).toHaveLength(most);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(5);
    await ask(body.token).expect(429);
    await rated.get(rated.dan, `/api/v1/invites/${body.token}`).expect(200);
    await rated.close();
  });

  it('a group has at most a hundred invites that are not revoked', async () => {
    const rated = await Stage.open({ config: { rateLimits: true } });
    const { path, chatId } = await rated.makeGroup();
    await rated.sql`insert into chat_invites (id, chat_id, token) select gen_random_uuid(), ${chatId}, gen_random_uuid()::text
      from generate_series(1, ${limits.counts.invitesPerGroup - 1})`;
    const { body } = (await rated.post(rated.alice, `${path}/invites`, {}).expect(201)) as { body: Invite };
    await rated.post(rated.alice, `${path}/invites`, {}).expect(409, /too_many_invites/);
    await rated.remove(rated.alice, `${path}/invites/${body.id}`).expect(204);
    await rated.post(rated.alice, `${path}/invites`, {}).expect(201);
    await rated.close();
  });
});
