import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Chat } from '../../src/protocol/chats.ts';
import { limits } from '../../src/protocol/limits.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { Stage } from './cast.ts';

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

const chatOf = async (actor: Actor, path: string): Promise<Chat> =>
  (await stage.get(actor, path).expect(200)).body as Chat;
const rolesOf = async (path: string): Promise<Record<string, string>> =>
  Object.fromEntries((await chatOf(stage.alice, path)).members.map(({ name, role }) => [name, role]));

describe("a group's name and description", () => {
  it('are changed by owner and admin, each change with one version, the same again with none', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    const { body } = await stage.patch(stage.alice, path, { name: 'Door', description: 'Who knocks' }).expect(200);
    expect(body).toEqual({
      chat_id: chatId,
      version: before + 1,
      name: 'Door',
      description: 'Who knocks',
      avatar_url: null,
      avatar_small_url: null,
    });
    await stage.patch(stage.bob, path, { name: 'Window' }).expect(200);
    await stage.patch(stage.bob, path, { name: 'Window' }).expect(200);
    await stage.patch(stage.bob, path, {}).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({
      name: 'Window',
      description: 'Who knocks',
      version: before + 2,
    });
    expect((await stage.patch(stage.bob, path, { description: null })).body).toMatchObject({ description: null });
    await stage.patch(stage.bob, path, { description: 'again' }).expect(200);
    expect((await stage.patch(stage.bob, path, { description: ' \n' })).body).toMatchObject({ description: null });
  });

  it('are nothing that members, former members or strangers change', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    await stage.patch(stage.carol, path, { name: 'Mine' }).expect(403, /access_denied/);
    for (const outsider of stage.outsiders) await stage.patch(outsider, path, { name: 'Mine' }).expect(403, /no_chat/);
    expect(await stage.versionOf(chatId)).toBe(before);
  });

  it('have their bounds', async () => {
    const { path } = await stage.makeGroup();
    const most = '漢'.repeat(limits.text.maxDescriptionCodePoints);
    await stage.patch(stage.alice, path, { description: most }).expect(200);
    await stage.patch(stage.alice, path, { description: `${most}漢` }).expect(422);
    await stage.patch(stage.alice, path, { description: 'a\u0000b' }).expect(422);
    await stage.patch(stage.alice, path, { name: ' ' }).expect(422);
    await stage.patch(stage.alice, path, { name: null }).expect(422);
    expect((await chatOf(stage.alice, path)).description).toBe(most);
  });

  it('changed by twenty at once get a version each', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => stage.patch(i % 2 ? stage.alice : stage.bob, path, { name: `Name ${i}` })),
    );
    const versions = answers.map(({ body }) => (body as { version: number }).version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => before + 1 + i));
    const last = answers.find(({ body }) => (body as { version: number }).version === before + 20)!;
    expect((await chatOf(stage.carol, path)).name).toBe((last.body as { name: string }).name);
  });
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe("a group's picture", () => {
  const upload = (actor: Actor, path: string, file = png) =>
    request(stage.server.url)
      .put(`${path}/avatar`)
      .set(actor.authorization)
      .attach('avatar', file, { filename: 'x.png', contentType: 'image/png' });

  it('is set and taken away by owner and admin and shown to members', async () => {
    const { chatId, path } = await stage.makeGroup();
    const { body } = (await upload(stage.bob, path).expect(200)) as { body: { avatar_url: string } };
    const chat = await chatOf(stage.carol, path);
    expect(chat.avatar_url).toMatch(/^\/media\/[0-9a-f]{64}-256\.webp$/);
    expect(chat.avatar_url).toBe(body.avatar_url);
    expect(chat.avatar_small_url).toBe(chat.avatar_url!.replace('256', '64'));
    await request(stage.server.url).get(chat.avatar_url!).expect(200).expect('content-type', 'image/webp');
    await stage.remove(stage.alice, `${path}/avatar`).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({ avatar_url: null, avatar_small_url: null });
    expect(await stage.versionOf(chatId)).toBe(chat.version + 1);
  });

  it('is refused from others, and for a direct chat', async () => {
    const { path } = await stage.makeGroup();
    await upload(stage.carol, path).expect(403, /access_denied/);
    for (const outsider of stage.outsiders) await upload(outsider, path).expect(403, /no_chat/);
    await upload(stage.alice, path, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')).expect(
      400,
      /invalid_image/,
    );
    const direct = await stage.makeDirect();
    await upload(stage.alice, direct.path).expect(409, /not_a_group/);
    expect((await chatOf(stage.alice, path)).avatar_url).toBeNull();
  });
});

