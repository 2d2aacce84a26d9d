import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { forgetDeletedGroups } from '../../src/server/chats/housekeeping.ts';
import { listEdits, listPins } from '../../src/server/messages/queries.ts';
import { Desk, codeOf, mention, type Person } from './desk.ts';

let desk: Desk;
let chatId: string;
beforeAll(async () => void (desk = await Desk.open()));
beforeEach(async () => void (chatId = await desk.makeGroup()));
afterAll(() => desk[Symbol.asyncDispose]());

type Act = (who: Person, at: { chatId: string; seq: number }) => Promise<unknown>;

const acts: [string, Act][] = [
  ['an edit', (who, at) => desk.messages.edit({ ...who, ...at, text: 'edited' })],
  ['a deletion', (who, at) => desk.messages.delete({ ...who, ...at })],
  ['a reaction', (who, at) => desk.messages.react({ ...who, ...at, emoji: '👍', on: true })],
  ['a pin', (who, at) => desk.messages.pin({ ...who, ...at, on: true })],
];

const editsOf = async (who: Person, seq: number) =>
  JSON.parse(await listEdits(desk.sql, { ...who, chatId, seq })) as unknown;
const pinsOf = async (who: Person) => JSON.parse(await listPins(desk.sql, { ...who, chatId })) as { seq: number }[];

describe.each(acts)('%s', (_what, act) => {
  it('has the next version, which the message, the chat and the members are told', async () => {
    const { seq } = await desk.say(desk.alice, chatId, 'hello');
    const before = await desk.chat(chatId);
    const [{ tx }] = (await desk.sql`select tx::text from chats where id = ${chatId}`) as [{ tx: string }];
    const answer = (await act(desk.alice, { chatId, seq })) as { version: number; row: string };
    const row = await desk.read(chatId, seq);
    expect(answer).toEqual({ version: before.version + 1, row: expect.any(String) as string });
    expect(row.changed_version).toBe(answer.version);
    expect(JSON.parse(answer.row)).toEqual(row);
    expect(desk.changes).toEqual([{ version: answer.version, row }]);
    expect(await desk.chat(chatId)).toEqual({ version: answer.version, lastSeq: before.lastSeq });
    const [after] =
      (await desk.sql`select tx::text > ${tx} or length(tx::text) > ${tx.length} as raised from chats where id = ${chatId}`) as [
        { raised: boolean },
      ];
    expect(after.raised).toBe(true);
  });

  it('changes nothing and is told to nobody when it is made again', async () => {
    const { seq } = await desk.say(desk.alice, chatId, 'hello');
    const first = await act(desk.alice, { chatId, seq });
    expect(await act(desk.alice, { chatId, seq })).toEqual(first);
    expect(desk.changes).toHaveLength(1);
  });

  it('is refused to whoever is no member, has no session or does not see the message', async () => {
    const { seq } = await desk.say(desk.alice, chatId, 'hello');
    const before = await desk.chat(chatId);
    expect(await codeOf(act(desk.mallory, { chatId, seq }))).toBe('no_chat');
    expect(await codeOf(act(desk.alice, { chatId: randomUUID(), seq }))).toBe('no_chat');
    expect(await codeOf(act(desk.alice, { chatId, seq: seq + 1 }))).toBe('no_message');
    expect(await codeOf(act({ ...desk.alice, sessionId: randomUUID() }, { chatId, seq }))).toBe('session_revoked');
    await desk.chats.removeMember({ ...desk.alice, chatId, memberId: desk.bob.userId });
    expect(await codeOf(act(desk.bob, { chatId, seq }))).toBe('no_chat');
    expect((await desk.chat(chatId)).version).toBe(before.version + 1);
    expect(desk.changes).toEqual([]);
  });

  it('does not reach what was said before one joined, where that is hidden', async () => {
    const { alice, mallory } = desk;
    const hidden = await desk.makeGroup('since_joined');
    const before = await desk.say(alice, hidden, 'before');
    await desk.chats.addMembers({ ...alice, chatId: hidden, users: [mallory.userId] });
    await desk.groups.setRole({ ...alice, chatId: hidden, memberId: mallory.userId, role: 'admin' });
    const own = await desk.say(mallory, hidden, 'after');
    expect(await codeOf(act(mallory, { chatId: hidden, seq: before.seq }))).toBe('no_message');
    expect(await codeOf(act(mallory, { chatId: hidden, seq: own.seq }))).toBe('ok');
  });

  it('is refused in a direct chat of which one has blocked the other', async () => {
    const { alice, mallory } = desk;
    const direct = await desk.makeDirect(alice, mallory);
    const { seq } = await desk.say(alice, direct, 'hello');
    await desk.sql`select set_block(${mallory.sessionId}, ${mallory.userId}, ${alice.userId}, true)`;
    expect(await codeOf(act(alice, { chatId: direct, seq }))).toBe('blocked');
    await desk.sql`select set_block(${mallory.sessionId}, ${mallory.userId}, ${alice.userId}, false)`;
    expect(await codeOf(act(alice, { chatId: direct, seq }))).toBe('ok');
  });

  it('of messages of a deleted group is refused', async () => {
    const { seq } = await desk.say(desk.alice, chatId, 'hello');
    await desk.groups.deleteGroup({ ...desk.alice, chatId });
    expect(await codeOf(act(desk.alice, { chatId, seq }))).toBe('no_chat');
  });
});

