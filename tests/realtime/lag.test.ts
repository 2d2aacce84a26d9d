/** Sockets of the full dialect that do not read: they are left out, told so, and cost nobody else anything. */
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FullServerFrame } from '../../src/protocol/full.ts';
import { subprotocol } from '../../src/protocol/version.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let alice: Actor;
let bob: Actor;
let carol: Actor;

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob, carol] = await createActors(server, 'Alice', 'Bob', 'Carol');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.bugs).toEqual([]);
});

/** 24 KB: what a kernel keeps for a client is soon full of these. */
const text = '€'.repeat(8_000);

async function open({ authorization }: Actor): Promise<TestSocket> {
  const socket = await TestSocket.open(`${server.wsUrl}/ws`, authorization, [subprotocol]);
  await socket.next();
  return socket;
}

/** Logged in, and reading nothing from then on. */
async function openPaused({ authorization }: Actor): Promise<RawSocket> {
  const raw = await RawSocket.open(`${server.wsUrl}/ws`, { ...authorization, 'sec-websocket-protocol': subprotocol });
  await raw.untilReceived(1);
  raw.socket.pause();
  return raw;
}

/** Of the frames of a type, what a pattern finds in each; frames here are too large to be parsed again and again. */
const findAll = ({ received }: { received: string[] }, type: string, pattern = /$/): string[] =>
  received.flatMap((frame) => (frame.startsWith(`{"type":"${type}"`) ? (pattern.exec(frame)?.[1] ?? '') : []));
const isMessage = (frame: string): boolean => frame.startsWith('{"type":"message"');
const versionsOf = (socket: { received: string[] }): number[] =>
  findAll(socket, 'message', /"version":(\d+)/).map(Number);
const lagsOf = ({ received }: { received: string[] }): FullServerFrame<'lag'>[] =>
  received
    .filter((frame) => frame.startsWith('{"type":"lag"'))
    .map((frame) => JSON.parse(frame) as FullServerFrame<'lag'>);

async function metric(name: string): Promise<number> {
  const answer = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(answer)?.[1]);
}

/** Sends so many messages, a few at a time, so that few are told together. */
async function sendAll(socket: TestSocket, chatId: string, count: number): Promise<void> {
  const atOnce = 5;
  const before = ackedOn(socket);
  for (let sent = atOnce; sent <= count; sent += atOnce) {
    for (let i = 0; i < atOnce; i++) socket.send({ type: 'send', chat_id: chatId, client_id: randomUUID(), text });
    await socket.until('the acks', () => ackedOn(socket) >= before + sent);
  }
}

/**
 * Sends messages until somebody, and nobody else, is left out, and some that they are left out of; answers how many. Who is
 * left out has so long only to read again, however busy the machine is.
 */