describe('roles', () => {
  const setRole = (actor: Actor, path: string, who: Actor, role: string) =>
    stage.put(actor, `${path}/members/${who.id}/role`, { role });
  const handOn = (actor: Actor, path: string, who: { id: string }) =>
    stage.post(actor, `${path}/transfer`, { user_id: who.id });

  it('are given by the owner alone', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    for (const actor of [stage.bob, stage.carol])
      await setRole(actor, path, stage.carol, 'admin').expect(403, /access_denied/);
    for (const outsider of stage.outsiders) await setRole(outsider, path, stage.carol, 'admin').expect(403, /no_chat/);
    await setRole(stage.alice, path, stage.carol, 'owner').expect(422);
    await setRole(stage.alice, path, stage.alice, 'member').expect(403, /access_denied/);
    for (const nobody of stage.outsiders) await setRole(stage.alice, path, nobody, 'admin').expect(400, /no_user/);
    expect(await stage.versionOf(chatId)).toBe(before);
    expect((await setRole(stage.alice, path, stage.carol, 'admin').expect(200)).body).toEqual({
      chat_id: chatId,
      version: before + 1,
    });
    await setRole(stage.alice, path, stage.carol, 'admin').expect(200);
    expect(await stage.versionOf(chatId)).toBe(before + 1);
    await setRole(stage.alice, path, stage.bob, 'member').expect(200);
    expect(await rolesOf(path)).toEqual({ Alice: 'owner', Bob: 'member', Carol: 'admin' });
  });

  it('change hands with the group: the old owner is an admin', async () => {
    const { chatId, path } = await stage.makeGroup();
    for (const actor of [stage.bob, stage.carol]) await handOn(actor, path, stage.bob).expect(403, /access_denied/);
    for (const outsider of stage.outsiders) await handOn(outsider, path, stage.bob).expect(403, /no_chat/);
    for (const nobody of [...stage.outsiders, { id: randomUUID() }])
      await handOn(stage.alice, path, nobody).expect(400, /no_user/);
    const before = await stage.versionOf(chatId);
    await handOn(stage.alice, path, stage.alice).expect(200);
    await handOn(stage.alice, path, stage.carol).expect(200);
    expect(await stage.versionOf(chatId)).toBe(before + 1);
    expect(await rolesOf(path)).toEqual({ Alice: 'admin', Bob: 'admin', Carol: 'owner' });
    await handOn(stage.alice, path, stage.bob).expect(403, /access_denied/);
  });

  it('handed on twice at once end with one owner', async () => {
    const { chatId, path } = await stage.makeGroup();
    const answers = await Promise.all([handOn(stage.alice, path, stage.bob), handOn(stage.alice, path, stage.carol)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
    const owners =
      await stage.sql`select from memberships where chat_id = ${chatId} and role = 'owner' and left_seq is null`;
    expect(owners).toHaveLength(1);
  });

  it('and a removal at once leave no role with somebody who is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const { chatId, path } = await stage.makeGroup();
      const before = await stage.versionOf(chatId);
      const [role, removal] = await Promise.all([
        setRole(stage.alice, path, stage.carol, 'admin'),
        stage.remove(stage.alice, `${path}/members/${stage.carol.id}`),
      ]);
      expect(removal.status).toBe(200);
      expect([200, 400]).toContain(role.status);
      const [carol] = await stage.sql`
        select role, left_seq is not null as left from memberships where chat_id = ${chatId} and user_id = ${stage.carol.id}`;
      expect(carol).toEqual({ role: 'member', left: true });
      expect(await stage.versionOf(chatId)).toBe(before + (role.status === 200 ? 2 : 1));
    }
  });

  it('go to the heir with a version of their own when the owner leaves', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    const left = await stage.post(stage.alice, `${path}/leave`, {}).expect(200);
    expect(left.body).toEqual({ chat_id: chatId, version: before + 1 });
    expect(await chatOf(stage.bob, path)).toMatchObject({ role: 'owner', version: before + 2 });
  });
});

