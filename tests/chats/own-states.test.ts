import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPool } from '../../src/server/db/client.ts';
import { createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import type { TestServer } from '../support/server.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

let nodes: TwoNodes;
let alice: Actor;
let bob: Actor;
let mallory: Actor;
let chatId: string;

beforeAll(async () => {
  nodes = await startTwoNodes();
  [alice, bob, mallory] = await createActors(nodes.one, 'Alice', 'Bob', 'Mallory');
});
afterAll(() => nodes.stop());

beforeEach(async () => {
  ({ chatId } = await createGroup(nodes.one, [alice, bob]));
  const socket = await logIn(nodes.one, alice);
  for (let n = 1; n <= 3; n++) await socket.ask(messageFrame(alice, chatId, `message ${n}`));
  await socket.close();
});

const http = (
  node: TestServer,
  actor: Actor,
  method: 'patch' | 'put' | 'post' | 'delete',
  path: string,
  body?: object,
) => request(node.url)[method](`/api/v1/chats/${chatId}/${path}`).set(actor.authorization).send(body);

/** Bob's devices on both nodes, and Alice's, who must hear nothing of it. */
async function openDevices() {
  const [near, far, other] = await Promise.all([
    FullSpeaker.logIn(nodes.one, bob),
    FullSpeaker.logIn(nodes.two, bob),
    FullSpeaker.logIn(nodes.two, alice),
  ]);
  return {
    both: [near, far],
    other,
    async [Symbol.asyncDispose]() {
      await Promise.all([near, far, other].map((device) => device[Symbol.asyncDispose]()));
    },
  };
}

describe('one’s own devices on every node are told', () => {
  it('what was read elsewhere, also in another dialect', async () => {
    await using devices = await openDevices();
    const plain = await logIn(nodes.two, bob);
    const [first] = (await (
      await fetch(`${nodes.one.url}/history/${chatId}`, { headers: bob.authorization })
    ).json()) as { id: string }[];
    plain.send({ message_id: first!.id });
    for (const device of devices.both) {
      const { own } = await device.hearOne('own');
      expect(own).toMatchObject({
        chat_id: chatId,
        read_seq: 1,
        delivered_seq: 1,
        unread_count: 2,
        last_seq: 3,
        role: 'member',
      });
    }
    await devices.other.askRaw({ type: 'ping' });
    expect(devices.other.all('own')).toEqual([]);
    await plain.close();
  });

  it('what was delivered', async () => {
    await using devices = await openDevices();
    await http(nodes.two, bob, 'post', 'delivered', { seq: 2 }).expect(200);
    for (const device of devices.both)
      await device.hearOne('own', ({ own }) => own.delivered_seq === 2 && own.read_seq === 0);
  });

  it('that a chat was muted, archived, pinned or marked as unread', async () => {
    await using devices = await openDevices();
    await http(nodes.one, bob, 'patch', 'me', { muted_until: 'forever', archived: true, pinned: true }).expect(200);
    for (const device of devices.both)
      await device.hearOne('own', ({ own }) => own.muted_until === 'forever' && own.archived && own.pinned);
    await http(nodes.two, bob, 'patch', 'me', { marked_unread: true }).expect(200);
    for (const device of devices.both) await device.hearOne('own', ({ own }) => own.marked_unread);
    await devices.both[0]!.askRaw({ type: 'mark_unread', chat_id: chatId, on: false });
    for (const device of devices.both) await device.hearOne('own', ({ own }) => !own.marked_unread && own.archived);
    expect(devices.other.all('own')).toEqual([]);
  });

  it('a draft as it is now', async () => {
    await using devices = await openDevices();
    await devices.both[0]!.askRaw({ type: 'set_draft', chat_id: chatId, text: 'Dear al', reply_to: 2 });
    for (const device of devices.both) {
      const { own } = await device.hearOne('own', ({ own: state }) => state.draft !== null);
      expect(own.draft).toMatchObject({ text: 'Dear al', reply_to: 2 });
    }
    await http(nodes.one, bob, 'delete', 'draft').expect(204);
    for (const device of devices.both) await device.hearOne('own', ({ own }) => own.draft === null);
  });
});

it('what was read while a node did not hear the others is there to catch up with', async () => {
  await using device = await FullSpeaker.logIn(nodes.two, bob);
  const { resume, session_id: sessionId } = device.all('ready')[0]!;
  const sql = openPool(nodes.two.databaseUrl, 1);
  // As a node whose hint is lost.
  await sql`select mark_read(array[${chatId}]::uuid[], '{1}', array[${sessionId}]::uuid[], array[${bob.id}]::uuid[], '{2}', 1)`;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'messenger bus %'`;
  await sql.end();
  expect(await device.hearOne('lag')).toEqual({ type: 'lag', chats: [] });
  const changed = await device.ask('resume', { token: resume });
  expect(changed).toMatchObject({
    chats: expect.arrayContaining([expect.objectContaining({ chat_id: chatId, read_seq: 2 })]) as unknown,
  });
});

it('whoever is no member any more is told nothing', async () => {
  await using device = await FullSpeaker.logIn(nodes.one, bob);
  // After this nothing that was read before is on its way.
  await device.askRaw({ type: 'set_draft', chat_id: chatId, text: 'the last one' });
  await device.hearOne('own', ({ own }) => own.draft?.text === 'the last one');
  await http(nodes.one, bob, 'post', 'leave').expect(200);
  await device.hearOne('member_removed', (frame) => frame.chat_id === chatId);
  const listOwn = () => device.all('own').filter(({ own }) => own.chat_id === chatId);
  const told = listOwn().length;
  await http(nodes.one, bob, 'patch', 'me', { archived: true }).expect(403);
  await http(nodes.one, mallory, 'patch', 'me', { archived: true }).expect(403);
  await device.askRaw({ type: 'ping' });
  expect(listOwn()).toHaveLength(told);
});

it('a burst of changes makes few frames, and the last one is right', async () => {
  await using device = await FullSpeaker.logIn(nodes.two, bob);
  const startedAtMs = performance.now();
  for (let n = 1; n <= 300; n++) device.socket.send({ type: 'set_draft', chat_id: chatId, text: `word ${n}` });
  await device.hearOne('own', ({ own }) => own.draft?.text === 'word 300');
  expect(device.all('own').length).toBeLessThanOrEqual(Math.ceil((performance.now() - startedAtMs) / 200) + 2);
});
