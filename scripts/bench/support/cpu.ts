import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import process from 'node:process';

/** Whose CPU time counts as whose. `postmaster`: undefined when PostgreSQL runs elsewhere. */
export interface Parties {
  /** Processes of what is measured; this one when none is named. */
  server?: number[];
  load?: number[];
  postmaster?: number | undefined;
}

/** Cores in use on average, of `cores`; `others` is what programs used that have nothing to do with the measurement. */
export interface Shares {
  server: number;
  postgres: number | undefined;
  load: number | undefined;
  others: number;
  cores: number;
}

export interface Usage {
  wallMs: number;
  serverMs: number;
  postgresMs: number | undefined;
  loadMs: number | undefined;
  busyMs: number;
}

interface Stat {
  parent: number;
  ms: number;
  reapedMs: number;
}

/** Linux counts in hundredths of a second, whatever the kernel's own clock is. */
const msPerTick = 10;

function findStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (index: number): number => Number(fields[index]) * msPerTick;
    return { parent: Number(fields[1]), ms: ticks(11) + ticks(12), reapedMs: ticks(13) + ticks(14) };
  } catch {
    return undefined;
  }
}

/** The process whose child the given one is, where the system tells. */
export const findParent = (pid: number): number | undefined => findStat(pid)?.parent;

function sumOf(pids: number[]): number {
  return pids.reduce((sum, pid) => sum + (findStat(pid)?.ms ?? 0), 0);
}

/** PostgreSQL has a process per connection; those that ended are counted at their parent. */
function sumOfFamily(postmaster: number): number {
  const own = findStat(postmaster);
  let sum = (own?.ms ?? 0) + (own?.reapedMs ?? 0);
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? findStat(Number(name)) : undefined;
    if (stat?.parent === postmaster) sum += stat.ms;
  }
  return sum;
}

const ownMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);

const read = ({ server, load, postmaster }: Parties): Usage => ({
  wallMs: performance.now(),
  serverMs: server ? sumOf(server) : ownMs(),
  postgresMs: postmaster === undefined ? undefined : sumOfFamily(postmaster),
  loadMs: load && sumOf(load),
  busyMs: busyMs(),
});

const minus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

/** Begins to measure; the answer ends it. */
export function startMeter(parties: Parties): () => Usage {
  const before = read(parties);
  return () => {
    const after = read(parties);
    return {
      wallMs: after.wallMs - before.wallMs,
      serverMs: after.serverMs - before.serverMs,
      postgresMs: minus(after.postgresMs, before.postgresMs),
      loadMs: minus(after.loadMs, before.loadMs),
      busyMs: after.busyMs - before.busyMs,
    };
  };
}

/** What several measurements come to together. */
export function toShares(usages: readonly Usage[]): Shares {
  const sum = (pick: (usage: Usage) => number | undefined): number | undefined =>
    usages.some((usage) => pick(usage) === undefined)
      ? undefined
      : usages.reduce((total, usage) => total + (pick(usage) ?? 0), 0);
  const wallMs = sum((usage) => usage.wallMs) ?? 0;
  const share = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / wallMs);
  const server = share(sum((usage) => usage.serverMs)) ?? 0;
  const [postgres, load] = [share(sum((usage) => usage.postgresMs)), share(sum((usage) => usage.loadMs))];
  const busy = share(sum((usage) => usage.busyMs)) ?? 0;
  const others = Math.max(0, busy - server - (postgres ?? 0) - (load ?? 0));
  return { server, postgres, load, others, cores: cpus().length };
}

/** CPU time of all parties together, in milliseconds. */
export const toTotalMs = ({ serverMs, postgresMs, loadMs }: Usage): number =>
  serverMs + (postgresMs ?? 0) + (loadMs ?? 0);