it('changes of one message that meet have versions of their own, without a hole, in the order they are told', async () => {
  const { alice, bob, carol, dan } = desk;
  const { seq } = await desk.say(alice, chatId, 'hello');
  const other = await desk.say(bob, chatId, 'bye');
  const from = (await desk.chat(chatId)).version;
  // Two nodes: lanes of their own on the same chat.
  await using second = desk.another();
  const at = { chatId, seq };
  const answers = await Promise.all([
    desk.messages.edit({ ...alice, ...at, text: 'one' }),
    second.messages.edit({ ...alice, ...at, text: 'two' }),
    ...[alice, bob, carol, dan].map((who, i) =>
      (i % 2 ? desk : second).messages.react({ ...who, ...at, emoji: '🎉', on: true }),
    ),
    second.messages.pin({ ...bob, ...at, on: true }),
    desk.messages.delete({ ...bob, chatId, seq: other.seq }),
    second.messages.delete({ ...alice, chatId, seq: other.seq }),
    desk.say(carol, chatId, 'in between'),
  ]);
  const versions = [...desk.published, ...second.published].flatMap((event) =>
    'version' in event ? [event.version] : [],
  );
  const { version, lastSeq } = await desk.chat(chatId);
  expect(version).toBe(from + 9);
  expect(versions.filter((one) => one > from).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 9 }, (_, i) => from + 1 + i),
  );
  for (const node of [desk, second])
    expect(node.changes.map((change) => change.version)).toEqual(
      node.changes.map((change) => change.version).toSorted((a, b) => a - b),
    );
  expect(lastSeq).toBe(3);
  expect(answers).toHaveLength(10);
  const last = [...desk.changes, ...second.changes]
    .filter(({ row }) => row.seq === seq)
    .toSorted((a, b) => a.version - b.version);
  expect(last.at(-1)?.row).toEqual(await desk.read(chatId, seq));
});

