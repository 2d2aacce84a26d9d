/** Who has read a message, and when. */
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Reading } from '../../src/protocol/message.ts';
import { Marks } from '../../src/server/messages/marks.ts';
import { listReads } from '../../src/server/messages/queries.ts';
import { codeOf, Desk, type Person } from './desk.ts';

let desk: Desk;
let marks: Marks;
let chatId: string;
beforeAll(async () => {
  desk = await Desk.open();
  const { sql, lanes } = desk;
  marks = new Marks({ sql, lanes, log: pino({ level: 'silent' }), publish: () => undefined });
});
beforeEach(async () => {
  chatId = await desk.makeGroup();
  for (const text of ['one', 'two', 'three', 'four']) await desk.say(desk.alice, chatId, text);
});
afterAll(async () => {
  marks[Symbol.dispose]();
  await desk[Symbol.asyncDispose]();
});

const readsOf = async (who: Person, seq: number) =>
  JSON.parse(await listReads(desk.sql, { ...who, chatId, seq })) as Reading[];
const mark = (who: Person, seq: number) => marks.mark({ ...who, chatId, seq });

it('is told of each message by the first step that reached it, the first reader first', async () => {
  const { alice, bob, carol } = desk;
  expect(await readsOf(alice, 1)).toEqual([]);
  await mark(carol, 3);
  await mark(bob, 2);
  await mark(bob, 4);
  const steps = await desk.sql<{ user_id: string; seq: string; read_at: string }[]>`
    select user_id, seq::text, instant(read_at) as read_at from message_reads where chat_id = ${chatId}`;
  const at = ({ userId }: Person, seq: number) => ({
    user_id: userId,
    read_at: steps.find((step) => step.user_id === userId && step.seq === String(seq))!.read_at,
  });
  for (const seq of [1, 2]) expect(await readsOf(alice, seq)).toEqual([at(carol, 3), at(bob, 2)]);
  expect(await readsOf(bob, 3)).toEqual([at(carol, 3), at(bob, 4)]);
  expect(await readsOf(carol, 4)).toEqual([at(bob, 4)]);
});

it('leaves out the sender, who joined after it was said, and who left', async () => {
  const { alice, bob, carol, mallory } = desk;
  await desk.chats.addMembers({ ...alice, chatId, users: [mallory.userId] });
  const { seq } = await desk.say(bob, chatId, 'five');
  for (const who of [alice, bob, carol, mallory]) await mark(who, seq);
  await desk.chats.removeMember({ ...alice, chatId, memberId: carol.userId });
  const readersOf = async (of: number) => (await readsOf(alice, of)).map(({ user_id }) => user_id);
  expect(await readersOf(seq)).toEqual([alice.userId, mallory.userId]);
  expect(await readersOf(1)).toEqual([bob.userId]);
});

it('is refused to whoever does not see the message', async () => {
  const { alice, bob, mallory } = desk;
  const refusal = (who: Person, seq: number, chat = chatId) =>
    codeOf(listReads(desk.sql, { ...who, chatId: chat, seq }));
  expect(await refusal(mallory, 1)).toBe('no_chat');
  expect(await refusal(alice, 9)).toBe('no_message');
  expect(await refusal({ ...alice, sessionId: mallory.sessionId }, 1)).toBe('session_revoked');
  await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
  expect(await refusal(bob, 1)).toBe('no_chat');
  const hidden = await desk.makeGroup('since_joined');
  const { seq } = await desk.say(alice, hidden, 'before');
  await desk.chats.addMembers({ ...alice, chatId: hidden, users: [mallory.userId] });
  expect(await refusal(mallory, seq, hidden)).toBe('no_message');
});
