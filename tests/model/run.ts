/**
 * A run: rounds in which people do what comes to their mind while things go wrong, each followed by a rest in which
 * everything must become equal: what every client holds, what the database holds, and what people were told.
 *
 * The seed decides who does what and what goes wrong. Which of two things that happen at once comes first it does not
 * decide: the same seed makes the same choices from what it finds, and mostly finds the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chatsIn } from './journal.ts';
import { faults, mend, type Weather } from './faults.ts';
import { operations } from './operations.ts';
import type { Phone } from './phone.ts';
import { Random } from './random.ts';
import { findDisagreements, type Rest } from './rest.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export interface RunOptions extends Omit<WorldOptions, 'random'> {
  seed: number;
  /** Ends with the round in which this is reached. */
  isDone: (report: Report) => boolean;
  /** Told after each round. */
  onRound?: (report: Report) => void;
}

export interface Report {
  seed: number;
  rounds: number;
  operations: Map<string, number>;
  faults: Map<string, number>;
  comparisons: Rest;
  /** What was found, as sentences, and what had happened before. */
  breaches: string[];
  log: string[];
  /** Since the start. */
  ms: number;
}

/** Operations of one client that are under way at once, at most. */
const maxAtOnce = 5;

/** After that an operation counts as one that never ends. Requests give up after 4 s, reading on after failures takes longer. */
const operationMs = 45_000;

const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

export const totalOf = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** Runs until it is done or something was found. */
export async function runModel(options: RunOptions): Promise<Report> {
  const startedAt = Date.now();
  const random = new Random(options.seed);
  const comparisons: Rest = { comparisons: 0, values: 0, rereads: 0, slowestMs: 0 };
  const report: Report = {
    seed: options.seed,
    rounds: 0,
    operations: new Map(),
    faults: new Map(),
    comparisons,
    breaches: [],
    log: [],
    ms: 0,
  };
  await using world = await createWorld({ ...options, random });
  await Promise.all(world.phones.map((phone) => phone.client.ready()));
  await Promise.all(world.phones.map((phone) => openAll(phone)));
  while (report.breaches.length === 0 && !options.isDone(report)) {
    await playRound(world, random.fork(`round ${report.rounds}`), report);
    if (report.breaches.length > 0) break;
    report.breaches.push(...(await findDisagreements(world, report.comparisons)));
    report.rounds++;
    report.ms = Date.now() - startedAt;
    options.onRound?.(report);
  }
  if (report.breaches.length > 0) report.log = world.journal.tell(report.breaches.slice(0, 3).flatMap(chatsIn));
  return report;
}

async function openAll(phone: Phone): Promise<void> {
  for (const { id } of phone.chats) {
    await phone.client.chat(id).open();
    phone.observer.opened(id);
  }
}

async function playRound(world: World, random: Random, report: Report): Promise<void> {
  const endsAt = Date.now() + random.between(1_200, 3_500);
  const weather: Weather = { ...world, random: random.fork('weather') };
  const work = [
    ...world.phones.map((phone) => act(world, phone, endsAt, report)),
    ...world.plain.map((device) => writePlainly(world, device, random.fork(device.name), endsAt, report)),
  ];
  await storm(weather, endsAt, report);
  await sleep(Math.max(0, endsAt - Date.now()));
  mend(weather);
  for (const phone of world.phones) phone.client.wake();
  await Promise.all(work);
}

async function storm(weather: Weather, endsAt: number, report: Report): Promise<void> {
  const { random } = weather;
  for (let left = random.between(1, 7); left > 0 && Date.now() < endsAt; left--) {
    await sleep(random.between(50, 600));
    const fault = random.weighted(faults);
    await fault.act(weather);
    count(report.faults, fault.name);
  }
}

/** One client's share of a round. */
async function act(world: World, phone: Phone, endsAt: number, report: Report): Promise<void> {
  const { people, intents, journal, lastingChatId } = world;
  const { random } = phone;
  const underWay = new Map<Promise<unknown>, string>();
  const restartsAt = random.chance(0.12) ? Date.now() + random.between(100, 2_000) : Infinity;
  let restarted = false;
  while (Date.now() < endsAt) {
    if (Date.now() > restartsAt && !restarted) {
      restarted = true;
      count(report.operations, 'restart client');
      journal.note(`${phone.name} begins anew`);
      await phone.restart();
    }
    const operation = random.weighted(operations);
    const doing = operation.act({ phone, random, people, intents, journal, lastingChatId });
    if (doing) {
      count(report.operations, operation.name);
      const done = doing.finally(() => underWay.delete(done));
      underWay.set(done, operation.name);
      if (underWay.size >= maxAtOnce) await Promise.race(underWay.keys());
    }
    await sleep(random.between(10, 60));
  }
  const isDone = await Promise.race([
    Promise.all(underWay.keys()).then(() => true),
    sleep(operationMs, false, { ref: false }),
  ]);
  if (!isDone)
    for (const name of underWay.values())
      report.breaches.push(`${phone.name}, which is ${phone.client.state}: "${name}" never ends`);
}

async function writePlainly(
  world: World,
  device: World['plain'][number],
  random: Random,
  endsAt: number,
  report: Report,
): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (let turn = 0; Date.now() < endsAt; turn++) {
    sent.push(device.send(world.lastingChatId, `${device.name} ${report.rounds} ${turn}`));
    count(report.operations, 'send plainly');
    // In other chats the person may be no member any more.
    const heard = random.chance(0.2) ? [...device.heard.values()] : [];
    const last = heard.findLast(({ chatId }) => chatId === world.lastingChatId);
    if (last) device.mark(last.id);
    await sleep(random.between(50, 200));
  }
  await Promise.all(sent);
}