describe('an edit', () => {
  it('says what the message says now, and keeps what it said before for every member to see', async () => {
    const { alice, bob, carol } = desk;
    const { seq, sentAt } = await desk.say(alice, chatId, { text: 'bob, hi', mentions: [mention(bob, 0, 3)] });
    await desk.messages.edit({ ...alice, chatId, seq, text: 'carol, hi', mentions: [mention(carol, 0, 5)] });
    const { edited_at: editedAt } = await desk.read(chatId, seq);
    await desk.messages.edit({ ...alice, chatId, seq, text: 'hi' });
    const row = await desk.read(chatId, seq);
    expect(row).toMatchObject({ text: 'hi', edited_at: expect.any(String) as string });
    expect(row).not.toHaveProperty('mentions');
    expect(await editsOf(carol, seq)).toEqual([
      { text: 'bob, hi', mentions: [mention(bob, 0, 3)], written_at: sentAt },
      { text: 'carol, hi', mentions: [mention(carol, 0, 5)], written_at: editedAt },
    ]);
  });

  it('moves who is counted as mentioned', async () => {
    const { alice, bob, carol, mallory } = desk;
    const { seq } = await desk.say(alice, chatId, { text: 'b', mentions: [mention(bob)] });
    const other = await desk.say(alice, chatId, { text: 'b', mentions: [mention(bob)] });
    await desk.messages.edit({
      ...alice,
      chatId,
      seq,
      text: 'cma',
      mentions: [carol, mallory, alice].map((who, i) => mention(who, i)),
    });
    expect(await desk.mentionedIn(chatId, seq)).toEqual([carol.userId]);
    expect(await desk.mentionedIn(chatId, other.seq)).toEqual([bob.userId]);
  });

  it('of the mentions alone is one', async () => {
    const { alice, bob, carol } = desk;
    const { seq } = await desk.say(alice, chatId, { text: 'x', mentions: [mention(bob)] });
    await desk.messages.edit({ ...alice, chatId, seq, text: 'x', mentions: [mention(carol)] });
    expect(desk.changes).toHaveLength(1);
    await desk.messages.edit({ ...alice, chatId, seq, text: 'x', mentions: [mention(carol)] });
    expect(desk.changes).toHaveLength(1);
  });

  it('is for the author alone, and not of a forward', async () => {
    const { alice, bob } = desk;
    const { seq } = await desk.say(bob, chatId, 'mine');
    const forward = await desk.say(bob, chatId, { forward: { chatId, seq } });
    expect(await codeOf(desk.messages.edit({ ...alice, chatId, seq, text: 'yours' }))).toBe('access_denied');
    expect(await codeOf(desk.messages.edit({ ...bob, chatId, seq: forward.seq, text: 'else' }))).toBe('access_denied');
  });

  it('is refused after the last one allowed, but the same text again is not', async () => {
    const { alice } = desk;
    const { seq } = await desk.say(alice, chatId, '0');
    for (let i = 1; i <= limits.message.maxEdits; i++)
      await desk.messages.edit({ ...alice, chatId, seq, text: String(i) });
    const text = String(limits.message.maxEdits);
    expect(await codeOf(desk.messages.edit({ ...alice, chatId, seq, text: 'once more' }))).toBe('too_many_edits');
    expect(await codeOf(desk.messages.edit({ ...alice, chatId, seq, text }))).toBe('ok');
    expect(await editsOf(alice, seq)).toHaveLength(limits.message.maxEdits);
  });

  it('is listed with those before it, the oldest first, as far as they fit an answer', async () => {
    const { alice } = desk;
    const { seq } = await desk.say(alice, chatId, '0');
    for (const text of ['1', '2', '3', '4']) await desk.messages.edit({ ...alice, chatId, seq, text });
    const almostHalf = limits.lists.maxBytes / 2 - 1_000;
    await desk.sql`update message_edits set text = text || repeat('x', ${almostHalf})
      where chat_id = ${chatId} and seq = ${seq} and edit > 1`;
    const listed = (await editsOf(alice, seq)) as { text: string }[];
    expect(listed.map(({ text }) => text.slice(0, 2))).toEqual(['0', '1x', '2x']);
  });

  it('leaves a retry of the message what it was', async () => {
    const { alice } = desk;
    const clientId = randomUUID();
    const first = await desk.say(alice, chatId, { clientId, text: 'before' });
    await desk.messages.edit({ ...alice, chatId, seq: first.seq, text: 'after' });
    expect(await desk.say(alice, chatId, { clientId, text: 'before' })).toEqual({ ...first, duplicate: true });
    expect(await codeOf(desk.say(alice, chatId, { clientId, text: 'after' }))).toBe('conflict');
  });

  it('is seen by nobody who does not see the message', async () => {
    const { alice, mallory } = desk;
    const { seq } = await desk.say(alice, chatId, 'x');
    await desk.messages.edit({ ...alice, chatId, seq, text: 'y' });
    expect(await codeOf(editsOf(mallory, seq))).toBe('no_chat');
    expect(await codeOf(editsOf(alice, seq + 1))).toBe('no_message');
    expect(await codeOf(editsOf({ ...alice, sessionId: randomUUID() }, seq))).toBe('session_revoked');
    await desk.chats.removeMember({ ...alice, chatId, memberId: desk.dan.userId });
    expect(await codeOf(editsOf(desk.dan, seq))).toBe('no_chat');
  });
});

