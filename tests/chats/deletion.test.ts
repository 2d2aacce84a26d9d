import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chatChecks } from '../../scripts/support/doctor/checks.ts';
import { examine } from '../../scripts/support/doctor/examine.ts';
import type { Chat } from '../../src/protocol/chats.ts';
import { forgetDeletedGroups } from '../../src/server/chats/housekeeping.ts';
import { logIn, messageFrame, type Actor } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { Stage, type Group } from './cast.ts';

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

const everybody = (): Actor[] => [stage.alice, stage.bob, stage.carol, ...stage.outsiders];
const messageOf = async (actor: Actor, chatId: string, text: string): Promise<string> =>
  ((await stage.say(actor, chatId, text).expect(201)).body as { id: string }).id;

async function countLeft({ chatId }: Group): Promise<Record<string, number>> {
  const [row] = await stage.sql<Record<string, number>[]>`select
    (select count(*)::int from messages where chat_id = ${chatId}) as messages,
    (select count(*)::int from message_reads where chat_id = ${chatId}) as reads,
    (select count(*)::int from chat_invites where chat_id = ${chatId}) as invites,
    (select count(*)::int from groups where chat_id = ${chatId}) as groups,
    (select count(*)::int from memberships where chat_id = ${chatId}) as memberships,
    (select count(*)::int from chats where id = ${chatId}) as chats`;
  return row!;
}

test('a group is deleted by its owner alone', async () => {
  const { chatId, path } = await stage.makeGroup();
  const before = await stage.versionOf(chatId);
  for (const actor of [stage.bob, stage.carol]) await stage.remove(actor, path).expect(403, /access_denied/);
  for (const outsider of stage.outsiders) await stage.remove(outsider, path).expect(403, /no_chat/);
  expect((await stage.remove(stage.alice, path).expect(200)).body).toEqual({ chat_id: chatId, version: before + 1 });
  await stage.remove(stage.alice, path).expect(403, /no_chat/);
});

test('nobody, whoever they were, sees or does anything in a group that was deleted', async () => {
  const { chatId, path } = await stage.makeGroup();
  const messageId = await messageOf(stage.alice, chatId, 'a secret');
  await stage.say(stage.dan, chatId, 'not stored').expect(403);
  // The newest page is hot: what a cache holds must not outlive the deletion.
  for (let i = 0; i < 3; i++) await stage.get(stage.carol, `/history/${chatId}?before=end`).expect(200, /a secret/);
  await stage.get(stage.dan, `/history/${chatId}`).expect(200);
  await stage.remove(stage.alice, path).expect(200);
  for (const actor of everybody()) {
    await stage.get(actor, path).expect(404, /unknown_chat/);
    for (const page of ['', '?before=end', '?after=0', '?around=1'])
      await stage.get(actor, `/history/${chatId}${page}`).expect(403, /no_chat/);
    await stage.get(actor, `${path}/history`).expect(400, /no_chat/);
    await stage.get(actor, `${path}/members`).expect(403, /no_chat/);
    await stage.get(actor, `${path}/invites`).expect(403, /no_chat/);
    await stage.post(actor, `${path}/read`, { seq: 1 }).expect(403, /no_chat/);
    await stage.post(actor, `${path}/read`, { message_id: messageId }).expect(403, /no_message/);
    await stage.post(actor, `/api/v1/chats/messages/${messageId}/read`, {}).expect(400, /no_message/);
    await stage.say(actor, chatId, 'too late').expect(403, /no_chat/);
    await stage
      .post(actor, '/api/v1/chats/messages', { chat_id: chatId, text: 'too late' })
      .expect(400, /unknown_chat/);
    await stage.patch(actor, path, { name: 'Mine' }).expect(403, /no_chat/);
    await stage.patch(actor, `${path}/me`, { pinned: true }).expect(403, /no_chat/);
    await stage.post(actor, `${path}/members`, { user_ids: [actor.id] }).expect(403, /no_chat/);
    const { body } = await stage.get(actor, '/api/v1/chats?limit=200').expect(200);
    expect((body as Chat[]).map(({ id }) => id)).not.toContain(chatId);
  }
});

