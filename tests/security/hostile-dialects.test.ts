/** Clients of the older systems that misbehave, and what others notice of it: nothing. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { RawSocket, toClientFrame } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { measureWork } from '../support/work.ts';
import { entranceOf, type EntranceName } from './matrix/entrances.ts';
import type { Things } from './matrix/world.ts';

const names = [
  'plain',
  'direct',
  'lobby',
  'actions',
  'rooms, of a chat',
  'rooms, of a person',
] as const satisfies EntranceName[];

describe('a hostile client', () => {
  let server: TestServer;
  let alice: Actor;
  let bob: Actor;
  let mallory: Actor;
  let chatId: string;
  const open: RawSocket[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    const actors = await Promise.all(['Alice', 'Bob', 'Mallory'].map((name) => createActor(server, name)));
    [alice, bob, mallory] = actors as [Actor, Actor, Actor];
    ({ chatId } = await createGroup(server, actors));
  });
  afterEach(async () => {
    for (const raw of open.splice(0)) raw.destroy();
    await expectService();
    expect(server.bugs).toEqual([]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const addressOf = (name: EntranceName, person: Actor, other: Actor, chat = chatId): string =>
    server.wsUrl + entranceOf(name).address({ chatId: chat, personId: other.id } as Things, person.token);
  const headersOf = (name: EntranceName, person: Actor): Record<string, string> =>
    entranceOf(name).byHeader ? person.authorization : {};

  const connect = async (name: EntranceName): Promise<RawSocket> => {
    const raw = await RawSocket.open(addressOf(name, mallory, alice), headersOf(name, mallory));
    open.push(raw);
    return raw;
  };

  /** Two others write to each other in every dialect, and HTTP answers. */
  async function expectService(): Promise<void> {
    const sockets = await Promise.all(
      names.map((name) => TestSocket.open(addressOf(name, bob, alice), headersOf(name, bob))),
    );
    const actions = sockets[names.indexOf('actions')]!;
    actions.send({ action: 'join_chat', chat_id: chatId });
    await actions.until('joined', () => actions.received.length > 0);
    const a = await logIn(server, alice);
    const text = `still there? ${randomUUID()}`;
    const direct = await fetch(`${server.url}/api/v1/chats/personal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...alice.authorization },
      body: JSON.stringify({ member_ids: [bob.id] }),
    });
    const { id: directId } = (await direct.json()) as { id: string };
    a.send(messageFrame(alice, chatId, text));
    a.send(messageFrame(alice, directId, text));
    for (const socket of sockets) await socket.until(text, () => socket.received.some((frame) => frame.includes(text)));
    await Promise.all([a, ...sockets].map((socket) => socket.close()));
  }

  const garbage = [
    'garbage',
    '{',
    '[]',
    'null',
    '0',
    '"text"',
    '""',
    ' ',
    '{}',
    '{"action":null}',
    '{"action":{}}',
    '{"action":"constructor"}',
    '{"action":"__proto__"}',
    '{"action":"send_message"}',
    '{"action":"send_message","chat_id":[],"text":{}}',
    '{"action":"typing","chat_id":"x"}',
    '{"action":"message_read","chat_id":1,"message_id":2}',
    '{"text":null}',
    '{"text":[]}',
    '{"text":"\\ud800"}',
    '{"text":"\\u0000"}',
    '{"__proto__":{"text":"x"}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '/pm',
    '/pm ',
    '/pm x',
    '/pm \u202e x',
    `/pm ${'x'.repeat(10_000)} y`,
    "/pm '; drop table users; -- x",
    '/pm %00 x',
    '\u0000',
    '\u0007\u001b[2J',
    '\uFEFF{}',
    'x'.repeat(100_000),
    '漢'.repeat(40_000),
    '['.repeat(60_000),
    '{"a":'.repeat(20_000),
    `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
    `{"action":"join_chat","chat_id":"${'0'.repeat(100_000)}"}`,
    `{"text":"${'\\u0041'.repeat(20_000)}"}`,
  ];

  /** What was said may be answered as the fence is, but not more often than it was said: so often it is said, and once more. */
  async function untilAnswered(socket: TestSocket, name: EntranceName, said: number): Promise<void> {
    const { fence, fenceAnswer } = entranceOf(name);
    for (let i = 0; i <= said; i++) socket.send(fence);
    const countAnswers = (): number => socket.received.filter((text) => fenceAnswer.test(text)).length;
    await socket.until('an answer', () => socket.closeCode !== undefined || countAnswers() > said);
  }

  it.each(names)('of %s may say anything, and can still be heard afterwards', async (name) => {
    const socket = await TestSocket.open(addressOf(name, mallory, alice), headersOf(name, mallory));
    for (const text of garbage) socket.send(text);
    if (entranceOf(name).fence === undefined) {
      // It listens only; a frame of the protocol is answered after all others were read.
      const pong = new Promise((resolve) => socket.ws.once('pong', resolve));
      socket.ws.ping();
      await pong;
    } else {
      await untilAnswered(socket, name, garbage.length);
    }
    expect(socket.closeCode).toBeUndefined();
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(socket.received.join('\n')).not.toMatch(/internal|Внутренняя|undefined|\bat \w+.*\.ts/);
    await socket.close();
  });

  it.each(names)('of %s sends what is no text, and is told so or closed', async (name) => {
    const socket = await TestSocket.open(addressOf(name, mallory, alice), headersOf(name, mallory));
    const notTexts = [Buffer.alloc(0), randomBytes(1_000), Buffer.from('{"text":"binary"}')];
    for (const bytes of notTexts) socket.send(bytes);
    if (entranceOf(name).fence !== undefined) await untilAnswered(socket, name, notTexts.length);
    await socket.close();
  });

  it.each(
    names.flatMap((name) => [
      [name, 'text that is not UTF-8', () => toClientFrame(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 1007] as const,
      [name, 'a frame above 128 KiB', () => toClientFrame('x'.repeat(128 * 1024 + 1)), 1009] as const,
      [
        name,
        'a frame that says it is of 2^40 bytes',
        () => Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0]),
        1009,
      ] as const,
      [name, 'a frame without a mask', () => Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002] as const,
      [name, 'a reserved opcode', () => toClientFrame('{}', { opcode: 3 }), 1002] as const,
    ]),
  )('of %s that sends %s is closed with the reason', async (name, _what, bytes, code) => {
    const raw = await connect(name);
    raw.write(bytes());
    await raw.until('a close', () => raw.closeCode !== undefined);
    expect(raw.closeCode).toBe(code);
    await raw.until('the end', () => raw.ended);
  });

  it.each(names)('of %s that sends mistakes by the thousand without reading keeps nobody waiting', async (name) => {
    const raw = await connect(name);
    raw.socket.pause();
    const mistakes = Array.from({ length: 5_000 }, (_, i) => toClientFrame(garbage[i % 30]!));
    raw.write(Buffer.concat(mistakes));
    const a = await logIn(server, alice);
    for (let i = 0; i < 10; i++) {
      const clientId = randomUUID();
      const workMs = await measureWork(() => {
        a.send(messageFrame(alice, chatId, `meanwhile ${i}`, clientId));
        // What the other one writes in between may be meant for her.
        return a.until('an ack', () => a.received.some((frame) => frame.startsWith(`{"client_id":"${clientId}"`)));
      });
      expect(workMs).toBeLessThan(1_000);
    }
    await a.close();
  });

  it.each([
    ['direct', '$words'],
    ['lobby', '$words'],
    ['actions', '{"action":"send_message","chat_id":"$chat","text":"$words"}'],
    ['rooms, of a chat', '{"text":"$words"}'],
  ] as const)('of %s that closes its half after a message has sent it', async (name, frame) => {
    const reader = await TestSocket.open(
      name === 'lobby' ? addressOf('lobby', alice, bob) : addressOf('rooms, of a person', alice, bob),
    );
    // The lobby tells only those who are in it.
    if (name === 'lobby') await untilAnswered(reader, name, 0);
    else await reader.next();
    const raw = await connect(name);
    // Logged in: what comes before that from a half that is closed by then is not heard.
    const { fence } = entranceOf(name);
    if (fence !== undefined) raw.write(toClientFrame(typeof fence === 'string' ? fence : JSON.stringify(fence)));
    await raw.untilReceived(1);
    const words = `my last words ${randomUUID()}`;
    raw.write(toClientFrame(frame.replace('$chat', chatId).replace('$words', words)));
    raw.socket.end();
    await reader.until('the words', () => reader.received.some((text) => text.includes(words)));
    await raw.until('the end', () => raw.ended);
    await reader.close();
  });

  it('of any dialect that reads nothing is cut off, and who reads gets everything meanwhile', async () => {
    const response = await fetch(`${server.url}/api/v1/chats/personal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...alice.authorization },
      body: JSON.stringify({ member_ids: [mallory.id] }),
    });
    const { id: directId } = (await response.json()) as { id: string };
    const frozen = await Promise.all(
      names.map(async (name) => {
        const raw = await RawSocket.open(addressOf(name, mallory, alice, directId), headersOf(name, mallory));
        open.push(raw);
        if (name === 'actions') raw.send({ action: 'join_chat', chat_id: directId });
        if (name !== 'direct' && name !== 'lobby') await raw.untilReceived(1);
        raw.socket.pause();
        return raw;
      }),
    );
    const [a, reader] = await Promise.all([logIn(server, alice), logIn(server, mallory)]);
    const text = '漢'.repeat(8_000);
    let sent = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 20; i++) a.send(messageFrame(alice, directId, text));
      sent += 20;
      await a.until('acks', () => a.received.length === sent + 1);
    }
    await reader.until('all of it', () => reader.received.length === sent + 1);
    for (const raw of frozen) {
      raw.socket.resume();
      await raw.until('the end', () => raw.ended || raw.socket.destroyed);
      expect(raw.received.length).toBeLessThan(sent);
    }
    await Promise.all([a.close(), reader.close()]);
  }, 60_000);
});
