import postgres from 'postgres';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import type { TestServer } from '../support/server.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

let nodes: TwoNodes;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let carol: Actor;

beforeAll(async () => {
  nodes = await startTwoNodes();
  sql = postgres(nodes.one.databaseUrl, { max: 2 });
  [alice, bob, carol] = await createActors(nodes.one, 'Alice', 'Bob', 'Carol');
});
afterAll(async () => {
  await sql.end();
  await nodes.stop();
});

/** A group of all three with so many messages of Alice. */
async function makeChat(messages: number, members: Actor[] = [alice, bob, carol]): Promise<string> {
  const { chatId } = await createGroup(nodes.one, members);
  const socket = await logIn(nodes.one, alice);
  for (let n = 1; n <= messages; n++) socket.send(messageFrame(alice, chatId, `message ${n}`));
  await socket.until('the acks', () => socket.received.filter((text) => text.includes('client_id')).length >= messages);
  await socket.close();
  return chatId;
}

const post = (node: TestServer, actor: Actor, path: string, body: object) =>
  request(node.url).post(`/api/v1/chats/${path}`).set(actor.authorization).send(body);

async function stateOf(chatId: string, actor: Actor) {
  const [row] = await sql<
    { read: number; delivered: number; marked: boolean; tx: string; chatTx: string; version: number }[]
  >`select s.read_seq::int as read, s.delivered_seq::int as delivered, s.marked_unread as marked, s.tx::text,
      c.tx::text as "chatTx", c.version::int from memberships s join chats c on c.id = s.chat_id
     where s.chat_id = ${chatId} and s.user_id = ${actor.id}`;
  return row!;
}

describe('marking as read', () => {
  it('raises no version, and whoever resumes is told: the chat and the membership are stamped', async () => {
    const chatId = await makeChat(3);
    // Others are further behind: nothing becomes seen by all.
    await post(nodes.one, bob, `${chatId}/read`, { seq: 1 }).expect(200);
    const before = await stateOf(chatId, bob);
    await post(nodes.one, bob, `${chatId}/read`, { seq: 2 }).expect(200, { chat_id: chatId, read_seq: 2 });
    const after = await stateOf(chatId, bob);
    expect(after).toMatchObject({ read: 2, delivered: 2, version: before.version });
    expect(BigInt(after.chatTx)).toBeGreaterThan(BigInt(before.chatTx));
    expect(BigInt(after.tx)).toBeGreaterThan(BigInt(before.tx));
  });

  it('again, or of what was read already, changes nothing', async () => {
    const chatId = await makeChat(2);
    await post(nodes.one, bob, `${chatId}/read`, { seq: 2 }).expect(200);
    const before = await stateOf(chatId, bob);
    await post(nodes.one, bob, `${chatId}/read`, { seq: 2 }).expect(200, { chat_id: chatId, read_seq: 2 });
    await post(nodes.two, bob, `${chatId}/read`, { seq: 1 }).expect(200, { chat_id: chatId, read_seq: 2 });
    expect(await stateOf(chatId, bob)).toEqual(before);
  });

  it('takes back that one marked the chat as unread, also where nothing new is read', async () => {
    const chatId = await makeChat(1);
    await post(nodes.one, bob, `${chatId}/read`, { seq: 1 }).expect(200);
    await request(nodes.one.url)
      .patch(`/api/v1/chats/${chatId}/me`)
      .set(bob.authorization)
      .send({ marked_unread: true })
      .expect(200);
    expect(await stateOf(chatId, bob)).toMatchObject({ marked: true, read: 1 });
    await using device = await FullSpeaker.logIn(nodes.one, bob);
    await post(nodes.one, bob, `${chatId}/read`, { seq: 1 }).expect(200);
    expect(await stateOf(chatId, bob)).toMatchObject({ marked: false, read: 1 });
    await device.hearOne('own', ({ own }) => own.chat_id === chatId && !own.marked_unread);
    expect(device.all('positions').filter(({ chat_id }) => chat_id === chatId)).toEqual([]);
  });
});

