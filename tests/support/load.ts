import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { expect } from 'vitest';
import { createActor, createGroup, type Actor } from './cast.ts';
import { findBreaches } from './checker.ts';
import { Device } from './device.ts';
import { readFinalState } from './final-state.ts';
import { createTrace, type Reply, type Trace } from './trace.ts';

const names = ['Alice', 'Bob', 'Carol', 'Dave'];

/** People with two devices each, on the nodes in turn, and chats they all are in. */
export interface World {
  trace: Trace;
  people: Actor[];
  devices: Device[];
  chatIds: string[];
}

/** `urls`: the nodes' addresses (http), asked again at every connection, so that they may change. */
export async function createWorld(urls: () => string[]): Promise<World> {
  const place = { url: urls()[0]!, wsUrl: '' };
  const people = await Promise.all(names.map((name) => createActor(place, name)));
  const groups = await Promise.all(
    [people, people.slice(0, 3), people.slice(1)].map((members) => createGroup(place, members)),
  );
  const trace = createTrace();
  const devices = people.flatMap((person, i) =>
    [0, 1].map((n) => {
      const url = (): string => urls()[(i + n) % urls().length]!.replace(/^http/, 'ws');
      return new Device({ name: `${person.name} ${n}`, person, url, trace });
    }),
  );
  await untilAll('log in', devices, (device) => device.isReady);
  return { trace, people, devices, chatIds: groups.map((group) => group.chatId) };
}

const memberOf = (world: World, device: Device): string[] => {
  const i = world.people.findIndex((person) => person.id === device.person.id);
  const [all, early, late] = world.chatIds;
  return [all!, ...(i < 3 ? [early!] : []), ...(i > 0 ? [late!] : [])];
};

/** Sends and marks from all devices until told to stop; resolves when everything sent is acknowledged. */
export class Load {
  #stopped = false;
  readonly #done: Promise<unknown>;

  constructor(world: World) {
    this.#done = Promise.all(world.devices.map((device) => this.#work(device, memberOf(world, device))));
  }

  async #work(device: Device, chatIds: string[]): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const burst = 1 + Math.floor(Math.random() * 6);
      const sent: Promise<Reply>[] = [];
      for (let i = 0; i < burst; i++)
        sent.push(device.send(chatIds[(turn + i) % chatIds.length]!, `${device.name} ${turn} ${i}`));
      const replies = await Promise.all(sent);
      if (replies[0]!.id !== undefined && Math.random() < 0.2) void device.repeat(replies[0]!.clientId);
      const last = [...device.heard.values()].at(-1);
      if (last) device.mark(last.id);
      await sleep(5 + Math.random() * 20);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }
}

/** Runs load while something goes wrong, and then finds that nothing has. */
export async function surviving(options: {
  sql: postgres.Sql;
  world: World;
  url: () => string;
  fault: () => Promise<void>;
}): Promise<void> {
  const { sql, world, url, fault } = options;
  const load = new Load(world);
  await fault();
  await load.stop();
  expect(await findAllBreaches({ sql, world, url: url() })).toEqual([]);
}

/** Waits until nothing is under way, and compares. */
export async function findAllBreaches(options: { sql: postgres.Sql; world: World; url: string }): Promise<string[]> {
  const { sql, world, url } = options;
  await settle({ world });
  const final = await readFinalState({ sql, url, people: world.people });
  await Promise.all(world.devices.map((device) => device.stop()));
  return findBreaches(world.trace, final);
}

/** Everything is acknowledged, and every device has heard the last message of each of its chats. */
async function settle({ world }: { world: World }): Promise<void> {
  const { devices, chatIds } = world;
  await untilAll('get its acks', devices, (device) => device.isReady && device.unacknowledged === 0);
  // Behind each device's marks, which nothing answers.
  await Promise.all(devices.map((device) => device.send(memberOf(world, device)[0]!, `the end of ${device.name}`)));
  const inAll = devices.find((device) => memberOf(world, device).length === chatIds.length)!;
  const ends = await Promise.all(
    chatIds.map(async (chatId) => ({ chatId, ...(await inAll.send(chatId, 'the very end')) })),
  );
  await untilAll('hear the end', devices, (device) =>
    ends.every(({ id, chatId }) => !memberOf(world, device).includes(chatId) || device.knows(id!)),
  );
}

export async function untilAll(what: string, devices: Device[], condition: (device: Device) => boolean): Promise<void> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const waiting = devices.filter((device) => !condition(device));
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${waiting.map((device) => device.name).join(', ')} did not ${what}`);
    await sleep(10);
  }
}
