import type { Load } from '../load/load-process.ts';
import type { SocketIoServer } from '../references/socket-io-process.ts';
import { startServerProcess, startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { openMaker, createWorld } from '../support/world.ts';
import { compare, type Side } from '../support/rounds.ts';

/**
 * Whole servers: sockets in, commit, ack, delivery to everybody else. The product as `npm start` runs it, with tokens,
 * sessions and memberships; RATE_LIMITS=off, as its rates are made for people.
 */
interface Crowd {
  chats: number;
  members: number;
  /** How many of each chat's members send. */
  senders: number;
  atLeast: number;
}

const crowds: Record<string, Crowd> = {
  'server-10x10': { chats: 10, members: 10, senders: 10, atLeast: 12 },
  'server-1x50': { chats: 1, members: 50, senders: 50, atLeast: 20 },
  'server-99x10': { chats: 99, members: 10, senders: 1, atLeast: 4 },
};

/** Messages of one sender under way, the same on both sides: enough that neither waits for the sender. */
const messagesUnderWay = 4;

type LoadWorker = Worker<Load>;

async function countStored(url: string): Promise<number> {
  const sql = openMaker(url);
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from messages`;
  await sql.end({ timeout: 5 });
  return row!.n;
}

interface Talking {
  load: LoadWorker;
  speech: 'plain' | 'socketIo';
  port: number;
  pid: number;
  crowd: Crowd;
}

async function openTalk(
  context: Context,
  { load, speech, port, pid, crowd }: Talking,
): Promise<Side & { acks(): number }> {
  let acks = 0;
  const talk = await load.ask('openTalk', { speech, port, window: messagesUnderWay, ...crowd });
  return {
    parties: { server: [pid], load: [load.pid], postmaster: context.postmaster },
    acks: () => acks,
    async run(ms) {
      const talked = await load.ask('talk', { talk, ms });
      acks += talked.acks;
      return { done: talked.acks, ms: talked.ms };
    },
  };
}

async function compareServers(context: Context, name: string, crowd: Crowd): Promise<void> {
  const world = {
    people: crowd.chats * crowd.members,
    chats: crowd.chats,
    members: crowd.members,
    step: crowd.members,
  };
  await using ourDatabase = await context.createDatabase();
  await using theirDatabase = await context.createDatabase();
  for (const { url } of [ourDatabase, theirDatabase]) await createWorld(url, world);
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(ourDatabase.url, { RATE_LIMITS: 'off' });
  await using reference = startWorker<SocketIoServer>('references/socket-io-process');
  const referencePort = await reference.ask('start', { url: theirDatabase.url });
  const ours = await openTalk(context, { load, speech: 'plain', port: server.port, pid: server.pid, crowd });
  const theirs = await openTalk(context, {
    load,
    speech: 'socketIo',
    port: referencePort,
    pid: reference.pid,
    crowd,
  });
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours, theirs, context.rounds);
  for (const [side, { url }] of [[ours, ourDatabase] as const, [theirs, theirDatabase] as const]) {
    const stored = await countStored(url);
    if (stored !== side.acks()) throw new Error(`${name}: ${side.acks()} messages were acked, ${stored} are stored`);
  }
  const reach = { of: 'ratio' as const, atLeast: crowd.atLeast };
  context.report({ name, value: rate, unit: 'messages/s', reference: referenceRate, reach, cpuMicros, limitedBy });
}

export const serverFamily: Family = {
  names: Object.keys(crowds),
  async run(context) {
    for (const [name, crowd] of Object.entries(crowds)) {
      if (context.wants(name)) await compareServers(context, name, crowd);
    }
  },
};
