import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Desk, codeOf, mention, type Person } from './desk.ts';

let desk: Desk;
let chatId: string;
beforeAll(async () => void (desk = await Desk.open()));
beforeEach(async () => void (chatId = await desk.makeGroup()));
afterAll(() => desk[Symbol.asyncDispose]());

describe('a reply', () => {
  it('names the message it answers, in its row and in what members are told', async () => {
    await desk.say(desk.alice, chatId, 'Is anybody there?');
    const { seq } = await desk.say(desk.bob, chatId, { text: 'Yes', replyTo: 1 });
    expect((await desk.read(chatId, seq)).reply_to).toBe(1);
    expect(desk.publishedAt(chatId, seq)).toMatchObject({ replyTo: 1, text: 'Yes' });
  });

  it('to a message that is not there yet is refused and leaves no hole', async () => {
    await desk.say(desk.alice, chatId, 'one');
    const before = await desk.chat(chatId);
    expect(await codeOf(desk.say(desk.bob, chatId, { text: 'two', replyTo: 2 }))).toBe('no_message');
    expect(await desk.chat(chatId)).toEqual(before);
    expect((await desk.say(desk.bob, chatId, 'two')).seq).toBe(2);
  });

  it('that was stored is the same message when it is sent again, and with another answered message a conflict', async () => {
    await desk.say(desk.alice, chatId, 'one');
    await desk.say(desk.alice, chatId, 'two');
    const reply = { clientId: randomUUID(), text: 'Hm', replyTo: 1 };
    const first = await desk.say(desk.bob, chatId, reply);
    expect(await desk.say(desk.bob, chatId, reply)).toEqual({ ...first, duplicate: true });
    expect(await codeOf(desk.say(desk.bob, chatId, { ...reply, replyTo: 2 }))).toBe('conflict');
    expect(await codeOf(desk.say(desk.bob, chatId, { ...reply, replyTo: null }))).toBe('conflict');
  });
});

describe('mentions', () => {
  it('are kept as they were sent, and counted for members alone, but the sender, once each', async () => {
    const { alice, bob, carol, mallory } = desk;
    await desk.chats.removeMember({ ...alice, chatId, memberId: desk.dan.userId });
    const mentions = [bob, bob, alice, mallory, desk.dan, carol].map((who, i) => mention(who, i));
    const { seq } = await desk.say(alice, chatId, { text: 'bbamdc', mentions });
    expect((await desk.read(chatId, seq)).mentions).toEqual(mentions);
    expect(desk.publishedAt(chatId, seq)?.mentions).toEqual(mentions);
    expect(await desk.mentionedIn(chatId, seq)).toEqual([bob.userId, carol.userId].toSorted());
  });

  it('of messages of one batch are each their own', async () => {
    const { alice, bob, carol } = desk;
    const sent = await Promise.all([
      desk.say(alice, chatId, { text: 'b', mentions: [mention(bob)] }),
      desk.say(alice, chatId, 'nobody'),
      desk.say(bob, chatId, { text: 'c', mentions: [mention(carol)] }),
      desk.say(desk.mallory, chatId, { text: 'c', mentions: [mention(carol)] }).catch(() => undefined),
    ]);
    const seqs = sent.flatMap((one) => one?.seq ?? []);
    expect(await Promise.all(seqs.map((seq) => desk.mentionedIn(chatId, seq)))).toEqual([
      [bob.userId],
      [],
      [carol.userId],
    ]);
    expect(await desk.sql`select from mentions where chat_id = ${chatId}`).toHaveLength(2);
  });

  it('belong to what a retry has to repeat', async () => {
    const { alice, bob, carol } = desk;
    const first = { clientId: randomUUID(), text: 'x', mentions: [mention(bob)] };
    const sent = await desk.say(alice, chatId, first);
    expect(await desk.say(alice, chatId, first)).toEqual({ ...sent, duplicate: true });
    expect(await codeOf(desk.say(alice, chatId, { ...first, mentions: [mention(carol)] }))).toBe('conflict');
    expect(await desk.mentionedIn(chatId, sent.seq)).toEqual([bob.userId]);
  });

  it('of a text that was edited since are not counted again by a retry', async () => {
    const { alice, bob } = desk;
    const first = { clientId: randomUUID(), text: 'x', mentions: [mention(bob)] };
    const { seq } = await desk.say(alice, chatId, first);
    await desk.messages.edit({ ...alice, chatId, seq, text: 'y' });
    await desk.say(alice, chatId, first);
    expect(await desk.mentionedIn(chatId, seq)).toEqual([]);
  });

  it('empty, a text has the payload of a plain one', async () => {
    const clientId = randomUUID();
    await desk.say(desk.alice, chatId, { clientId, text: 'plain' });
    const again = await desk.say(desk.alice, chatId, {
      clientId,
      text: 'plain',
      mentions: [],
      replyTo: null,
      forward: null,
    });
    expect(again.duplicate).toBe(true);
  });
});

