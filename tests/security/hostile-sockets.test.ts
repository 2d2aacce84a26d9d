import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { opcodes, RawSocket, toClientFrame } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { measureWork } from '../support/work.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a hostile socket', () => {
  let server: TestServer;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;
  let chatId: string;
  const open: { destroy(): void }[] = [];

  const connect = async (headers: Record<string, string> = {}): Promise<RawSocket> => {
    const raw = await RawSocket.open(`${server.wsUrl}/ws`, headers);
    open.push(raw);
    return raw;
  };
  /** Others are served as ever. */
  const expectService = async (): Promise<void> => {
    const [a, b] = await Promise.all([logIn(server, alice), logIn(server, bob)]);
    expect(await a.ask(messageFrame(alice, chatId, 'still there?'))).toHaveProperty('client_id');
    expect((await b.next())['text']).toBe('still there?');
    await Promise.all([a.close(), b.close()]);
  };

  beforeAll(async () => {
    server = await startTestServer();
    const actors = await Promise.all(['Alice', 'Bob', 'Carol'].map((name) => createActor(server, name)));
    [alice, bob, carol] = actors as [Actor, Actor, Actor];
    ({ chatId } = await createGroup(server, [alice, bob, carol]));
  });
  afterEach(async () => {
    for (const raw of open.splice(0)) raw.destroy();
    await expectService();
    expect(server.bugs).toEqual([]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('that sends 12,000 frames behind a login gets 12,001 answers', async () => {
    const raw = await connect();
    const empty = Array.from({ length: 12_000 }, () => toClientFrame(''));
    raw.write(
      Buffer.concat([toClientFrame(JSON.stringify({ email: alice.email, password: alice.password })), ...empty]),
    );
    await raw.untilReceived(12_001);
    expect(raw.received[0]).toBe('{"type":"auth_success","detail":null}');
    expect(raw.received.slice(1).every((text) => text.includes('malformed_json'))).toBe(true);
  });

  it('that sends mistakes by the thousand, behind frames that take their time, takes little memory', async () => {
    const wrong = toClientFrame(JSON.stringify({ name: 'x', users: Array(1_000).fill(1) }));
    const login = toClientFrame(JSON.stringify({ email: 'nobody@example.com', password: 'a guess' }));
    const bytes = Buffer.concat([...Array<Buffer>(15).fill(login), ...Array<Buffer>(600).fill(wrong)]);
    const maxBytes = 100 * 1024 * 1024;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const heldBytes = (): number => process.memoryUsage().heapUsed - before;
    let most = 0;
    const watch = setInterval(() => {
      if (heldBytes() < maxBytes) return;
      // Garbage is not held.
      collectGarbage();
      most = Math.max(most, heldBytes());
    }, 20);
    const raws = await Promise.all([connect(), connect(), connect()]);
    for (const raw of raws) raw.write(bytes);
    // Either all is answered, or the socket is cut off for what it does not read in time.
    const ended = Promise.all(raws.map((raw) => raw.until('an end', () => raw.received.length === 615 || raw.ended)));
    await ended.finally(() => clearInterval(watch));
    expect(most).toBeLessThan(maxBytes);
  });

  it('that goes on while a message of its waits is not read on, so little of it is held', async () => {
    const { chatId: locked } = await createGroup(server, [alice]);
    const sql = postgres(server.databaseUrl, { max: 1 });
    const [raw, other] = [await connect(alice.authorization), await logIn(server, bob)];
    await raw.untilReceived(1);
    const empty = Buffer.concat(Array<Buffer>(100_000).fill(toClientFrame('')));
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await sql.begin(async (transaction) => {
      await transaction`select from chats where id = ${locked} for update`;
      raw.send(messageFrame(alice, locked, 'held up'));
      raw.write(empty);
      // In as many turns the server reads all that it is willing to.
      for (let i = 0; i < 20; i++) await other.ask(messageFrame(bob, chatId, `meanwhile ${i}`));
      collectGarbage();
      // 14 MB; a server that read on held 91 MB.
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(40 * 1024 * 1024);
    });
    await raw.until('answers', () => raw.received.length > 1_000);
    await Promise.all([sql.end(), other.close()]);
  });

  it('that says nothing keeps no place from others, however many there are', async () => {
    await using limited = await startTestServer({ config: { rateLimits: true } });
    const [dave, erin] = await Promise.all([createActor(limited, 'Dave'), createActor(limited, 'Erin')]);
    const place = await createGroup(limited, [dave, erin]);
    const reader = await logIn(limited, erin);
    const waiting: RawSocket[] = [];
    const crowd = async (): Promise<unknown> => waiting.push(await RawSocket.open(`${limited.wsUrl}/ws`));
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 100 }, crowd));
    const isKept = (raw: RawSocket): boolean => raw.closeCode === undefined && !raw.ended;
    await expect.poll(() => waiting.filter(isKept).length).toBe(50);
    expect(waiting.find((raw) => raw.closeCode !== undefined)!.closeCode).toBe(1013);
    const a = await logIn(limited, dave);
    expect(await a.ask(messageFrame(dave, place.chatId, 'in the crowd'))).toHaveProperty('client_id');
    expect((await reader.next())['text']).toBe('in the crowd');
    expect(limited.bugs).toEqual([]);
    for (const raw of waiting) raw.destroy();
  });

  it.each([
    ['text that is not UTF-8', () => toClientFrame(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 1007],
    ['a frame above 128 KiB', () => toClientFrame('x'.repeat(128 * 1024 + 1)), 1009],
    ['a frame without a mask', () => Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002],
    ['a reserved opcode', () => toClientFrame('{}', { opcode: 3 }), 1002],
    ['the end of a message that never began', () => toClientFrame('{}', { opcode: opcodes.continuation }), 1002],
    [
      'a message in 65 fragments',
      () =>
        Buffer.concat([
          toClientFrame('{', { fin: false }),
          ...Array.from({ length: 64 }, () => toClientFrame(' ', { opcode: opcodes.continuation, fin: false })),
        ]),
      1008,
    ],
  ])('that sends %s is closed with the reason', async (_what, bytes, code) => {
    const raw = await connect();
    raw.write(bytes());
    await raw.until('a close', () => raw.closeCode !== undefined);
    expect(raw.closeCode).toBe(code);
    await raw.until('the end', () => raw.ended);
  });

  it('may send a message in pieces, with pings between', async () => {
    const raw = await connect();
    const text = JSON.stringify({ email: alice.email, password: alice.password });
    raw.write(toClientFrame(text.slice(0, 10), { fin: false }));
    raw.write(toClientFrame('', { opcode: opcodes.ping }));
    raw.write(toClientFrame(text.slice(10), { opcode: opcodes.continuation }));
    await raw.untilReceived(1);
    expect(raw.received[0]).toContain('auth_success');
    expect(raw.pongs).toBe(1);
  });

  it('that sends no WebSocket at all is ended', async () => {
    const raw = await connect();
    raw.write(randomBytes(100_000));
    await raw.until('the end', () => raw.ended);
  });

  it('that closes its half after a message has sent it', async () => {
    const reader = await logIn(server, bob);
    const raw = await connect(alice.authorization);
    await raw.untilReceived(1);
    raw.send(messageFrame(alice, chatId, 'my last words'));
    raw.socket.end();
    expect((await reader.next())['text']).toBe('my last words');
    await raw.until('the end', () => raw.ended);
    await reader.close();
  });

  it('that pings without end and reads nothing disturbs nobody', async () => {
    const raw = await connect(carol.authorization);
    raw.socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 5_000 }, () => toClientFrame('x'.repeat(100), { opcode: opcodes.ping })),
    );
    for (let i = 0; i < 20; i++) raw.write(pings);
    const a = await logIn(server, alice);
    for (let i = 0; i < 20; i++) {
      const ask = async () => expect(await a.ask(messageFrame(alice, chatId, `ping ${i}`))).toHaveProperty('client_id');
      expect(await measureWork(ask)).toBeLessThan(1_000);
    }
    await a.close();
  });

  it('that reads nothing is cut off, and the others get everything meanwhile', async () => {
    const slow = await connect(carol.authorization);
    await slow.untilReceived(1);
    slow.socket.pause();
    const [a, b] = await Promise.all([logIn(server, alice), logIn(server, bob)]);
    const text = '漢'.repeat(8_000);
    let sent = 0;
    const isCut = (): boolean => slow.socket.destroyed || slow.socket.readyState !== 'open';
    // What the kernels of both ends take is no matter of the server's: go on until it is more than they do.
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 20; i++) a.send(messageFrame(alice, chatId, text));
      sent += 20;
      await a.until('acks', () => a.received.length === sent + 1);
    }
    await b.until('all of it', () => b.received.length === sent + 1);
    expect(b.received.slice(1).every((frame) => frame.includes(text))).toBe(true);
    slow.socket.resume();
    await slow.until('the end', () => slow.ended || isCut());
    expect(slow.received.length).toBeLessThan(sent);
    await Promise.all([a.close(), b.close()]);
  });

  it('pipelines 300 messages and is acknowledged in their order, in one write', async () => {
    const raw = await connect(alice.authorization);
    const frames = Array.from({ length: 300 }, (_, i) => messageFrame(alice, chatId, `pipelined ${i}`));
    raw.send(...frames);
    await raw.untilReceived(301);
    const acks = raw.received.slice(1).map((text) => (JSON.parse(text) as { client_id: string }).client_id);
    expect(acks).toEqual(frames.map((frame) => frame['client_id']));
  });

  it('that logs in and makes a group in one write gets both answers in order', async () => {
    const raw = await connect();
    raw.send({ email: alice.email, password: alice.password }, { name: 'At once', users: [bob.id] });
    await raw.untilReceived(2);
    expect(raw.received[0]).toContain('auth_success');
    expect(raw.received[1]).toContain('At once');
  });

  it('may speak of any key', async () => {
    const socket = await TestSocket.open(`${server.wsUrl}/ws`);
    for (const text of [
      '{"__proto__":{"email":"x","password":"y"}}',
      '{"constructor":{"prototype":{"email":1}}}',
      '{"email":"a@example.com","password":"b","__proto__":{"isAdmin":true}}',
      '{"hasOwnProperty":1,"toString":2,"valueOf":3}',
      '{"text":"\\ud800","client_id":"\\ud800"}',
      '{"email":"\\u0000","password":"\\u0000"}',
      '['.repeat(60_000),
      '{"a":'.repeat(20_000),
    ])
      expect((await socket.ask(text)).type).toBe('error');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    await socket.close();
  });
});
