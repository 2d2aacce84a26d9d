import { setTimeout as sleep } from 'node:timers/promises';
import { compare, findFloors, type Difference } from './compare.ts';
import type { Phone } from './phone.ts';
import { findPlainBreaches, findPromiseBreaches } from './promises.ts';
import { readTruth } from './truth.ts';
import type { World } from './world.ts';

/** What the rests of a run came to. */
export interface Rest {
  comparisons: number;
  /** Messages that were compared. */
  values: number;
  /** How often a position or an own state had got lost on the way, and had to be read anew at another login. */
  rereads: number;
  /** The longest time until everything was equal. */
  slowestMs: number;
}

/** Until everybody is there and everything is sent; then until everything durable is equal; then also what may get lost. */
export interface Patience {
  onlineMs: number;
  durableMs: number;
  liveMs: number;
  rereadMs: number;
}
const patient: Patience = { onlineMs: 20_000, durableMs: 20_000, liveMs: 2_500, rereadMs: 20_000 };

/** Waits until everything is equal; answers what is not, as sentences. */
export async function findDisagreements(world: World, rest: Rest, patience = patient): Promise<string[]> {
  const startedAt = Date.now();
  const late = await untilSettled(world, patience);
  if (late.length > 0) return [...takeBreaches(world), ...late];
  const differences = await untilEqual(world, rest, patience);
  rest.slowestMs = Math.max(rest.slowestMs, Date.now() - startedAt);
  const breaches = [
    ...takeBreaches(world),
    // What may get lost on the way follows from the rest.
    ...['durable', 'live']
      .flatMap((kind) => differences.filter((one) => one.kind === kind))
      .map(({ sentence }) => sentence),
    ...(await findPromiseBreaches(world)),
    ...(await findPlainBreaches(world)),
  ];
  return breaches.slice(0, 12);
}

const takeBreaches = ({ phones }: World): string[] => phones.flatMap((phone) => phone.takeBreaches());

/** Nobody waits for the end of a pause: those may be long after many breaks. */
function wakeAll(phones: Iterable<Phone>): void {
  for (const { client } of phones) if (client.state === 'offline') client.wake();
}

/** Everybody is online and nothing waits to be sent. */
async function untilSettled({ phones, plain }: World, { onlineMs }: Patience): Promise<string[]> {
  const deadline = Date.now() + onlineMs;
  for (;;) {
    const waiting = [
      ...phones
        .filter(({ client }) => client.state !== 'online' || client.store.get('outbox').length > 0)
        .map(({ name, client }) => `${name} is ${client.state} with ${client.store.get('outbox').length} to send`),
      ...plain
        .filter((device) => !device.isReady || device.unacknowledged > 0)
        .map(({ name, unacknowledged }) => `${name} has ${unacknowledged} to send`),
    ];
    if (waiting.length === 0 || Date.now() > deadline) return waiting;
    wakeAll(phones);
    await sleep(15);
  }
}

async function untilEqual(world: World, rest: Rest, patience: Patience): Promise<Difference[]> {
  const [durable, live] = [Date.now() + patience.durableMs, Date.now() + patience.liveMs];
  for (;;) {
    const differences = await compareAll(world, rest);
    if (differences.length === 0) return [];
    const isDurable = differences.some(({ kind }) => kind === 'durable');
    if (Date.now() > (isDurable ? durable : live))
      return isDurable ? differences : reread(world, rest, differences, patience);
    await sleep(60);
  }
}

/** What is told live may be lost: whoever misses some of it must have it after another login. */
async function reread(
  world: World,
  rest: Rest,
  differences: Difference[],
  { rereadMs }: Patience,
): Promise<Difference[]> {
  const deadline = Date.now() + rereadMs;
  const phones = new Set<Phone>(differences.map(({ phone }) => phone));
  for (const { sentence } of differences) world.journal.note(`lost on the way: ${sentence}`);
  rest.rereads += phones.size;
  for (const { proxy } of phones) proxy.cut();
  for (;;) {
    await sleep(60);
    wakeAll(phones);
    const left = await compareAll(world, rest);
    if (left.length === 0 || Date.now() > deadline) return left;
  }
}

async function compareAll({ sql, phones }: World, rest: Rest): Promise<Difference[]> {
  const truth = await readTruth(sql, findFloors(phones));
  const differences: Difference[] = [];
  for (const phone of phones) {
    if (phone.client.state !== 'online')
      differences.push({ sentence: `${phone.name} is ${phone.client.state}`, kind: 'durable', phone });
    differences.push(...compare(phone, truth));
  }
  rest.comparisons++;
  for (const { messages } of truth.values()) rest.values += messages.size * phones.length;
  return differences;
}