test('a direct chat has no name, no roles and no invites, and is not deleted', async () => {
  const { path } = await stage.makeDirect();
  const tries = [
    stage.patch(stage.alice, path, { name: 'Us' }),
    stage.remove(stage.alice, path),
    stage.remove(stage.alice, `${path}/avatar`),
    stage.put(stage.alice, `${path}/members/${stage.bob.id}/role`, { role: 'admin' }),
    stage.post(stage.alice, `${path}/transfer`, { user_id: stage.bob.id }),
    stage.post(stage.alice, `${path}/invites`, {}),
    stage.get(stage.alice, `${path}/invites`),
    stage.remove(stage.alice, `${path}/invites/${randomUUID()}`),
  ];
  for (const attempt of tries) await attempt.expect(409, /not_a_group/);
  expect((await chatOf(stage.bob, path)).version).toBe(1);
});

describe('what a member keeps for themselves', () => {
  const set = (actor: Actor, path: string, body: object) => stage.patch(actor, `${path}/me`, body);

  it('is seen by nobody else, changes no version and is kept until it is changed', async () => {
    const { chatId, path } = await stage.makeGroup();
    const before = await stage.versionOf(chatId);
    const [was] = await stage.sql<{ tx: string }[]>`
      select tx::text from memberships where chat_id = ${chatId} and user_id = ${stage.carol.id}`;
    const { body } = await set(stage.carol, path, { muted_until: 'forever', archived: true }).expect(200);
    expect(body).toEqual({
      chat_id: chatId,
      muted_until: 'forever',
      archived: true,
      pinned: false,
      marked_unread: false,
    });
    await set(stage.carol, path, { pinned: true }).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({ muted_until: 'forever', archived: true, pinned: true });
    expect(await chatOf(stage.alice, path)).toMatchObject({ muted_until: null, archived: false, pinned: false });
    expect(await stage.versionOf(chatId)).toBe(before);
    const [is] = await stage.sql<{ tx: string }[]>`
      select tx::text from memberships where chat_id = ${chatId} and user_id = ${stage.carol.id}`;
    expect(BigInt(is!.tx)).toBeGreaterThan(BigInt(was!.tx));
    await set(stage.carol, path, { muted_until: '2125-05-04T07:45:50+03:00', pinned: false }).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({ muted_until: '2125-05-04T04:45:50Z', pinned: false });
    await set(stage.carol, path, { muted_until: '2015-05-04T04:45:50Z', archived: false }).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({ muted_until: null, archived: false });
    await set(stage.carol, path, { muted_until: 'soon' }).expect(422, /timezone_aware/);
  });

  it('also holds for a direct chat, and for members only', async () => {
    const direct = await stage.makeDirect();
    await set(stage.alice, direct.path, { muted_until: 'forever' }).expect(200);
    await set(stage.alice, direct.path, { muted_until: null }).expect(200);
    const { path } = await stage.makeGroup();
    for (const outsider of stage.outsiders) await set(outsider, path, { archived: true }).expect(403, /no_chat/);
  });

  it('filters the list when asked to', async () => {
    const [first, second] = [await stage.makeGroup(), await stage.makeGroup()];
    await set(stage.carol, first.path, { archived: true }).expect(200);
    const listed = async (query: string): Promise<string[]> =>
      ((await stage.get(stage.carol, `/api/v1/chats?limit=200${query}`).expect(200)).body as Chat[]).map(
        ({ id }) => id,
      );
    const [all, archived, others] = [await listed(''), await listed('&archived=true'), await listed('&archived=false')];
    expect(all).toEqual(expect.arrayContaining([first.chatId, second.chatId]));
    expect(archived).toEqual([first.chatId]);
    expect(others).toContain(second.chatId);
    expect(others).not.toContain(first.chatId);
    await stage.get(stage.carol, '/api/v1/chats?archived=maybe').expect(422);
  });

  it('begins anew for who joins again', async () => {
    const { path } = await stage.makeGroup();
    await set(stage.carol, path, { archived: true, pinned: true, muted_until: 'forever' }).expect(200);
    await stage.post(stage.carol, `${path}/leave`, {}).expect(200);
    await set(stage.carol, path, { archived: false }).expect(403, /no_chat/);
    await stage.post(stage.alice, `${path}/members`, { user_ids: [stage.carol.id] }).expect(200);
    expect(await chatOf(stage.carol, path)).toMatchObject({ muted_until: null, archived: false, pinned: false });
  });
});

