import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { createActors, createGroup, logIn, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

let nodes: TwoNodes;

beforeAll(async () => {
  nodes = await startTwoNodes();
});
afterAll(() => nodes.stop());

const makeActors = <const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Actor }> =>
  createActors(nodes.one, ...names);
const nobody = (id: string) => ({ user_id: id, online: false, last_seen_at: null });
const here = (id: string) => ({ user_id: id, online: true, last_seen_at: null });

/** Watches people, and answers what is told at once, in their order. */
async function watch(device: FullSpeaker, ...people: { id: string }[]) {
  await device.askRaw({ type: 'watch', user_ids: people.map(({ id }) => id) });
  return device.all('presence').at(-1)!.rows;
}

/** Waits until a device was told last that somebody is there, or not. */
const hear = (device: FullSpeaker, { id }: { id: string }, online: boolean) =>
  device.hearOne('presence', (frame) => frame.rows.some((row) => row.user_id === id && row.online === online));

/** What a device has been told of somebody, in order. */
const toldOf = (device: FullSpeaker, { id }: { id: string }) =>
  device.all('presence').flatMap(({ rows }) => rows.filter((row) => row.user_id === id));

const http = (actor: Actor, method: 'patch' | 'put' | 'post' | 'delete', path: string, body?: object) =>
  request(nodes.one.url)[method](`/api/v1/${path}`).set(actor.authorization).send(body);

/** Waits until everything that a coming of somebody brings has been told: by somebody who is told of it. */
async function come(actor: Actor, witness: FullSpeaker): Promise<FullSpeaker> {
  const device = await FullSpeaker.logIn(nodes.two, actor);
  await hear(witness, actor, true);
  await witness.askRaw({ type: 'ping' });
  return device;
}

describe('who watches', () => {
  it('is told who is there on any node and in any dialect, and since when the others are not', async () => {
    const [alice, bob, carol, dora] = await makeActors('Alice', 'Bob', 'Carol', 'Dora');
    await createGroup(nodes.one, [alice, bob, carol, dora]);
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    const plain = await logIn(nodes.one, bob);
    await using far = await FullSpeaker.logIn(nodes.two, carol);
    await expect.poll(() => watch(device, bob, carol, dora)).toEqual([here(bob.id), here(carol.id), nobody(dora.id)]);
    await plain.close();
    await far.socket.close();
  });

  it('hears that somebody comes, and after a while that they went, when they have no socket on any node', async () => {
    const [alice, bob] = await makeActors('Alice', 'Bob');
    await createGroup(nodes.one, [alice, bob]);
    await using near = await FullSpeaker.logIn(nodes.one, alice);
    await using far = await FullSpeaker.logIn(nodes.two, alice);
    for (const device of [near, far]) expect(await watch(device, bob)).toEqual([nobody(bob.id)]);
    const plain = await logIn(nodes.one, bob);
    for (const device of [near, far]) await hear(device, bob, true);
    const other = await FullSpeaker.logIn(nodes.two, bob);
    await plain.close();
    // The one node lets go of him, the other one still has him.
    await setTimeout(limits.presence.lingerMs + 1_000);
    for (const device of [near, far]) expect(toldOf(device, bob)).toEqual([nobody(bob.id), here(bob.id)]);
    const wentAtMs = Date.now();
    await other.socket.close();
    for (const device of [near, far]) {
      await device.socket.until('that he went', () => toldOf(device, bob).length === 3);
      const [row] = toldOf(device, bob).slice(2);
      expect(row).toMatchObject({ user_id: bob.id, online: false });
      expect(Math.abs(Date.parse(row!.last_seen_at!) - wentAtMs)).toBeLessThan(1_000);
    }
    expect(Date.now() - wentAtMs).toBeGreaterThan(4_000);
  }, 30_000);

  it('hears nothing of a short break', async () => {
    const [alice, bob, carol] = await makeActors('Alice', 'Bob', 'Carol');
    await createGroup(nodes.one, [alice, bob, carol]);
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    for (let breaks = 0; breaks < 3; breaks++) {
      const socket = await FullSpeaker.logIn(nodes.two, bob);
      if (breaks === 0) {
        await watch(device, bob, carol);
        if (toldOf(device, bob).at(-1)?.online !== true) await hear(device, bob, true);
      }
      await socket.socket.close();
    }
    await using last = await FullSpeaker.logIn(nodes.two, bob);
    await using witness = await come(carol, device);
    expect(toldOf(device, bob).filter(({ online }) => online).length).toBe(1);
    expect(toldOf(device, bob).at(-1)).toEqual(here(bob.id));
    await Promise.all([last, witness].map((each) => each.askRaw({ type: 'ping' })));
  });

  it('hears of nobody whom it does not watch any more', async () => {
    const [alice, bob, carol] = await makeActors('Alice', 'Bob', 'Carol');
    await createGroup(nodes.one, [alice, bob, carol]);
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    await watch(device, bob, carol);
    expect(await watch(device, carol)).toEqual([nobody(carol.id)]);
    await using _bob = await FullSpeaker.logIn(nodes.two, bob);
    await using _carol = await come(carol, device);
    expect(toldOf(device, bob)).toEqual([nobody(bob.id)]);
    await device.askRaw({ type: 'watch', user_ids: [] });
  });

  it('hears of many who come at once in few frames', async () => {
    const people = await makeActors(...Array.from({ length: 60 }, (_, i) => `Person${i}`));
    const [alice] = await makeActors('Alice');
    await createGroup(nodes.one, [alice, ...people]);
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    await watch(device, ...people);
    const before = device.all('presence').length;
    const startedAtMs = performance.now();
    const sockets = await Promise.all(people.map((person, i) => logIn(i % 2 === 0 ? nodes.one : nodes.two, person)));
    for (const person of people) await hear(device, person, true);
    const allowed = Math.ceil((performance.now() - startedAtMs) / 200) + 2;
    expect(device.all('presence').length - before).toBeLessThanOrEqual(allowed);
    await Promise.all(sockets.map((socket) => socket.close()));
  }, 30_000);

  it('names so many people and no more', async () => {
    const [alice] = await makeActors('Alice');
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    const ids = Array.from({ length: 201 }, () => randomUUID());
    expect(await device.askRaw({ type: 'watch', user_ids: ids })).toMatchObject({
      type: 'error',
      code: 'invalid_request',
    });
    expect(await watch(device, ...ids.slice(1).map((id) => ({ id })))).toEqual(ids.slice(1).map(nobody));
  });
});

