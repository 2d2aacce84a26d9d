/** What others hear of changes of a group: live on another node, with the bus deaf, and after a while away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChangesAfter } from '../../src/server/chats/changes.ts';
import type { ChatEvent, ServerEvent } from '../../src/server/realtime/events.ts';
import { createActor, logIn } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { Stage, type Group } from './cast.ts';
import { openEar, type Ear } from './ear.ts';

let stage: Stage;
let ear: Ear;
let deafEar: Ear;
beforeAll(async () => {
  stage = await Stage.open();
  ear = await openEar(stage.server.databaseUrl);
  deafEar = await openEar(stage.server.databaseUrl, { deaf: true });
});
afterAll(async () => {
  await ear[Symbol.asyncDispose]();
  await deafEar[Symbol.asyncDispose]();
  await stage.close();
});

const ofChat = (heard: readonly ServerEvent[], { chatId }: Group): ChatEvent[] =>
  heard.filter((event): event is ChatEvent => 'version' in event && event.chatId === chatId);
const changesOf = async ({ chatId }: Group, after: number): Promise<ChatEvent[]> =>
  (await findChangesAfter(stage.sql, chatId, after))!.events;

/** Every kind of change once, in a fixed order; answers the version before it. */
async function changeEverything({ chatId, path }: Group): Promise<number> {
  const { alice, bob, carol, mallory } = stage;
  const before = await stage.versionOf(chatId);
  await stage.sql`update memberships set created_at = now() - interval '1 hour' where chat_id = ${chatId} and user_id = ${alice.id}`;
  await stage.patch(alice, path, { name: 'Door', description: 'Knock' }).expect(200);
  await stage.say(bob, chatId, 'who is there?').expect(201);
  await stage.put(alice, `${path}/members/${carol.id}/role`, { role: 'admin' }).expect(200);
  await stage.post(alice, `${path}/members`, { user_ids: [mallory.id] }).expect(200);
  await stage.post(alice, `${path}/transfer`, { user_id: bob.id }).expect(200);
  await stage.post(bob, `${path}/leave`, {}).expect(200);
  await stage.say(carol, chatId, 'nobody').expect(201);
  return before;
}

const expected = (group: Group, before: number) => [
  { kind: 'group_changed', version: before + 1, group: { name: 'Door', description: 'Knock', avatar: null } },
  { kind: 'message', version: before + 2 },
  { kind: 'role_changed', version: before + 3, members: [{ userId: stage.carol.id, role: 'admin' }] },
  { kind: 'members_added', version: before + 4, userIds: [stage.mallory.id] },
  {
    kind: 'role_changed',
    version: before + 5,
    members: [
      { userId: stage.bob.id, role: 'owner' },
      { userId: stage.alice.id, role: 'admin' },
    ],
  },
  { kind: 'member_removed', version: before + 6, userId: stage.bob.id },
  { kind: 'role_changed', version: before + 7, members: [{ userId: stage.alice.id, role: 'owner' }] },
  { kind: 'message', version: before + 8 },
];