describe('a deletion', () => {
  it('leaves the place and nothing else: text, mentions, reply, reactions, pin and earlier texts go', async () => {
    const { alice, bob } = desk;
    await desk.say(bob, chatId, 'question');
    const { seq, id } = await desk.say(alice, chatId, { text: 'secret', replyTo: 1, mentions: [mention(bob)] });
    await desk.messages.edit({ ...alice, chatId, seq, text: 'secret 2', mentions: [mention(bob)] });
    await desk.messages.react({ ...bob, chatId, seq, emoji: '👍', on: true });
    await desk.messages.pin({ ...bob, chatId, seq, on: true });
    const { version } = await desk.messages.delete({ ...alice, chatId, seq });
    const row = await desk.read(chatId, seq);
    expect(Object.keys(row).toSorted()).toEqual(
      [
        'changed_version',
        'chat_id',
        'client_id',
        'deleted_at',
        'id',
        'sender_id',
        'seq',
        'text',
        'timestamp',
        'version',
      ].toSorted(),
    );
    expect(row).toMatchObject({ id, seq, text: '', changed_version: version });
    for (const table of ['mentions', 'reactions', 'message_edits'])
      expect(
        await desk.sql`select from ${desk.sql(table)} where chat_id = ${chatId} and seq = ${seq}`,
        table,
      ).toHaveLength(0);
    expect(await pinsOf(bob)).toEqual([]);
    expect(await editsOf(bob, seq)).toEqual([]);
    expect((await desk.sql`select * from messages where chat_id = ${chatId} and text like '%secret%'`).length).toBe(0);
  });

  it('of a forward says no more who said it', async () => {
    const { alice, bob } = desk;
    const { seq } = await desk.say(alice, chatId, 'source');
    const forward = await desk.say(bob, chatId, { forward: { chatId, seq } });
    await desk.messages.delete({ ...bob, chatId, seq: forward.seq });
    expect(await desk.read(chatId, forward.seq)).not.toHaveProperty('forwarded');
  });

  it('is for the author, and in a group for owner and admins', async () => {
    const { alice, bob, carol, dan } = desk;
    const seqs = await Promise.all([1, 2, 3].map(async () => (await desk.say(carol, chatId, 'carol says')).seq));
    const remove = (who: Person, seq: number, where = chatId) =>
      codeOf(desk.messages.delete({ ...who, chatId: where, seq }));
    expect(await remove(dan, seqs[0]!)).toBe('access_denied');
    expect(await Promise.all([carol, bob, alice].map((who, i) => remove(who, seqs[i]!)))).toEqual(['ok', 'ok', 'ok']);
    const direct = await desk.makeDirect(alice, bob);
    const { seq } = await desk.say(alice, direct, 'between us');
    expect(await remove(bob, seq, direct)).toBe('access_denied');
    expect(await remove(alice, seq, direct)).toBe('ok');
  });

  it('is the last that happens to a message', async () => {
    const { alice, bob } = desk;
    const { seq } = await desk.say(alice, chatId, 'x');
    await desk.messages.delete({ ...alice, chatId, seq });
    const before = await desk.chat(chatId);
    for (const [what, act] of acts.filter(([name]) => name !== 'a deletion'))
      expect([what, await codeOf(act(alice, { chatId, seq }))]).toEqual([what, 'deleted']);
    expect(await codeOf(desk.messages.react({ ...bob, chatId, seq, emoji: '👍', on: false }))).toBe('deleted');
    expect(await desk.chat(chatId)).toEqual(before);
  });

  it('leaves a retry of the message the ack it had', async () => {
    const { alice } = desk;
    const message = { clientId: randomUUID(), text: 'x' };
    const first = await desk.say(alice, chatId, message);
    await desk.messages.delete({ ...alice, chatId, seq: first.seq });
    expect(await desk.say(alice, chatId, message)).toEqual({ ...first, duplicate: true });
  });

  it('takes the message out of what is announced as seen, and positions go over it', async () => {
    const { alice, dan } = desk;
    const direct = await desk.makeDirect(alice, dan);
    for (const text of ['one', 'two', 'three']) await desk.say(alice, direct, text);
    await desk.messages.delete({ ...alice, chatId: direct, seq: 2 });
    const [row] = await desk.sql<{ answer: { seen: { seq: number }[] } }[]>`
      select mark_read(array[${direct}]::uuid[], '{1}', array[${dan.sessionId}]::uuid[], array[${dan.userId}]::uuid[], '{3}', 100) as answer`;
    expect(row!.answer.seen.map(({ seq }) => seq)).toEqual([1, 3]);
  });
});