describe('whose business it is not is told the same, whatever the reason', () => {
  it('of strangers, blocked people, those who hide, former co-members, the deactivated and those who never were', async () => {
    const [alice, stranger, blocked, blocking, hidden, former, gone] = await makeActors(
      'Alice',
      'Stranger',
      'Blocked',
      'Blocking',
      'Hidden',
      'Former',
      'Gone',
    );
    const [witness] = await makeActors('Witness');
    const { chatId } = await createGroup(nodes.one, [alice, blocked, blocking, hidden, former, gone, witness]);
    await http(alice, 'put', `users/${blocked.id}/block`).expect(204);
    await http(blocking, 'put', `users/${alice.id}/block`).expect(204);
    await http(hidden, 'patch', 'users/me', { presence_hidden: true }).expect(200);
    await http(former, 'post', `chats/${chatId}/leave`).expect(200);
    const those = [stranger, blocked, blocking, hidden, former];
    await using device = await FullSpeaker.logIn(nodes.one, alice);
    const all = [...those, gone, { id: randomUUID() }];
    const sockets = await Promise.all([...those, gone].map((actor) => logIn(nodes.one, actor)));
    await http(gone, 'post', 'users/me/deactivate', { current_password: gone.password }).expect(204);
    await Promise.all(sockets.map((socket) => (socket === sockets.at(-1) ? socket.closed() : socket.close())));
    expect(await watch(device, ...all, witness)).toEqual([...all.map(({ id }) => nobody(id)), nobody(witness.id)]);
    const again = await Promise.all(those.map((actor) => FullSpeaker.logIn(nodes.two, actor)));
    await using _witness = await come(witness, device);
    for (const person of all) expect(toldOf(device, person)).toEqual([nobody(person.id)]);
    expect(await watch(device, ...all)).toEqual(all.map(({ id }) => nobody(id)));
    await Promise.all(again.map((each) => each.socket.close()));
  });

  const ways: [string, (alice: Actor, bob: Actor, chatId: string) => Promise<unknown>][] = [
    ['is blocked', (alice, bob) => http(alice, 'put', `users/${bob.id}/block`).expect(204)],
    ['blocks', (alice, bob) => http(bob, 'put', `users/${alice.id}/block`).expect(204)],
    ['hides', (_, bob) => http(bob, 'patch', 'users/me', { presence_hidden: true }).expect(200)],
    ['leaves the last common chat', (_, bob, chatId) => http(bob, 'post', `chats/${chatId}/leave`).expect(200)],
    [
      'is removed from it',
      (alice, bob, chatId) => http(alice, 'delete', `chats/${chatId}/members/${bob.id}`).expect(200),
    ],
  ];
  it.each(ways)('from when somebody %s: they are gone at once, and nothing more is told', async (_, end) => {
    const [alice, bob, carol] = await makeActors('Alice', 'Bob', 'Carol');
    const { chatId } = await createGroup(nodes.one, [alice, bob]);
    await createGroup(nodes.one, [alice, carol]);
    const [near, far] = await Promise.all([FullSpeaker.logIn(nodes.one, alice), FullSpeaker.logIn(nodes.two, alice)]);
    const devices = [near, far];
    for (const device of devices) await watch(device, bob, carol);
    const first = await FullSpeaker.logIn(nodes.two, bob);
    for (const device of devices) await hear(device, bob, true);
    await end(alice, bob, chatId);
    const truth = [nobody(bob.id), here(bob.id), nobody(bob.id)];
    for (const device of devices)
      await device.socket.until('that he is gone', () => toldOf(device, bob).length === truth.length);
    await using _second = await FullSpeaker.logIn(nodes.one, bob);
    await using _carol = await come(carol, near);
    await hear(far, carol, true);
    for (const device of devices) expect(toldOf(device, bob)).toEqual(truth);
    await Promise.all([first, ...devices].map((device) => device.socket.close()));
  });

  it('until it is their business again', async () => {
    const [alice, bob] = await makeActors('Alice', 'Bob');
    const { chatId } = await createGroup(nodes.one, [alice, bob]);
    await using device = await FullSpeaker.logIn(nodes.two, alice);
    await using _bob = await FullSpeaker.logIn(nodes.two, bob);
    await http(bob, 'patch', 'users/me', { presence_hidden: true }).expect(200);
    expect(await watch(device, bob)).toEqual([nobody(bob.id)]);
    await http(bob, 'patch', 'users/me', { presence_hidden: false }).expect(200);
    await hear(device, bob, true);
    await http(bob, 'post', `chats/${chatId}/leave`).expect(200);
    await device.socket.until('that he is gone', () => toldOf(device, bob).length === 3);
    await http(alice, 'post', `chats/${chatId}/members`, { user_ids: [bob.id] }).expect(200);
    await device.socket.until('that he is there', () => toldOf(device, bob).length === 4);
    expect(toldOf(device, bob).map(({ online }) => online)).toEqual([false, true, false, true]);
  });
});