describe('marking as delivered', () => {
  it('moves only that position, never back and never beyond the end', async () => {
    const chatId = await makeChat(3);
    const mark = (seq: number) => post(nodes.one, bob, `${chatId}/delivered`, { seq });
    await mark(2).expect(200, { chat_id: chatId, delivered_seq: 2 });
    await mark(1).expect(200, { chat_id: chatId, delivered_seq: 2 });
    await mark(99).expect(200, { chat_id: chatId, delivered_seq: 3 });
    expect(await stateOf(chatId, bob)).toMatchObject({ read: 0, delivered: 3 });
  });

  it('stamps chat and membership when it moves, and nothing when it does not', async () => {
    const chatId = await makeChat(2);
    const before = await stateOf(chatId, bob);
    await post(nodes.one, bob, `${chatId}/delivered`, { seq: 1 }).expect(200);
    const moved = await stateOf(chatId, bob);
    expect(moved.version).toBe(before.version);
    expect(BigInt(moved.chatTx)).toBeGreaterThan(BigInt(before.chatTx));
    expect(BigInt(moved.tx)).toBeGreaterThan(BigInt(before.tx));
    await post(nodes.two, bob, `${chatId}/delivered`, { seq: 1 }).expect(200);
    expect(await stateOf(chatId, bob)).toEqual(moved);
  });

  it('waits for nobody where nothing moves: the chat is not locked', async () => {
    const chatId = await makeChat(1);
    await post(nodes.one, bob, `${chatId}/delivered`, { seq: 1 }).expect(200);
    await sql.begin(async (held) => {
      await held`select from chats where id = ${chatId} for update`;
      await post(nodes.one, bob, `${chatId}/delivered`, { seq: 1 }).expect(200, { chat_id: chatId, delivered_seq: 1 });
    });
  });

  it('is refused to strangers, to those who left, and to ended sessions', async () => {
    const [dora] = await createActors(nodes.one, 'Dora');
    const chatId = await makeChat(1, [alice, bob, carol, dora]);
    await post(nodes.one, dora, `${chatId}/leave`, {}).expect(200);
    const [mallory] = await createActors(nodes.one, 'Mallory');
    for (const actor of [dora, mallory]) {
      const { body } = await post(nodes.one, actor, `${chatId}/delivered`, { seq: 1 }).expect(403);
      expect(body).toMatchObject({ code: 'no_chat' });
    }
    await sql`update sessions set revoked_at = now() where user_id = ${carol.id}`;
    const { body } = await post(nodes.one, carol, `${chatId}/delivered`, { seq: 1 }).expect(401);
    expect(body).toMatchObject({ code: 'session_revoked' });
    expect(await stateOf(chatId, carol)).toMatchObject({ delivered: 0 });
    [carol] = await createActors(nodes.one, 'Carol');
  });
});

it('marks of one person from two nodes at once leave each position at the greatest one', async () => {
  const chatId = await makeChat(40);
  const seqs = Array.from({ length: 40 }, (_, i) => i + 1).sort(() => Math.random() - 0.5);
  const answers = await Promise.all(
    seqs.flatMap((seq) => {
      const node = seq % 2 === 0 ? nodes.one : nodes.two;
      return [
        post(node, bob, `${chatId}/read`, { seq: Math.ceil(seq / 2) }).expect(200),
        post(node, bob, `${chatId}/delivered`, { seq }).expect(200),
      ];
    }),
  );
  for (const [i, { body }] of answers.entries()) {
    const seq = seqs[i >> 1]!;
    const { read_seq: read, delivered_seq: delivered } = body as { read_seq?: number; delivered_seq?: number };
    expect(read ?? delivered).toBeGreaterThanOrEqual(read === undefined ? seq : Math.ceil(seq / 2));
  }
  expect(await stateOf(chatId, bob)).toMatchObject({ read: 20, delivered: 40 });
});