describe('reactions', () => {
  const react = (who: Person, emoji: string, on = true, seq = 1) =>
    desk.messages.react({ ...who, chatId, seq, emoji, on });
  beforeEach(() => desk.say(desk.alice, chatId, 'react to this'));

  it('are one for each person and emoji, the oldest first, and can be taken back', async () => {
    const { alice, bob, carol } = desk;
    for (const [who, emoji] of [
      [carol, '👍'],
      [alice, '🎉'],
      [bob, '👍'],
    ] as const)
      await react(who, emoji);
    expect((await desk.read(chatId, 1)).reactions).toEqual([
      { emoji: '👍', user_ids: [carol.userId, bob.userId] },
      { emoji: '🎉', user_ids: [alice.userId] },
    ]);
    await react(alice, '🎉', false);
    await react(carol, '👍', false);
    expect((await desk.read(chatId, 1)).reactions).toEqual([{ emoji: '👍', user_ids: [bob.userId] }]);
    await react(bob, '👍', false);
    expect(await desk.read(chatId, 1)).not.toHaveProperty('reactions');
  });

  it('that are not there are taken back without a change', async () => {
    const before = await desk.chat(chatId);
    expect((await react(desk.bob, '👍', false)).version).toBe(before.version);
    expect(desk.changes).toEqual([]);
  });

  it('are bounded for each person and for all', async () => {
    const { alice, bob } = desk;
    const emoji = (i: number) => String.fromCodePoint(0x1f600 + i);
    const { maxPerPerson, maxPerMessage } = limits.reactions;
    for (let i = 0; i < maxPerPerson; i++) await react(alice, emoji(i));
    expect(await codeOf(react(alice, emoji(maxPerPerson)))).toBe('too_many_reactions');
    expect(await codeOf(react(alice, emoji(0)))).toBe('ok');
    for (let i = maxPerPerson; i < maxPerMessage; i++)
      await desk.sql`insert into reactions values (${chatId}, 1, ${emoji(i)}, ${randomUUID()}, now())`;
    expect(await codeOf(react(bob, emoji(maxPerMessage)))).toBe('too_many_reactions');
    expect(await codeOf(react(bob, emoji(maxPerMessage - 1)))).toBe('ok');
    await react(alice, emoji(0), false);
    expect(await codeOf(react(bob, emoji(maxPerMessage)))).toBe('ok');
  });
});