describe('a forward', () => {
  it('takes the text, and says who said it first, also of a forward', async () => {
    const { alice, bob, carol } = desk;
    const other = await desk.makeDirect(bob, carol);
    const third = await desk.makeDirect(carol, alice);
    const first = await desk.say(alice, chatId, { text: 'The door is open', sentAt: '2025-05-04T04:45:50Z' });
    const second = await desk.say(bob, other, { forward: { chatId, seq: first.seq } });
    const last = await desk.say(carol, third, { forward: { chatId: other, seq: second.seq } });
    const forwarded = { sender_id: alice.userId, timestamp: '2025-05-04T04:45:50Z' };
    expect(await desk.read(third, last.seq)).toMatchObject({
      text: 'The door is open',
      sender_id: carol.userId,
      forwarded,
    });
    expect(desk.publishedAt(third, last.seq)).toMatchObject({
      text: 'The door is open',
      forwarded: { senderId: alice.userId, sentAt: forwarded.timestamp },
    });
  });

  it('of what one may not see is refused: of strangers, of what came after one left, of what was before one joined, of what was deleted', async () => {
    const { alice, bob, carol, mallory } = desk;
    const own = await desk.makeDirect(mallory, carol);
    const late = await desk.makeGroup('since_joined');
    const before = await desk.say(alice, late, 'before');
    await desk.chats.addMembers({ ...alice, chatId: late, users: [mallory.userId] });
    const during = await desk.say(alice, late, 'during');
    await desk.chats.removeMember({ ...alice, chatId: late, memberId: mallory.userId });
    const after = await desk.say(alice, late, 'after');
    const secret = await desk.say(alice, chatId, 'secret');
    const gone = await desk.say(bob, late, 'gone');
    await desk.messages.delete({ ...bob, chatId: late, seq: gone.seq });
    const forward = (source: string, seq: number, who = mallory) =>
      codeOf(desk.say(who, own, { forward: { chatId: source, seq } }));
    expect(await forward(chatId, secret.seq)).toBe('no_message');
    expect(await forward(late, before.seq)).toBe('no_message');
    expect(await forward(late, during.seq)).toBe('ok');
    expect(await forward(late, after.seq)).toBe('no_message');
    expect(await forward(late, gone.seq, carol)).toBe('no_message');
    expect(await forward(late, 99, carol)).toBe('no_message');
    expect(await forward(randomUUID(), 1)).toBe('no_message');
    expect((await desk.chat(own)).lastSeq).toBe(1);
  });

  it('sent again is the one that was stored, though its source has changed, is deleted or out of sight', async () => {
    const { alice, bob, carol } = desk;
    const own = await desk.makeDirect(bob, carol);
    const { seq } = await desk.say(alice, chatId, 'as it was');
    const forward = { clientId: randomUUID(), forward: { chatId, seq } };
    const first = await desk.say(bob, own, forward);
    const again = { ...first, duplicate: true };
    await desk.messages.edit({ ...alice, chatId, seq, text: 'as it is' });
    expect(await desk.say(bob, own, forward)).toEqual(again);
    await desk.messages.delete({ ...alice, chatId, seq });
    expect(await desk.say(bob, own, forward)).toEqual(again);
    await desk.chats.removeMember({ ...alice, chatId, memberId: bob.userId });
    expect(await desk.say(bob, own, forward)).toEqual(again);
    expect((await desk.read(own, first.seq)).text).toBe('as it was');
    expect(await codeOf(desk.say(bob, own, { ...forward, forward: { chatId, seq: seq + 1 } }))).toBe('conflict');
    expect(await codeOf(desk.say(bob, own, { clientId: forward.clientId, text: 'as it was' }))).toBe('conflict');
  });

  it('keeps its place among what its sender sends', async () => {
    const { alice } = desk;
    const { seq } = await desk.say(alice, chatId, 'source');
    const sent = await Promise.all([
      desk.say(alice, chatId, 'a'),
      desk.say(alice, chatId, { forward: { chatId, seq } }),
      desk.say(alice, chatId, 'b'),
    ]);
    expect(sent.map((one) => one.seq)).toEqual([2, 3, 4]);
  });
});

