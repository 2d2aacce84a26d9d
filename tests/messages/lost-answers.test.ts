import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Marks } from '../../src/server/messages/marks.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { DatabaseProxy } from '../support/proxy.ts';
import { Desk, mention } from './desk.ts';

let road: DatabaseProxy;
let desk: Desk;
let chatId: string;

beforeAll(async () => {
  desk = await Desk.open(async (url) => (road = await DatabaseProxy.open(url)).url);
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await road[Symbol.asyncDispose]();
});

/** Every statement is known to the connection afterwards: its next call is one packet and one answer. */
async function warmUp(seq: number): Promise<void> {
  const { alice } = desk;
  const at = { ...alice, chatId, seq };
  await desk.messages.edit({ ...at, text: 'warm' });
  for (const on of [true, false]) {
    await desk.messages.react({ ...at, emoji: '👍', on });
    await desk.messages.pin({ ...at, on });
  }
  await desk.say(alice, chatId, { forward: { chatId, seq } });
  await desk.messages.delete(at);
}

beforeEach(async () => {
  chatId = await desk.makeGroup();
  const { seq } = await desk.say(desk.alice, chatId, 'first');
  await warmUp(seq);
  desk.published = [];
  desk.doubted = [];
});

it.each<[string, (at: { chatId: string; seq: number }) => Promise<{ version: number; row: string }>]>([
  ['an edit', (at) => desk.messages.edit({ ...desk.alice, ...at, text: 'edited' })],
  ['a deletion', (at) => desk.messages.delete({ ...desk.alice, ...at })],
  ['a reaction', (at) => desk.messages.react({ ...desk.alice, ...at, emoji: '🎉', on: true })],
  ['a pin', (at) => desk.messages.pin({ ...desk.alice, ...at, on: true })],
])('%s whose answer was lost has happened once, and whoever lives here is told to look', async (_what, act) => {
  const { seq } = await desk.say(desk.alice, chatId, 'hello');
  const before = await desk.chat(chatId);
  const cuts = road.cut;
  road.cutNextReplies(1);
  const { version, row } = await act({ chatId, seq });
  expect(road.cut).toBe(cuts + 1);
  expect(version).toBe(before.version + 1);
  expect((await desk.chat(chatId)).version).toBe(version);
  expect(JSON.parse(row)).toEqual(await desk.read(chatId, seq));
  expect(desk.doubted).toEqual([chatId]);
});

it('a forward with all that a message may carry whose ack was lost is stored once, and told as it was stored', async () => {
  const { alice, bob } = desk;
  const { seq } = await desk.say(alice, chatId, { text: 'hello', mentions: [mention(bob, 0, 5)], replyTo: 1 });
  const cuts = road.cut;
  // The source's text was read, the call was carried out, and its answer is lost.
  const clientId = randomUUID();
  const lost = desk.sql.begin(async (sql) => {
    // Holds the call back until the text has been found, and changes it before the call is made again.
    await sql`select from chats where id = ${chatId} for update`;
    const sent = desk.say(bob, chatId, { clientId, forward: { chatId, seq } });
    await expect
      .poll(
        () => desk.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        {
          interval: 20,
        },
      )
      .toHaveLength(1);
    road.cutNextReplies(1);
    await sql`update messages set text = 'hello, all' where chat_id = ${chatId} and seq = ${seq}`;
    return { sent };
  });
  const sent = await (await lost).sent;
  expect(road.cut).toBe(cuts + 1);
  expect(sent.duplicate).toBe(false);
  expect(desk.publishedAt(chatId, sent.seq)).toMatchObject({ text: 'hello', forwarded: { senderId: alice.userId } });
  expect((await desk.read(chatId, sent.seq)).text).toBe('hello');
  expect(await desk.sql`select from messages where chat_id = ${chatId} and client_id = ${clientId}`).toHaveLength(1);
});

it.each(['mark', 'markDelivered'] as const)('a position whose answer was lost is told (%s)', async (act) => {
  const { alice, bob } = desk;
  const { seq } = await desk.say(alice, chatId, 'hello');
  const told: ServerEvent[] = [];
  const { sql, lanes } = desk;
  using marks = new Marks({
    sql,
    lanes,
    log: pino({ level: 'silent' }),
    publish: (events) => void told.push(...events),
  });
  await marks[act]({ ...bob, chatId, seq: 1 });
  await expect.poll(() => told.filter(({ kind }) => kind === 'positions')).toHaveLength(1);
  told.length = 0;
  const cuts = road.cut;
  road.cutNextReplies(1);
  const moved = await marks[act]({ ...bob, chatId, seq });
  expect(road.cut).toBe(cuts + 1);
  expect(moved.deliveredSeq).toBe(seq);
  expect(told).toContainEqual({ kind: 'own_changed', chatId, userId: bob.userId });
  await expect
    .poll(() => told)
    .toContainEqual({ kind: 'positions', chatId, rows: [expect.objectContaining({ userId: bob.userId, ...moved })] });
  told.length = 0;
  await marks[act]({ ...bob, chatId, seq });
  expect(told).toEqual([]);
});
