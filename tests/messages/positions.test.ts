import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Positions } from '../../src/server/messages/positions.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { createActors, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

describe('positions of a chat', () => {
  const open = () => {
    const events: (ServerEvent & { kind: 'positions' })[] = [];
    const positions = new Positions({ publish: (those) => void events.push(...(those as typeof events)) });
    return { events, positions };
  };
  const row = (userId: string, readSeq: number, deliveredSeq = readSeq) => ({ userId, readSeq, deliveredSeq });

  it('are told at once, then collected, and of each member only the newest is told', async () => {
    const { events, positions } = open();
    positions.moved('chat', [row('bob', 1)]);
    expect(events).toEqual([{ kind: 'positions', chatId: 'chat', rows: [row('bob', 1)] }]);
    for (let seq = 2; seq <= 500; seq++) positions.moved('chat', [row(seq % 2 === 0 ? 'bob' : 'carol', seq)]);
    positions.moved('another', [row('bob', 7)]);
    expect(events.map(({ chatId }) => chatId)).toEqual(['chat', 'another']);
    await expect.poll(() => events.length).toBe(3);
    expect(events[2]!.rows).toEqual([row('bob', 500), row('carol', 499)]);
    positions[Symbol.dispose]();
  });

  it('never go back, whatever comes late', async () => {
    const { events, positions } = open();
    positions.moved('chat', [row('bob', 1)]);
    positions.moved('chat', [row('bob', 5, 9)]);
    positions.moved('chat', [row('bob', 4, 6)]);
    await expect.poll(() => events.length).toBe(2);
    expect(events[1]!.rows).toEqual([row('bob', 5, 9)]);
    positions[Symbol.dispose]();
  });

  it('of many members are told some at a time, and none is left out', async () => {
    const { events, positions } = open();
    const all = Array.from({ length: 120 }, (_, i) => row(`member ${i}`, i + 1));
    positions.moved('chat', [row('first', 1)]);
    positions.moved('chat', all);
    await expect.poll(() => events.length).toBe(4);
    expect(events.map(({ rows }) => rows.length)).toEqual([1, 50, 50, 20]);
    expect(events.slice(1).flatMap(({ rows }) => rows)).toEqual(all);
    positions[Symbol.dispose]();
  });

  it('that still wait when the node stops are told then, and nothing afterwards', async () => {
    const { events, positions } = open();
    const all = Array.from({ length: 120 }, (_, i) => row(`member ${i}`, i + 1));
    positions.moved('chat', all);
    positions[Symbol.dispose]();
    expect(events.flatMap(({ rows }) => rows)).toEqual(all);
    const told = events.length;
    await sleep(250);
    expect(events.length).toBe(told);
  });
});

describe('members with open sockets', () => {
  let nodes: TwoNodes;
  let alice: Actor;
  let bob: Actor;
  let mallory: Actor;
  let chatId: string;

  beforeAll(async () => {
    nodes = await startTwoNodes();
    [alice, bob, mallory] = await createActors(nodes.one, 'Alice', 'Bob', 'Mallory');
    ({ chatId } = await createGroup(nodes.one, [alice, bob]));
    const socket = await logIn(nodes.one, alice);
    for (let n = 1; n <= 500; n++) socket.send(messageFrame(alice, chatId, `message ${n}`));
    await socket.until('the acks', () => socket.received.length > 500);
    await socket.close();
  });
  afterAll(() => nodes.stop());

  it('hear few frames of 500 marks, on both nodes, and the last one is right', async () => {
    await using near = await FullSpeaker.logIn(nodes.one, alice);
    await using far = await FullSpeaker.logIn(nodes.two, alice);
    await using stranger = await FullSpeaker.logIn(nodes.two, mallory);
    await using own = await FullSpeaker.logIn(nodes.two, bob);
    await using reader = await FullSpeaker.logIn(nodes.one, bob);
    const startedAtMs = performance.now();
    for (let seq = 1; seq <= 500; seq++)
      reader.socket.send({ type: seq % 2 === 0 ? 'mark_read' : 'mark_delivered', chat_id: chatId, seq });
    for (const device of [near, far, own])
      await device.hearOne('positions', ({ rows }) =>
        rows.some((row) => row.user_id === bob.id && row.read_seq === 500),
      );
    await own.hearOne('own', ({ own: state }) => state.read_seq === 500 && state.unread_count === 0);
    await reader.hearOne('own', ({ own: state }) => state.read_seq === 500);
    const allowed = Math.ceil((performance.now() - startedAtMs) / 200) + 3;
    for (const device of [near, far, own, reader]) {
      const told = device.all('positions');
      expect(told.length).toBeLessThanOrEqual(allowed);
      const read = told.flatMap(({ rows }) => rows.map((row) => row.read_seq));
      expect(read).toEqual([...read].sort((a, b) => a - b));
    }
    expect(own.all('own').length).toBeLessThanOrEqual(allowed);
    expect(near.all('own')).toEqual([]);
    await stranger.askRaw({ type: 'ping' });
    expect(stranger.frames.map(({ type }) => type)).toEqual(['ready', 'pong']);
  });
});
