import { type Parties, startMeter, toShares, toTotalMs, type Usage } from './cpu.ts';
import { median, toLimit } from './result.ts';

/** One round of one side: how many things were done in how long. */
export interface Round {
  done: number;
  ms: number;
}

export interface Side {
  parties: Parties;
  /** Does the work once, for about the time it is given. */
  run(ms: number): Promise<Round>;
}

export interface Compared {
  /** Medians of things done per second. */
  rate: number;
  referenceRate: number;
  cpuMicros: number;
  limitedBy: string;
}

const warmUpMs = 500;

export interface RoundsOptions {
  rounds: number;
  ms: number;
}

/**
 * Both sides by turns, A B A B …, after a round of each that does not count, for compilers and caches: what else the
 * machine does meanwhile meets both alike.
 */
export async function compare(ours: Side, reference: Side, { rounds, ms }: RoundsOptions): Promise<Compared> {
  await ours.run(Math.max(ms / 2, warmUpMs));
  await reference.run(Math.max(ms / 2, warmUpMs));
  const rates: number[] = [];
  const referenceRates: number[] = [];
  const usages: Usage[] = [];
  let done = 0;
  for (let i = 0; i < rounds; i++) {
    const stop = startMeter(ours.parties);
    const round = await ours.run(ms);
    usages.push(stop());
    done += round.done;
    rates.push(toRate(round));
    referenceRates.push(toRate(await reference.run(ms)));
  }
  const cpuMs = usages.reduce((sum, usage) => sum + toTotalMs(usage), 0);
  return {
    rate: median(rates),
    referenceRate: median(referenceRates),
    cpuMicros: (cpuMs * 1_000) / done,
    limitedBy: toLimit(toShares(usages)),
  };
}

const toRate = ({ done, ms }: Round): number => (done * 1_000) / ms;

/** Runs one task again and again in each of `count` lines until the time is over; those begun then are waited for and counted. */
export async function runInLines(count: number, ms: number, task: (line: number) => Promise<unknown>): Promise<Round> {
  const startedAt = performance.now();
  let done = 0;
  const line = async (index: number): Promise<void> => {
    while (performance.now() - startedAt < ms) {
      await task(index);
      done++;
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => line(index)));
  return { done, ms: performance.now() - startedAt };
}