test('no more than ten chats are pinned, however many at once', async () => {
  const rated = await Stage.open({ config: { rateLimits: true } });
  const [owner] = [rated.alice];
  const made = await rated.sql<{ id: string }[]>`
    with made as (insert into chats (id, type, version, members_version) select gen_random_uuid(), 'group', 1, 1
      from generate_series(1, 14) returning id),
    named as (insert into groups (id, chat_id, name, version) select gen_random_uuid(), id, 'A group', 1 from made)
    insert into memberships (chat_id, user_id, role, version, joined_version) select id, ${owner.id}, 'owner', 1, 1 from made
    returning chat_id as id`;
  const pin = (id: string) => rated.patch(owner, `/api/v1/chats/${id}/me`, { pinned: true });
  const answers = await Promise.all(made.map(({ id }) => pin(id)));
  const pinned = answers.filter(({ status }) => status === 200);
  expect(pinned).toHaveLength(limits.counts.pinnedChats);
  expect(answers.find(({ status }) => status !== 200)!.body).toMatchObject({ code: 'too_many_pinned' });
  const [first] = pinned as unknown as [{ body: { chat_id: string } }];
  await pin(first.body.chat_id).expect(200);
  await rated.close();
});

describe('the members of a group', () => {
  it('are listed page by page, each once, for members only', async () => {
    const { path } = await stage.makeGroup();
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { body } = await stage.get(stage.carol, `${path}/members?limit=2${after}`).expect(200);
      const page = body as { id: string }[];
      seen.push(...page.map(({ id }) => id));
      if (page.length < 2) break;
      after = `&after=${page.at(-1)!.id}`;
    }
    expect(seen).toEqual([stage.alice.id, stage.bob.id, stage.carol.id].toSorted());
    for (const outsider of stage.outsiders) await stage.get(outsider, `${path}/members`).expect(403, /no_chat/);
  });

  it('are shown with name, username and picture, also when their account is deactivated', async () => {
    const gone = await createActor(stage.server, 'Gone');
    const picture = 'a'.repeat(64);
    await stage.sql`update users set username = 'gone_away', avatar = ${picture} where id = ${gone.id}`;
    const { path } = await stage.makeGroup();
    await stage.post(stage.alice, `${path}/members`, { user_ids: [gone.id] }).expect(200);
    await stage.sql`select deactivate_user(${gone.id})`;
    const expected = {
      id: gone.id,
      name: 'Gone',
      email: gone.email,
      username: 'gone_away',
      avatar_small_url: `/media/${picture}-64.webp`,
      role: 'member',
    };
    const { body } = await stage.get(stage.carol, `${path}/members`).expect(200);
    expect(body).toContainEqual(expected);
    expect((await chatOf(stage.carol, path)).members).toContainEqual(expected);
  });
});