test('a public history shows nothing of a deleted group either', async () => {
  await using open = await startPublic();
  const { chatId, path } = await stage.makeGroup();
  await messageOf(stage.alice, chatId, 'a secret');
  const history = async (): Promise<unknown> => (await fetch(`${open.url}/history/${chatId}`)).json();
  expect(await history()).toMatchObject([{ text: 'a secret' }]);
  await stage.remove(stage.alice, path).expect(200);
  expect(await history()).toEqual([]);
});

const startPublic = () =>
  startTestServer({
    config: { historyPublic: 'on' },
    database: { url: stage.server.databaseUrl },
  });

test('no message is stored once a deletion is answered, whoever races it', async () => {
  const { alice, bob } = stage;
  for (let round = 0; round < 10; round++) {
    const { chatId, path } = await stage.makeGroup();
    const socket = await logIn(stage.server, bob);
    for (let i = 0; i < 20; i++) socket.send(messageFrame(bob, chatId, `message ${i}`));
    const deletion = stage.remove(alice, path).expect(200);
    const sends = Array.from({ length: 5 }, (_, i) => stage.say(bob, chatId, `over HTTP ${i}`));
    const { body } = await deletion;
    const count = async (): Promise<unknown> =>
      stage.sql`select count(*)::int, max(version)::int from messages where chat_id = ${chatId}`;
    const [stored] = (await count()) as [{ count: number; max: number | null }];
    const answers = await Promise.all(sends);
    // What bob says over HTTP comes here too.
    const listAnswers = () => socket.received.filter((text) => text.includes('client_id'));
    await socket.until('all answers', () => listAnswers().length === 20);
    expect(await count()).toEqual([stored]);
    expect(stored.max ?? 0).toBeLessThan((body as { version: number }).version);
    const acks = listAnswers().filter((text) => text.includes('"seq"')).length;
    expect(acks + answers.filter(({ status }) => status === 201).length).toBe(stored.count);
    await socket.close();
  }
});

const sweep = (slice?: { rows: number; max: number }) => forgetDeletedGroups(stage.sql, slice);

test('what a deleted group leaves behind goes slice by slice, and others lose nothing', async () => {
  await sweep();
  const [gone, kept] = [await stage.makeGroup(), await stage.makeGroup()];
  for (const { chatId, path } of [gone, kept]) {
    for (let i = 0; i < 7; i++) await messageOf(stage.alice, chatId, `message ${i}`);
    await stage.post(stage.bob, `${path}/read`, { seq: 3 }).expect(200);
    await stage.post(stage.bob, `${path}/read`, { seq: 5 }).expect(200);
    await stage.post(stage.alice, `${path}/invites`, {}).expect(201);
  }
  const before = await countLeft(kept);
  expect(before).toMatchObject({ messages: 7, reads: 2, invites: 1, groups: 1, memberships: 4 });
  await stage.remove(stage.alice, gone.path).expect(200);
  expect(await countLeft(gone)).toEqual(before);
  const consistent = async (): Promise<void> => {
    const findings = await examine(stage.server.databaseUrl);
    const names = new Set(chatChecks.map(({ name }) => name));
    expect(findings.filter(({ name, defects }) => defects > 0 && names.has(name))).toEqual([]);
  };
  await consistent();
  for (let slices = 0; (await countLeft(gone))['groups'] !== 0; slices++) {
    expect(slices).toBeLessThan(10);
    await sweep({ rows: 4, max: 1 });
    await consistent();
  }
  expect(await countLeft(gone)).toEqual({ messages: 0, reads: 0, invites: 0, groups: 0, memberships: 4, chats: 1 });
  expect(await countLeft(kept)).toEqual(before);
  await consistent();
  await stage.get(stage.alice, gone.path).expect(404);
  await stage.get(stage.alice, `/api/v1/chats/${randomUUID()}`).expect(404);
});