describe('pins', () => {
  const pin = (who: Person, seq: number, on = true, where = chatId) =>
    desk.messages.pin({ ...who, chatId: where, seq, on });

  it('are set and taken away by owner and admins, and listed to members, the newest first', async () => {
    const { alice, bob, carol, mallory } = desk;
    for (const text of ['one', 'two', 'three']) await desk.say(carol, chatId, text);
    expect(await codeOf(pin(carol, 1))).toBe('access_denied');
    await pin(alice, 3);
    await pin(bob, 1);
    await pin(alice, 2);
    await pin(bob, 3, false);
    const rows = await pinsOf(carol);
    expect(rows.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(rows[1]).toEqual(await desk.read(chatId, 1));
    expect(rows[1]).toMatchObject({ pinned_by: bob.userId, pinned_at: expect.any(String) as string });
    expect(await codeOf(pinsOf(mallory))).toBe('no_chat');
    expect(await codeOf(pinsOf({ ...carol, sessionId: randomUUID() }))).toBe('session_revoked');
  });

  it('are set by both in a direct chat', async () => {
    const { alice, bob } = desk;
    const direct = await desk.makeDirect(alice, bob);
    const { seq } = await desk.say(alice, direct, 'one');
    expect(await codeOf(pin(bob, seq, true, direct))).toBe('ok');
    expect(await codeOf(pin(alice, seq, false, direct))).toBe('ok');
  });

  it('of what was said before one joined are not listed where that is hidden', async () => {
    const { alice, mallory } = desk;
    chatId = await desk.makeGroup('since_joined');
    await desk.say(alice, chatId, 'before');
    await pin(alice, 1);
    await desk.chats.addMembers({ ...alice, chatId, users: [mallory.userId] });
    await desk.say(alice, chatId, 'after');
    await pin(alice, 2);
    expect((await pinsOf(mallory)).map(({ seq }) => seq)).toEqual([2]);
  });

  it('are listed as far as they fit an answer, and one always', async () => {
    const { alice } = desk;
    for (let seq = 1; seq <= 3; seq++) {
      await desk.say(alice, chatId, 'x');
      await pin(alice, seq);
    }
    const grow = (toBytes: number) =>
      desk.sql`update messages set text = repeat('x', ${toBytes}) where chat_id = ${chatId}`;
    await grow(limits.lists.maxBytes / 2 - 1_000);
    expect((await pinsOf(alice)).map(({ seq }) => seq)).toEqual([3, 2]);
    await grow(2 * limits.lists.maxBytes);
    expect((await pinsOf(alice)).map(({ seq }) => seq)).toEqual([3]);
  });

  it('are bounded', async () => {
    const { alice } = desk;
    const max = limits.counts.pinnedMessages;
    await Promise.all(Array.from({ length: max + 1 }, (_, i) => desk.say(alice, chatId, String(i))));
    await desk.sql`update messages set pinned_at = now(), pinned_by = ${alice.userId} where chat_id = ${chatId} and seq <= ${max}`;
    expect(await codeOf(pin(alice, max + 1))).toBe('too_many_pins');
    await pin(alice, 1, false);
    expect(await codeOf(pin(alice, max + 1))).toBe('ok');
  });
});

it('of a deleted group reactions, mentions, earlier texts and drafts are swept away with the messages', async () => {
  const { alice, bob } = desk;
  const kept = await desk.makeGroup();
  for (const chat of [chatId, kept]) {
    const { seq } = await desk.say(alice, chat, { text: 'x', mentions: [mention(bob)] });
    await desk.messages.react({ ...bob, chatId: chat, seq, emoji: '👍', on: true });
    await desk.messages.edit({ ...alice, chatId: chat, seq, text: 'y', mentions: [mention(bob)] });
    await desk.sql`insert into drafts (chat_id, user_id, text, updated_at) values (${chat}, ${bob.userId}, 'draft', now())`;
  }
  await desk.groups.deleteGroup({ ...alice, chatId });
  await forgetDeletedGroups(desk.sql, { rows: 2, max: 1_000 });
  for (const table of ['messages', 'mentions', 'reactions', 'message_edits', 'drafts', 'groups']) {
    const count = (chat: string) => desk.sql`select from ${desk.sql(table)} where chat_id = ${chat}`;
    expect([table, (await count(chatId)).length, (await count(kept)).length]).toEqual([table, 0, 1]);
  }
});
