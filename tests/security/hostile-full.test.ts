/** The full protocol in the hands of people who mean no good. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnState } from '../../src/protocol/full.ts';
import { subprotocol } from '../../src/protocol/version.ts';
import { limits } from '../../src/protocol/limits.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { RawSocket, toClientFrame } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('a hostile speaker of the full protocol', () => {
  let server: TestServer;
  let sql: postgres.Sql;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;

  beforeAll(async () => {
    server = await startTestServer();
    sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    [alice, bob, carol] = await createActors(server, 'Alice', 'Bob', 'Carol');
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await sql.end();
    await server[Symbol.asyncDispose]();
  });

  const say = (device: FullSpeaker, chatId: string, content: object) =>
    device.askRaw({ type: 'send', chat_id: chatId, client_id: randomUUID(), ...content });

  it('who was removed does not read what is written into old messages afterwards, nowhere', async () => {
    await using a = await FullSpeaker.logIn(server, alice);
    await using b = await FullSpeaker.logIn(server, bob);
    const { chatId } = await createGroup(server, [alice, bob]);
    await say(a, chatId, { text: 'at first' });
    await say(a, chatId, { text: 'untouched' });
    await a.askRaw({ type: 'edit', chat_id: chatId, seq: 1, text: 'while he was there' });
    await say(a, chatId, { text: 'the last one' });
    await a.askRaw({ type: 'remove_member', chat_id: chatId, user_id: bob.id });
    for (const seq of [1, 2, 3]) await a.askRaw({ type: 'edit', chat_id: chatId, seq, text: `a secret ${seq}` });
    await a.askRaw({ type: 'edit', chat_id: chatId, seq: 1, text: 'another secret' });
    await a.askRaw({ type: 'react', chat_id: chatId, seq: 1, emoji: '🤫' });
    await a.askRaw({ type: 'pin', chat_id: chatId, seq: 1 });

    const page = await b.askRaw({ type: 'history', chat_id: chatId, before: 'end' });
    const rows = page['rows'] as Record<string, unknown>[];
    expect(rows.map(({ text }) => text)).toEqual(['while he was there', 'untouched', 'the last one']);
    expect(rows[0]).toHaveProperty('edited_at');
    expect(rows[1]).not.toHaveProperty('edited_at');
    for (const row of rows) for (const key of ['reactions', 'pinned_at']) expect(row).not.toHaveProperty(key);
    const read = async (path: string): Promise<string> =>
      (await fetch(`${server.url}${path}`, { headers: bob.authorization })).text();
    for (const path of [`/history/${chatId}`, `/api/v1/chats/${chatId}/history`, `/messages/history/${chatId}`]) {
      const text = await read(path);
      expect(text, path).toContain('while he was there');
      expect(text, path).not.toContain('secret');
    }
    const { chat_id: direct } = await b.askRaw({ type: 'open_direct', user_id: carol.id });
    await say(b, direct as string, { forward: { chat_id: chatId, seq: 1 } });
    const told = await b.askRaw({ type: 'history', chat_id: direct, before: 'end' });
    expect(told['rows']).toEqual([expect.objectContaining({ text: 'while he was there' })]);
  });

  it('whose chats are all full of drafts is told of them in no answer of many megabytes', async () => {
    await using a = await FullSpeaker.logIn(server, alice);
    await using other = await FullSpeaker.logIn(server, alice);
    const text = '漢'.repeat(limits.message.maxCodePoints);
    const chatIds: string[] = [];
    for (let i = 0; i < 60; i++) {
      const { chat_id: chatId } = await a.askRaw({ type: 'create_group', name: 'A group', user_ids: [] });
      chatIds.push(chatId as string);
      expect(await a.askRaw({ type: 'set_draft', chat_id: chatId, text })).toMatchObject({ type: 'done' });
    }
    const { resume } = a.all('ready')[0]!;
    const kept = async (): Promise<boolean[]> => {
      const changed = await a.askRaw({ type: 'resume', token: `${resume.split('.')[0]}.0` });
      const drafts = new Map((changed['chats'] as OwnState[]).map((own) => [own.chat_id, own.draft]));
      return chatIds.map((id) => drafts.get(id) !== null);
    };
    const most = Math.floor(limits.drafts.maxLongBytes / (3 * text.length));
    // Those that were kept last are there; other devices are told of what went.
    expect(await kept()).toEqual(chatIds.map((_, i) => i >= chatIds.length - most));
    await other.socket.until('word of the first draft that went', () => {
      const told = other.all('own').filter(({ own }) => own.chat_id === chatIds[0]);
      return told.length > 0 && told.at(-1)!.own.draft === null;
    });
    // Short ones stay, however many.
    await a.askRaw({ type: 'set_draft', chat_id: chatIds[0], text: 'short' });
    await a.askRaw({ type: 'set_draft', chat_id: chatIds[1], text });
    expect((await kept()).slice(0, 2)).toEqual([true, true]);
  });

  describe('in a chat whose pins are megabytes', () => {
    let ask: Buffer;
    const text = '漢'.repeat(limits.message.maxCodePoints);
    const open = (): Promise<RawSocket> =>
      RawSocket.open(`${server.wsUrl}/ws`, { ...carol.authorization, 'sec-websocket-protocol': subprotocol });

    beforeAll(async () => {
      await using a = await FullSpeaker.logIn(server, alice);
      const { chatId } = await createGroup(server, [alice, carol]);
      for (let seq = 1; seq <= limits.counts.pinnedMessages; seq++) {
        await say(a, chatId, { text });
        await a.askRaw({ type: 'pin', chat_id: chatId, seq });
        a.forget();
      }
      ask = toClientFrame(JSON.stringify({ type: 'list_pins', chat_id: chatId, ref: 'pins' }));
    });

    it('who asks for them four times in a row and reads late has all four answers', async () => {
      const raw = await open();
      raw.socket.pause();
      raw.write(Buffer.concat([ask, ask, ask, ask]));
      // Others are answered meanwhile: what was asked above has been looked at by then.
      await using a = await FullSpeaker.logIn(server, alice);
      for (let i = 0; i < 20; i++) await a.askRaw({ type: 'list_chats' });
      raw.socket.resume();
      await raw.until('all answers', () => raw.received.filter((said) => said.includes('"ref":"pins"')).length === 4);
      raw.destroy();
    });

    it('who reads nothing on many sockets makes the server keep little for them', async () => {
      const mute = await Promise.all(Array.from({ length: 20 }, open));
      const countOpen = async (): Promise<number> => {
        const [row] = await sql<{ count: number }[]>`
          select count(*)::int from connections where user_id = ${carol.id} and disconnected_at is null`;
        return row!.count;
      };
      await expect.poll(countOpen).toBe(mute.length);
      for (const raw of mute) {
        raw.socket.pause();
        raw.write(Buffer.concat([ask, ask, ask, ask]));
      }
      // No more answers are kept than fit, and long before the sockets are cut off for their silence.
      const { personBytes, closeAfterMs } = limits.backpressure;
      const most = Math.ceil(personBytes / limits.lists.maxBytes) + 1;
      await expect.poll(countOpen, { timeout: closeAfterMs - 5_000 }).toBeLessThanOrEqual(most);
      for (const raw of mute) raw.destroy();
    });
  });
});

describe('a hurried speaker of the full protocol', () => {
  let server: TestServer;
  let alice: Actor;
  let bob: Actor;

  beforeAll(async () => {
    server = await startTestServer({ config: { rateLimits: true } });
    [alice, bob] = await createActors(server, 'Alice', 'Bob');
  });
  afterAll(async () => {
    expect(server.bugs).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('does not make others hear of reactions faster than of messages, on however many sockets', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const devices = await Promise.all(Array.from({ length: 10 }, () => FullSpeaker.logIn(server, alice)));
    await devices[0]!.askRaw({ type: 'send', chat_id: chatId, client_id: randomUUID(), text: 'a long text' });
    const { burst, perSecond } = limits.rates.sends;
    const startedAtMs = performance.now();
    let count = 0;
    const toggle = async (device: FullSpeaker, emoji: string): Promise<void> => {
      for (let on = true; count < burst + 80; on = !on) {
        await device.askRaw({ type: 'react', chat_id: chatId, seq: 1, emoji, on });
        device.forget();
        count++;
      }
    };
    await Promise.all(
      devices.map((device, i) => toggle(device, ['👍', '👎', '😀', '🎉', '🔥', '😢', '😮', '🙏', '💯', '🤫'][i]!)),
    );
    // Each of the sockets has one on its way when it is told to wait.
    expect(performance.now() - startedAtMs).toBeGreaterThan(((80 - 2 * devices.length) / perSecond) * 1_000);
    await Promise.all(devices.map((device) => device[Symbol.asyncDispose]()));
  });
});