describe('on another node', () => {
  it('every change is heard once, in the order of versions', async () => {
    const group = await stage.makeGroup();
    const heard = await ear.listen(stage.carol.id);
    const before = await changeEverything(group);
    await expect.poll(() => ofChat(heard, group).at(-1)?.version).toBe(before + 8);
    const versions = ofChat(heard, group).map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
    // Several changes that are read at once are told as what came of them; what is told is one of these.
    const all = expected(group, before);
    for (const event of ofChat(heard, group)) expect(event.kind).toBe(all[event.version - before - 1]!.kind);
  });

  it('a change that is waited for is told as what it was', async () => {
    const group = await stage.makeGroup();
    const heard = await ear.listen(stage.carol.id);
    const { path } = group;
    const last = async (): Promise<ChatEvent> => {
      const version = await stage.versionOf(group.chatId);
      await expect.poll(() => ofChat(heard, group).at(-1)?.version).toBe(version);
      return ofChat(heard, group).at(-1)!;
    };
    await stage.patch(stage.bob, path, { description: 'Knock' }).expect(200);
    expect(await last()).toMatchObject({ kind: 'group_changed', group: { name: 'A group', description: 'Knock' } });
    await stage.put(stage.alice, `${path}/members/${stage.bob.id}/role`, { role: 'member' }).expect(200);
    expect(await last()).toMatchObject({ kind: 'role_changed', members: [{ userId: stage.bob.id, role: 'member' }] });
    await stage.post(stage.alice, `${path}/transfer`, { user_id: stage.bob.id }).expect(200);
    expect(await last()).toMatchObject({
      kind: 'role_changed',
      members: expect.arrayContaining([
        { userId: stage.alice.id, role: 'admin' },
        { userId: stage.bob.id, role: 'owner' },
      ]) as unknown,
    });
    const { body } = (await stage.post(stage.alice, `${path}/invites`, {}).expect(201)) as { body: { token: string } };
    await stage.post(stage.mallory, `/api/v1/invites/${body.token}/join`, {}).expect(200);
    expect(await last()).toMatchObject({ kind: 'members_added', userIds: [stage.mallory.id] });
    await stage.patch(stage.carol, `${path}/me`, { archived: true }).expect(200);
    expect(await last()).toMatchObject({ kind: 'members_added' });
  });

  it.each([
    ['told', () => ear],
    ['found by comparing', () => deafEar],
  ])('a deletion that is %s is heard once by members, and nothing of it by who left', async (_how, hearing) => {
    const group = await stage.makeGroup();
    const heard = await Promise.all([stage.bob, stage.carol, stage.dan].map(({ id }) => hearing().listen(id)));
    // Who listened before the group was made learns of it in a moment: whoever hears this has.
    await stage.say(stage.alice, group.chatId, 'before').expect(201);
    for (const member of heard.slice(0, 2)) await expect.poll(() => ofChat(member, group).length).toBeGreaterThan(0);
    const { body } = await stage.remove(stage.alice, group.path).expect(200);
    const { version } = body as { version: number };
    // Which version it follows is another one where it was found by comparing.
    const deleted = expect.objectContaining({ kind: 'chat_deleted', chatId: group.chatId, version }) as ChatEvent;
    for (const member of heard.slice(0, 2)) await expect.poll(() => ofChat(member, group).at(-1)).toEqual(deleted);
    // Whatever comes later has come after anything that was still on its way.
    const other = await stage.makeGroup();
    await stage.say(stage.alice, other.chatId, 'later').expect(201);
    await expect.poll(() => ofChat(heard[0]!, other).length).toBeGreaterThan(0);
    const deletions = heard.map((events) => ofChat(events, group).filter(({ kind }) => kind === 'chat_deleted'));
    expect(deletions).toEqual([[deleted], [deleted], []]);
    for (const member of heard.slice(0, 2)) expect(ofChat(member, group).at(-1)).toEqual(deleted);
  });

  it('a plain socket goes on hearing messages between changes it knows nothing of', async () => {
    await using node = await startTestServer({ database: { url: stage.server.databaseUrl } });
    const group = await stage.makeGroup();
    const [there, here] = [await logIn(node, stage.carol), await logIn(stage.server, stage.carol)];
    for (let i = 0; i < 5; i++) {
      await stage.patch(stage.alice, group.path, { name: `Name ${i}` }).expect(200);
      await stage.say(stage.bob, group.chatId, `message ${i}`).expect(201);
    }
    for (const socket of [there, here])
      for (let i = 0; i < 5; i++) expect(await socket.next()).toMatchObject({ text: `message ${i}` });
    await stage.remove(stage.alice, group.path).expect(200);
    for (const socket of [there, here]) {
      await socket.expectNothingElse();
      await socket.close();
    }
  });
});

describe('after a while away', () => {
  it('joining, roles and the group are told apart, each with its version', async () => {
    const group = await stage.makeGroup();
    const before = await changeEverything(group);
    const { alice, bob, carol, mallory } = stage;
    expect(await changesOf(group, before)).toMatchObject([
      { kind: 'group_changed', version: before + 1, group: { name: 'Door', description: 'Knock', avatar: null } },
      { kind: 'message', version: before + 2 },
      { kind: 'role_changed', version: before + 3, members: [{ userId: carol.id, role: 'admin' }] },
      { kind: 'members_added', version: before + 4, userIds: [mallory.id] },
      // Alice's becoming an admin was overtaken by her inheriting, bob's owning by his leaving.
      { kind: 'member_removed', version: before + 6, userId: bob.id },
      { kind: 'role_changed', version: before + 7, members: [{ userId: alice.id, role: 'owner' }] },
      { kind: 'message', version: before + 8 },
    ]);
    expect(await changesOf(group, before + 7)).toMatchObject([{ kind: 'message', version: before + 8 }]);
    expect(await changesOf(group, before + 8)).toEqual([]);
  });

  it('a role is no joining, and who joined and got a role meanwhile is told both', async () => {
    const group = await stage.makeGroup();
    const erin = await createActor(stage.server, 'Erin');
    const before = await stage.versionOf(group.chatId);
    await stage.post(stage.alice, `${group.path}/members`, { user_ids: [erin.id] }).expect(200);
    await stage.put(stage.alice, `${group.path}/members/${erin.id}/role`, { role: 'admin' }).expect(200);
    expect(await changesOf(group, before)).toEqual([
      { kind: 'members_added', chatId: group.chatId, version: before + 1, userIds: [erin.id] },
      {
        kind: 'role_changed',
        chatId: group.chatId,
        version: before + 2,
        members: [{ userId: erin.id, role: 'admin' }],
      },
    ]);
    expect(await changesOf(group, before + 1)).toMatchObject([{ kind: 'role_changed' }]);
  });

  it('from the beginning on, a group is made with those who are there since, under the name it has now', async () => {
    const group = await stage.makeGroup();
    await stage.patch(stage.alice, group.path, { name: 'Door' }).expect(200);
    const [first, ...rest] = await changesOf(group, 0);
    expect(first).toMatchObject({ kind: 'group_created', version: 1, group: { name: 'Door' } });
    expect(rest.map(({ kind }) => kind)).toEqual(['role_changed', 'member_removed', 'group_changed']);
  });

  it('of a deleted group only the deletion is told', async () => {
    const group = await stage.makeGroup();
    await stage.say(stage.alice, group.chatId, 'a secret').expect(201);
    await stage.remove(stage.alice, group.path).expect(200);
    const version = await stage.versionOf(group.chatId);
    expect(await changesOf(group, 0)).toEqual([{ kind: 'chat_deleted', chatId: group.chatId, version }]);
    expect(await changesOf(group, version)).toEqual([]);
  });
});
