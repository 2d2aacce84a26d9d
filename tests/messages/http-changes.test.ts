import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changesPage } from '../../src/protocol/message-changes.ts';
import { message, type Message } from '../../src/protocol/message.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Actor } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';
import { Stage } from '../chats/cast.ts';

let stage: Stage;
let path: string;
let chatId: string;
beforeAll(async () => void (stage = await Stage.open()));
beforeEach(async () => void ({ path, chatId } = await stage.makeGroup()));
afterAll(() => stage.close());

interface Changes {
  to: number;
  to_seq: number;
  more: boolean;
  rows: Message[];
}

const say = async (
  actor: Actor,
  body: object,
  expected = 201,
): Promise<{ seq: number; client_id: string; version: number }> => {
  const answer = await stage.put(actor, `${path}/messages/${randomUUID()}`, body).expect(expected);
  return answer.body as { seq: number; client_id: string; version: number };
};
const changesOf = async (actor: Actor, query: string, place = path): Promise<Changes> =>
  (await stage.get(actor, `${place}/changes?${query}`).expect(200)).body as Changes;

describe('over HTTP', () => {
  it('a message is edited, reacted to, pinned and deleted, and each answer is the message as it is now', async () => {
    const { alice, bob, carol } = stage;
    const { seq } = await say(alice, { text: 'hello' });
    const at = `${path}/messages/${seq}`;
    const thumb = `${at}/reactions/${encodeURIComponent('👍')}`;
    const edited = await stage.patch(alice, at, { text: 'hello, all' }).expect(200);
    expect(message.parse(edited.body)).toMatchObject({
      text: 'hello, all',
      seq,
      edited_at: expect.any(String) as string,
    });
    const reacted = await stage.put(carol, thumb, {}).expect(200);
    expect(reacted.body).toMatchObject({ reactions: [{ emoji: '👍', user_ids: [carol.id] }] });
    const pinned = await stage.put(bob, `${at}/pin`, {}).expect(200);
    expect(pinned.body).toMatchObject({ pinned_by: bob.id });
    expect((await stage.get(carol, `${path}/pins`).expect(200)).body).toEqual([pinned.body]);
    expect((await stage.get(carol, `${at}/edits`).expect(200)).body).toMatchObject([{ text: 'hello' }]);
    await stage.post(carol, `${path}/read`, { seq }).expect(200);
    expect((await stage.get(bob, `${at}/reads`).expect(200)).body).toMatchObject([{ user_id: carol.id }]);
    expect((await stage.remove(carol, thumb).expect(200)).body).not.toHaveProperty('reactions');
    expect((await stage.remove(bob, `${at}/pin`).expect(200)).body).not.toHaveProperty('pinned_at');
    const deleted = await stage.remove(bob, at).expect(200);
    expect(message.parse(deleted.body)).toMatchObject({ text: '', deleted_at: expect.any(String) as string });
    await stage.patch(alice, at, { text: 'again' }).expect(409, /deleted/);
  });

  it('a message is sent as a reply, with mentions, as a forward and after another', async () => {
    const { alice, bob } = stage;
    const first = await say(alice, { text: 'hello' });
    const mentions = [{ user_id: alice.id, offset: 0, length: 5 }];
    const reply = await say(bob, { text: 'Alice, hi', reply_to: first.seq, mentions });
    const forward = await say(bob, { forward: { chat_id: chatId, seq: first.seq }, after: reply.client_id });
    const { rows } = await changesOf(alice, 'after=0');
    expect(rows.find(({ seq }) => seq === reply.seq)).toMatchObject({ reply_to: first.seq, mentions });
    expect(rows.find(({ seq }) => seq === forward.seq)).toMatchObject({
      text: 'hello',
      forwarded: { sender_id: alice.id },
    });
    await stage
      .put(bob, `${path}/messages/${randomUUID()}`, { text: 'x', after: randomUUID() })
      .expect(409, /depends_missing/);
    await stage.put(bob, `${path}/messages/${randomUUID()}`, { text: 'x', reply_to: 99 }).expect(403, /no_message/);
  });

  it.each([
    ['neither text nor forward', { reply_to: 1 }, ['body.text', 'missing']],
    ['text and forward', { text: 'x', forward: { chat_id: randomUUID(), seq: 1 } }, ['body.text', 'value_error']],
    [
      'a mention beyond the text',
      { text: 'x', mentions: [{ user_id: randomUUID(), offset: 0, length: 2 }] },
      ['body.mentions.0.length', 'value_error'],
    ],
    ['an answered message 0', { text: 'x', reply_to: 0 }, ['body.reply_to', 'greater_than_equal']],
  ])('a message with %s is refused', async (_what, body, expected) => {
    const answer = await stage.put(stage.alice, `${path}/messages/${randomUUID()}`, body).expect(422);
    const { detail } = answer.body as { detail: { loc: string[]; type: string }[] };
    expect(detail.map(({ loc, type }) => [loc.join('.'), type])).toEqual([expected]);
  });

  it.each(['x', '👍👍', 'a👍', '1'])('%s is no emoji to react with', async (text) => {
    await say(stage.alice, { text: 'hello' });
    await stage
      .put(stage.alice, `${path}/messages/1/reactions/${encodeURIComponent(text)}`, {})
      .expect(422, /emoji_parsing/);
  });

  it('a deleted message is an empty one in history and in the list of chats', async () => {
    const { alice, bob } = stage;
    const { seq } = await say(alice, { text: 'secret' });
    // Twice, so that the page comes from the cache.
    for (let i = 0; i < 3; i++) await stage.get(bob, `/history/${chatId}?before=end`).expect(200, /secret/);
    await stage.remove(alice, `${path}/messages/${seq}`).expect(200);
    const { body: history } = (await stage.get(bob, `/history/${chatId}?before=end`).expect(200)) as {
      body: { text: string }[];
    };
    expect(history.map(({ text }) => text)).toEqual(['']);
    const { body: chats } = (await stage.get(bob, '/api/v1/chats').expect(200)) as {
      body: { id: string; last_message: { text: string } }[];
    };
    expect(chats.find(({ id }) => id === chatId)?.last_message.text).toBe('');
  });
});