describe('a message that is to come after another', () => {
  const ids = () => Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];

  it('is stored when that one is, before it or in the same batch', async () => {
    const [a, b, c, d] = ids();
    await desk.say(desk.alice, chatId, { clientId: a, text: 'a' });
    const sent = await Promise.all([
      desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: a }),
      desk.say(desk.alice, chatId, { clientId: c, text: 'c', after: b }),
      desk.say(desk.alice, chatId, { clientId: d, text: 'd', after: c }),
    ]);
    expect(sent.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  it('is refused when that one is not there, with all that come after it, until it is', async () => {
    const [a, b, c] = ids();
    const send = () =>
      Promise.all([
        codeOf(desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: a })),
        codeOf(desk.say(desk.alice, chatId, { clientId: c, text: 'c', after: b })),
      ]);
    expect(await send()).toEqual(['depends_missing', 'depends_missing']);
    expect((await desk.chat(chatId)).lastSeq).toBe(0);
    await desk.say(desk.alice, chatId, { clientId: a, text: 'a' });
    expect(await send()).toEqual(['ok', 'ok']);
  });

  it.each([
    ['answers what is not there', () => ({ replyTo: 99, text: 'a' }), 'no_message'],
    ['forwards what is not to be had', () => ({ forward: { chatId: randomUUID(), seq: 1 } }), 'no_message'],
  ])('is refused in one batch with one that %s', async (_what, content, code) => {
    const [a, b, c] = ids();
    const codes = await Promise.all([
      codeOf(desk.say(desk.alice, chatId, { clientId: a, ...content() })),
      codeOf(desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: a })),
      codeOf(desk.say(desk.alice, chatId, { clientId: c, text: 'c', after: b })),
    ]);
    expect(codes).toEqual([code, 'depends_missing', 'depends_missing']);
  });

  it('is stored with a reply and a forward before it in one batch', async () => {
    const [a, b, c] = ids();
    const { seq } = await desk.say(desk.bob, chatId, 'source');
    const sent = await Promise.all([
      desk.say(desk.alice, chatId, { clientId: a, text: 'a', replyTo: seq }),
      desk.say(desk.alice, chatId, { clientId: b, forward: { chatId, seq }, after: a }),
      desk.say(desk.alice, chatId, { clientId: c, text: 'c', after: b }),
    ]);
    expect(sent.map((one) => one.seq)).toEqual([2, 3, 4]);
  });

  it('is stored when that one is a retry or in conflict with what was stored', async () => {
    const [a, b, c] = ids();
    await desk.say(desk.alice, chatId, { clientId: a, text: 'a' });
    const after = (text: string, clientId: string) =>
      Promise.all([
        codeOf(desk.say(desk.alice, chatId, { clientId: a, text })),
        codeOf(desk.say(desk.alice, chatId, { clientId, text: 'after', after: a })),
      ]);
    expect(await after('a', b)).toEqual(['ok', 'ok']);
    expect(await after('another', c)).toEqual(['conflict', 'ok']);
  });

  it('is refused with what is refused for its session, and waits for another session of the sender', async () => {
    const [a, b] = ids();
    const ended = { ...desk.alice, sessionId: randomUUID() };
    const pair = (first: Person, second: Person) =>
      Promise.all([
        codeOf(desk.say(first, chatId, { clientId: a, text: 'a' })),
        codeOf(desk.say(second, chatId, { clientId: b, text: 'b', after: a })),
      ]);
    expect(await pair(ended, ended)).toEqual(['session_revoked', 'session_revoked']);
    expect(await pair(ended, desk.alice)).toEqual(['session_revoked', 'depends_missing']);
    expect(await pair(desk.mallory, desk.mallory)).toEqual(['no_chat', 'no_chat']);
  });

  it('does not take a message of another person or chat, or itself, for the one before', async () => {
    const [a, b] = ids();
    const other = await desk.makeGroup();
    await desk.say(desk.bob, chatId, { clientId: a, text: 'a' });
    await desk.say(desk.alice, other, { clientId: a, text: 'a' });
    expect(await codeOf(desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: a }))).toBe('depends_missing');
    expect(await codeOf(desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: b }))).toBe('depends_missing');
  });

  it('that was stored is answered as a duplicate, whatever it was to come after', async () => {
    const [a, b, c] = ids();
    await desk.say(desk.alice, chatId, { clientId: a, text: 'a' });
    const first = await desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: a });
    const again = await desk.say(desk.alice, chatId, { clientId: b, text: 'b', after: c });
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it('is refused when the one before is what PostgreSQL refuses, and the batch is halved', async () => {
    const [a, b, c, d] = ids();
    const codes = await Promise.all([
      codeOf(desk.say(desk.alice, chatId, { clientId: a, text: 'a' })),
      codeOf(desk.say(desk.alice, chatId, { clientId: b, text: 'b\0', after: a })),
      codeOf(desk.say(desk.alice, chatId, { clientId: c, text: 'c', after: b })),
      codeOf(desk.say(desk.alice, chatId, { clientId: d, text: 'd', after: a })),
    ]);
    expect(codes).toEqual(['ok', 'internal', 'depends_missing', 'ok']);
    expect((await desk.chat(chatId)).lastSeq).toBe(2);
  });
});
