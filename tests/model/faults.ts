/** What goes wrong with networks, nodes and the database. Whatever it is, it is over when `mend` has been called. */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import type { NodeProcess } from '../faults/node-process.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { Journal } from './journal.ts';
import type { Random } from './random.ts';

export interface Weather {
  random: Random;
  sql: postgres.Sql;
  journal: Journal;
  nodes: readonly NodeProcess[];
  roads: readonly { name: string; proxy: TcpProxy }[];
}

export interface Fault {
  name: string;
  weight: number;
  act: (weather: Weather) => Promise<void>;
}

const onSomeRoads =
  (what: string, act: (proxy: TcpProxy, random: Random) => void): Fault['act'] =>
  ({ random, roads, journal }) => {
    for (const { name, proxy } of random.some(roads, random.between(1, Math.ceil(roads.length / 2)))) {
      journal.note(`fault: ${what} between ${name} and its node`);
      act(proxy, random);
    }
    return Promise.resolve();
  };

const endNode =
  (signal: 'SIGTERM' | 'SIGKILL'): Fault['act'] =>
  async ({ random, nodes, journal }) => {
    const node = random.pick(nodes)!;
    journal.note(`fault: ${signal} for ${node.url}`);
    await node.end(signal);
    await sleep(random.between(0, 300));
    await node.start();
    journal.note(`${node.url} is there again`);
  };

const pauseNode: Fault['act'] = async ({ random, nodes, journal }) => {
  const node = random.pick(nodes)!;
  journal.note(`fault: ${node.url} stands still`);
  node.signal('SIGSTOP');
  await sleep(random.between(100, 900));
  node.signal('SIGCONT');
};

const endDatabaseConnections: Fault['act'] = async ({ sql, random, journal }) => {
  const share = random.pick([0.2, 0.5, 1])!;
  const rows = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and random() < ${share}`;
  journal.note(`fault: ${rows.length} connections to the database are ended`);
};

export const faults: Fault[] = [
  { name: 'cut', weight: 3, act: onSomeRoads('a cut', (proxy) => proxy.cut()) },
  {
    name: 'cut in mid-frame',
    weight: 3,
    act: onSomeRoads('a cut in mid-frame', (proxy, random) => proxy.cutInNextFrames(random.between(1, 2))),
  },
  {
    name: 'half-open',
    weight: 3,
    act: onSomeRoads('silence', (proxy, random) => proxy.silence({ newOnesToo: random.chance(0.3) })),
  },
  {
    name: 'delay',
    weight: 3,
    act: onSomeRoads('a delay', (proxy, random) => void (proxy.delayMs = random.between(20, 400))),
  },
  {
    name: 'slow',
    weight: 2,
    act: onSomeRoads('a narrow road', (proxy, random) => void (proxy.bytesPerSecond = random.between(2, 40) * 1024)),
  },
  {
    name: 'refused',
    weight: 2,
    act: onSomeRoads('no road', (proxy) => {
      proxy.refuses = true;
      proxy.cut();
    }),
  },
  { name: 'SIGTERM', weight: 2, act: endNode('SIGTERM') },
  { name: 'SIGKILL', weight: 2, act: endNode('SIGKILL') },
  { name: 'SIGSTOP', weight: 2, act: pauseNode },
  { name: 'database connections', weight: 2, act: endDatabaseConnections },
];

/** Ends all that goes on longer than a moment. */
export function mend({ roads }: Pick<Weather, 'roads'>): void {
  for (const { proxy } of roads) proxy.mend();
}