describe('the changes since a version', () => {
  it('are what is there now, page after page', async () => {
    const { alice } = stage;
    for (const text of ['one', 'two', 'three']) await say(alice, { text });
    const first = await changesOf(alice, 'after=0&limit=2');
    expect(changesPage.parse(first)).toMatchObject({ more: true });
    const second = await changesOf(alice, `after=${first.to}&after_seq=${first.to_seq}`);
    expect([...first.rows, ...second.rows].map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(second).toMatchObject({ more: false, to: await stage.versionOf(chatId), to_seq: 3 });
  });

  it('are answered at once where there are some, or where one does not wait', async () => {
    const { alice } = stage;
    const { version, seq } = await say(alice, { text: 'one' });
    expect((await changesOf(alice, `after=${version - 1}&wait=30`)).rows).toHaveLength(1);
    expect((await changesOf(alice, `after=${version}&after_seq=${seq}`)).rows).toEqual([]);
  });

  it('are waited for, and come with the change', async () => {
    const { alice, bob } = stage;
    const { version, seq } = await say(alice, { text: 'one' });
    const waiting = changesOf(bob, `after=${version}&after_seq=${seq}&wait=30`);
    const more = await say(alice, { text: 'two' });
    expect(await waiting).toMatchObject({ to: more.version, rows: [{ text: 'two' }] });
    const waitingForEdit = changesOf(bob, `after=${more.version}&after_seq=${more.seq}&wait=30`);
    await stage.patch(alice, `${path}/messages/1`, { text: 'one!' }).expect(200);
    expect(await waitingForEdit).toMatchObject({ rows: [{ text: 'one!', seq: 1 }] });
  });

  it('that do not come are answered as none when the time is over', async () => {
    const { alice } = stage;
    const { version, seq } = await say(alice, { text: 'one' });
    expect(await changesOf(alice, `after=${version}&after_seq=${seq}&wait=1`)).toMatchObject({ to: version, rows: [] });
  });

  it('on another node are heard of there, sooner than one would look', { timeout: 30_000 }, async () => {
    const { alice, bob } = stage;
    await using other = await startTestServer({ database: { url: stage.server.databaseUrl } });
    /** How long a change took, in milliseconds. */
    const hear = async (): Promise<number> => {
      const { version, seq } = await say(alice, { text: 'one' });
      const query = `after=${version}&after_seq=${seq}&wait=30`;
      const waiting = fetch(`${other.url}${path}/changes?${query}`, { headers: bob.authorization });
      // A moment for the request to arrive: it is answered alike when it comes late.
      await stage.get(alice, '/api/v1/users/me').expect(200);
      const startedAtMs = performance.now();
      await say(alice, { text: 'two' });
      expect(await (await waiting).json()).toMatchObject({ rows: [{ text: 'two' }] });
      return performance.now() - startedAtMs;
    };
    // Nodes find out about each other within a second; before that there are no hints.
    await expect.poll(hear).toBeLessThan(1_000);
    expect(other.bugs).toEqual([]);
  });

  it('are no more told to whoever was removed meanwhile', async () => {
    const { alice, carol } = stage;
    const { version, seq } = await say(alice, { text: 'one' });
    const waiting = stage
      .get(carol, `${path}/changes?after=${version}&after_seq=${seq}&wait=30`)
      .expect(403, /no_chat/);
    const answered = waiting.then((answer) => answer.status);
    await stage.remove(alice, `${path}/members/${carol.id}`).expect(200);
    expect(await answered).toBe(403);
  });

  it('are waited for by a bounded number of requests of a person', async () => {
    const { alice, bob } = stage;
    const { version, seq } = await say(alice, { text: 'one' });
    const query = `after=${version}&after_seq=${seq}&wait=30`;
    const waiting = Array.from({ length: limits.sync.maxWaitsPerPerson + 1 }, async () => {
      const answer = await stage.get(bob, `${path}/changes?${query}`);
      return answer.status;
    });
    expect(await Promise.race(waiting)).toBe(429);
    await say(alice, { text: 'two' });
    expect((await Promise.all(waiting)).filter((status) => status === 200)).toHaveLength(limits.sync.maxWaitsPerPerson);
  });

  it('are not waited for by a node that goes', async () => {
    const { alice } = stage;
    const other = await startTestServer({ database: { url: stage.server.databaseUrl } });
    const { version, seq } = await say(alice, { text: 'one' });
    const query = `after=${version}&after_seq=${seq}&wait=30`;
    const ask = async (): Promise<number> =>
      (await fetch(`${other.url}${path}/changes?${query}`, { headers: alice.authorization })).status;
    const waiting = Array.from({ length: limits.sync.maxWaitsPerPerson + 1 }, ask);
    // When one may not wait, all others do.
    expect(await Promise.race(waiting)).toBe(429);
    const startedAtMs = performance.now();
    await other[Symbol.asyncDispose]();
    expect((await Promise.all(waiting)).filter((status) => status === 200)).toHaveLength(limits.sync.maxWaitsPerPerson);
    expect(performance.now() - startedAtMs).toBeLessThan(limits.drain.sendsMs / 2);
  });
});