async function sendUntilLag(socket: TestSocket, chatId: string): Promise<number> {
  const [some, before] = [50, await metric('messenger_lags_total')];
  let sent = 0;
  while ((await metric('messenger_lags_total')) === before) {
    await sendAll(socket, chatId, some);
    sent += some;
  }
  await sendAll(socket, chatId, some);
  expect(await metric('messenger_lags_total')).toBe(before + 1);
  return sent + some;
}
const counted = new WeakMap<TestSocket, { read: number; acks: number }>();
function ackedOn(socket: TestSocket): number {
  const count = counted.get(socket) ?? { read: 0, acks: 0 };
  for (; count.read < socket.received.length; count.read++)
    if (socket.received[count.read]!.startsWith('{"type":"ack"')) count.acks++;
  counted.set(socket, count);
  return count.acks;
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

it('who does not read is left out, and told up to where when they read again', { timeout: 120_000 }, async () => {
  const { chatId } = await createGroup(server, [alice, bob, carol]);
  const [a, b] = [await open(alice), await open(bob)];
  const paused = await openPaused(carol);
  const messages = await sendUntilLag(a, chatId);
  // The others hear everything, in time.
  await b.until('all messages', () => b.received.filter(isMessage).length === messages);
  const all = Array.from({ length: messages }, (_, i) => i + 2);
  expect(versionsOf(b)).toEqual(all);

  paused.socket.resume();
  await paused.until('the lag', () => lagsOf(paused).length > 0);
  expect(lagsOf(paused)).toEqual([{ type: 'lag', chats: [{ chat_id: chatId, version: messages + 1 }] }]);
  // What came before is the beginning of everything, without a hole.
  const before = versionsOf(paused);
  expect(before.length).toBeLessThan(messages);
  expect(before).toEqual(all.slice(0, before.length));
  a.send({ type: 'send', chat_id: chatId, client_id: randomUUID(), text: 'goes on' });
  await paused.until('the next message', () => versionsOf(paused).at(-1) === messages + 2);
  expect(lagsOf(paused)).toHaveLength(1);
  expect(await metric('messenger_lag_closes_total')).toBe(0);
  paused.destroy();
  await Promise.all([a.close(), b.close()]);
});

it('what only shows for a moment is dropped without a word', { timeout: 120_000 }, async () => {
  const { chatId } = await createGroup(server, [alice, carol]);
  const { chatId: other } = await createGroup(server, [alice, carol]);
  const a = await open(alice);
  const paused = await openPaused(carol);
  await sendUntilLag(a, chatId);
  a.send({ type: 'typing', chat_id: other });
  await a.until('the answer', () => a.received.some((frame) => frame.startsWith('{"type":"done"')));
  paused.socket.resume();
  await paused.until('the lag', () => lagsOf(paused).length > 0);
  expect(findAll(paused, 'typing')).toEqual([]);
  expect(lagsOf(paused)[0]!.chats).toHaveLength(1);
  paused.destroy();
  await a.close();
});

it('costs the server less than 1.25 MiB for each who does not read', { timeout: 120_000 }, async () => {
  const [many] = await createActors(server, 'Many');
  const chats: string[] = [];
  // A chat each, so that no two hold the same bytes.
  const people = await createActors(server, 'P1', 'P2', 'P3', 'P4', 'P5');
  for (const person of people) chats.push((await createGroup(server, [many, person])).chatId);
  const sender = await open(many);
  const paused = await Promise.all(people.map((person) => openPaused(person)));
  const measure = async (): Promise<number> => {
    // Twice: what the first round found is given back by the second.
    for (let i = 0; i < 2; i++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return process.memoryUsage().arrayBuffers;
  };
  const before = await measure();
  for (const chatId of chats) {
    sender.received.length = 0;
    counted.delete(sender);
    await sendUntilLag(sender, chatId);
  }
  const each = async (): Promise<number> => ((await measure()) - before) / paused.length;
  await expect.poll(each).toBeLessThan(1.25 * 1024 * 1024);
  expect(paused.some(({ ended }) => ended)).toBe(false);
  for (const socket of paused) socket.destroy();
  await sender.close();
});

it('answers a client that asks for much and reads nothing only when it reads', { timeout: 120_000 }, async () => {
  const { chatId } = await createGroup(server, [alice, bob]);
  const a = await open(alice);
  await sendAll(a, chatId, 25);
  const paused = await openPaused(bob);
  const asked = 60;
  const history = (ref: number) => ({ type: 'history', ref, chat_id: chatId, before: 'end' });
  const refs = Array.from({ length: asked }, (_, ref) => String(ref));
  const refsOf = (socket: { received: string[] }) => findAll(socket, 'history', /"ref":(\d+)/);
  const handled = () => metric('messenger_frames_in_total\\{dialect="full"\\}');
  const before = await handled();
  paused.send(...refs.map((ref) => history(Number(ref))));
  // As much for somebody who reads takes as long.
  for (const ref of refs) a.send(history(Number(ref)));
  await a.until('all answers', () => refsOf(a).length === asked);
  expect((await handled()) - before).toBeLessThan(asked + 40);
  paused.socket.resume();
  await paused.until('all answers', () => refsOf(paused).length === asked);
  expect(refsOf(paused)).toEqual(refs);
  expect(paused.ended).toBe(false);
  paused.destroy();
  await a.close();
});

it('who reads nothing at all is cut off', { timeout: 120_000 }, async () => {
  const { chatId } = await createGroup(server, [alice, carol]);
  const a = await open(alice);
  const cut = await metric('messenger_lag_closes_total');
  const paused = await openPaused(carol);
  await sendUntilLag(a, chatId);
  await expect.poll(() => metric('messenger_lag_closes_total'), { timeout: 25_000 }).toBe(cut + 1);
  paused.destroy();
  await a.close();
});
