import type { Shares } from './cpu.ts';

/** What a figure has to reach: a ratio to its reference, or a value of its own, at least or at most. */
export interface Reach {
  of: 'ratio' | 'value';
  atLeast?: number;
  atMost?: number;
}

/** What was measured, before it is judged. */
export interface Measured {
  name: string;
  value: number;
  unit: string;
  /** The same measured the other way in the same run; null when there is none. */
  reference: number | null;
  reach: Reach;
  /** Server, PostgreSQL and load together, in microseconds per message, page or frame; undefined where nothing is counted. */
  cpuMicros?: number | undefined;
  limitedBy: string;
}

/** One line of the table. */
export interface Result {
  name: string;
  value: number;
  unit: string;
  reference: number | null;
  ratio: number | null;
  reach: string;
  ok: boolean;
  cpuMicros: number | undefined;
  limitedBy: string;
}

/** Puts a measurement beside what it has to reach. */
export function toResult(measured: Measured): Result {
  const { name, value, unit, reference, reach, cpuMicros, limitedBy } = measured;
  const ratio = reference === null || reference === 0 ? null : value / reference;
  const judged = reach.of === 'ratio' ? ratio : value;
  const ok = judged !== null && judged >= (reach.atLeast ?? -Infinity) && judged <= (reach.atMost ?? Infinity);
  return { name, value, unit, reference, ratio, reach: toReachText(reach, unit), ok, cpuMicros, limitedBy };
}

function toReachText({ of, atLeast, atMost }: Reach, unit: string): string {
  const bound = atLeast === undefined ? `≤ ${toBound(atMost ?? Infinity)}` : `≥ ${toBound(atLeast)}`;
  return of === 'ratio' ? `${bound} times` : `${bound} ${unit}`;
}

const toBound = (bound: number): string => String(Number(bound.toPrecision(2)) === bound ? bound : bound.toFixed(3));

/** The middle of an odd number of values, the mean of the two in the middle of an even number. Throws when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error('a median of nothing');
  return (lower + upper) / 2;
}

/** The value below which the given part (0 to 1) of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  if (value === undefined) throw new Error('a quantile of nothing');
  return value;
}

/** In words what the work waited for: who used how much of the machine while it was measured. */
export function toLimit({ server, postgres, load, others, cores }: Shares): string {
  const shares = [
    `server ${server.toFixed(2)}`,
    ...(postgres === undefined ? [] : [`PostgreSQL ${postgres.toFixed(2)}`]),
    ...(load === undefined ? [] : [`load ${load.toFixed(2)}`]),
    ...(others > 0.15 ? [`others ${others.toFixed(2)}`] : []),
  ];
  const used = server + (postgres ?? 0) + (load ?? 0) + others;
  const what = server > 0.9 ? "the server's thread" : used > 0.9 * cores ? 'the cores' : 'waiting (disk, turns)';
  return `${what}: ${shares.join(', ')} of ${cores} cores`;
}
