import { setTimeout as sleep } from 'node:timers/promises';
import type { Hearer } from '../load/hearer-process.ts';
import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, type Usage } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld } from '../support/world.ts';

/** What a message costs who hears it through the SDK, beside a socket whose frames are only taken apart. */
const name = 'sdk-message';

const perSecond = 500;

/** Measures what each message costs a hearer, once all that were sent have come. */
async function startCounting(hearer: Worker<Hearer>): Promise<(sent: number) => Promise<number>> {
  const before = await hearer.ask('look', undefined);
  return async (sent) => {
    for (;;) {
      const now = await hearer.ask('look', undefined);
      if (now.heard - before.heard >= sent) return (now.cpuMicros - before.cpuMicros) / sent;
      await sleep(50);
    }
  };
}

/** All hear the same messages at the same time: the sender, a listener of the load, the SDK and the bare socket. */
async function run(context: Context): Promise<void> {
  await using database = await context.createDatabase();
  await createWorld(database.url, { people: 4, chats: 1, members: 4, step: 1 });
  await using load = startWorker<Load>('load/load-process');
  await using sdk = startWorker<Hearer>('load/hearer-process');
  await using bare = startWorker<Hearer>('load/hearer-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  const { port } = server;
  const live = await load.ask('openLive', { port, firstPerson: 0, firstChat: 0, chats: 1, members: 2 });
  await sdk.ask('openSdk', { port, person: 2, chat: 0 });
  await bare.ask('openBare', { port, person: 3, chat: 0 });
  const { ms, rounds } = context.rounds;
  const talk = () => load.ask('talkLive', { live, ms, perSecond });
  await talk();
  const [values, references]: [number[], number[]] = [[], []];
  const usages: Usage[] = [];
  for (let i = 0; i < rounds; i++) {
    const counting = await Promise.all([startCounting(sdk), startCounting(bare)]);
    const stop = startMeter({ server: [sdk.pid], load: [load.pid, server.pid], postmaster: context.postmaster });
    const { deliveries } = await talk();
    const [value, reference] = await Promise.all(counting.map((count) => count(deliveries)));
    usages.push(stop());
    values.push(value!);
    references.push(reference!);
  }
  context.report({
    name,
    value: median(values),
    unit: 'µs CPU',
    reference: median(references),
    reach: { of: 'ratio', atMost: 5 },
    limitedBy: `${toLimit(toShares(usages))}; "server" is the SDK, ${perSecond} messages/s`,
  });
}

export const sdkFamily: Family = { names: [name], run };
