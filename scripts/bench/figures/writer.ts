import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { openWriter } from '../../../src/server/db/client.ts';
import { Lanes } from '../../../src/server/db/lanes.ts';
import { limits } from '../../../src/protocol/limits.ts';
import { Writer } from '../../../src/server/messages/writer.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { openReference, storeMessage } from '../references/drizzle.ts';
import { createPlainTable, insertOne, openPlainInsert } from '../references/plain-insert.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs } from '../support/cpu.ts';
import { median, quantile, toLimit } from '../support/result.ts';
import { compare, runInLines, type Side } from '../support/rounds.ts';
import { createWorld, idOf, type World } from '../support/world.ts';

/**
 * The write path alone: senders that each wait for their ack before the next message, and no sockets.
 */
const names = ['writer-1000x1000', 'writer-64x64', 'writer-64x1', 'writer-vs-insert', 'ack-alone'] as const;

const text = 'How are you? It has been a while since we last talked.';

export interface OpenWriter extends AsyncDisposable {
  writer: Writer;
}

/** The writer of production, that tells nobody. */
export function openMessageWriter(url: string): OpenWriter {
  const lanes = new Lanes(url);
  const writer = new Writer({
    lanes,
    log: pino({ level: 'error' }),
    metrics: createMetrics(),
    publish: () => undefined,
    uncertain: () => undefined,
  });
  return { writer, [Symbol.asyncDispose]: () => lanes[Symbol.asyncDispose]() };
}

/** One of the chats that a person is in. */
function chooseChat(world: World, person: number): number {
  const n = Math.floor(Math.random() * world.members);
  return world.chats === 1 ? 0 : (person - n + world.chats) % world.chats;
}

const toSend = (world: World, person: number) => ({
  sessionId: idOf('session', person),
  senderId: idOf('user', person),
  chatId: idOf('chat', chooseChat(world, person)),
  clientId: randomUUID(),
  text,
  sentAt: '2025-05-04T04:45:50Z',
});

const writerSide = (context: Context, writer: Writer, { world, senders }: { world: World; senders: number }): Side => ({
  parties: { postmaster: context.postmaster },
  run: (ms) => runInLines(senders, ms, (person) => writer.send(toSend(world, person))),
});

/** The real writer against a Drizzle transaction per message, each in a database of its own. */
async function compareWithTransactions(context: Context, name: string, world: World): Promise<void> {
  if (!context.wants(name)) return;
  const senders = world.people;
  await using ourDatabase = await context.createDatabase();
  await using theirDatabase = await context.createDatabase();
  for (const { url } of [ourDatabase, theirDatabase]) await createWorld(url, world);
  await using ours = openMessageWriter(ourDatabase.url);
  await using theirs = openReference(theirDatabase.url);
  const reference: Side = {
    parties: {},
    run: (ms) => runInLines(senders, ms, (person) => storeMessage(theirs.db, toSend(world, person))),
  };
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(
    writerSide(context, ours.writer, { world, senders }),
    reference,
    context.rounds,
  );
  const atLeast = { 'writer-1000x1000': 25, 'writer-64x64': 15, 'writer-64x1': 20 }[name]!;
  context.report({
    name,
    value: rate,
    unit: 'sends/s',
    reference: referenceRate,
    reach: { of: 'ratio', atLeast },
    cpuMicros,
    limitedBy,
  });
}

/** The same writer against inserts that check nothing: what checking, numbering and answering cost. */
async function compareWithInserts(context: Context, world: World): Promise<void> {
  if (!context.wants('writer-vs-insert')) return;
  await using ourDatabase = await context.createDatabase();
  await using theirDatabase = await context.createDatabase();
  await createWorld(ourDatabase.url, world);
  await createPlainTable(theirDatabase.url);
  await using ours = openMessageWriter(ourDatabase.url);
  const lines = Array.from({ length: limits.writer.lanes }, (_, line) =>
    openPlainInsert(theirDatabase.url, { line, ...world }),
  );
  const rows = limits.writer.maxBatchRows;
  const reference: Side = {
    parties: {},
    async run(ms) {
      const round = await runInLines(lines.length, ms, (line) => lines[line]!.insert(rows));
      return { ...round, done: round.done * rows };
    },
  };
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(
    writerSide(context, ours.writer, { world, senders: world.people }),
    reference,
    context.rounds,
  );
  for (const line of lines) await line[Symbol.asyncDispose]();
  context.report({
    name: 'writer-vs-insert',
    value: rate,
    unit: 'sends/s',
    reference: referenceRate,
    reach: { of: 'ratio', atLeast: 0.55 },
    cpuMicros,
    limitedBy,
  });
}

/** One sender alone: ack and insert by turns, one after the other. */
async function measureAckAlone(context: Context, world: World): Promise<void> {
  if (!context.wants('ack-alone')) return;
  await using database = await context.createDatabase();
  await createWorld(database.url, world);
  await createPlainTable(database.url);
  await using ours = openMessageWriter(database.url);
  const sql = openWriter(database.url);
  const acks: number[] = [];
  const inserts: number[] = [];
  const time = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    await work();
    into.push(performance.now() - startedAt);
  };
  const count = context.quick ? 500 : 4_000;
  const stop = startMeter({ postmaster: context.postmaster });
  for (let i = 0; i < count; i++) {
    await time(acks, () => ours.writer.send(toSend(world, 0)));
    await time(inserts, () => insertOne(sql, i + 1));
  }
  const usage = stop();
  await sql.end({ timeout: 5 });
  const settled = (values: number[]): number[] => values.slice(count / 10);
  context.report({
    name: 'ack-alone',
    value: median(settled(acks)),
    unit: 'ms p50',
    reference: median(settled(inserts)),
    reach: { of: 'ratio', atMost: 2.5 },
    cpuMicros: (toTotalMs(usage) * 1_000) / (2 * count),
    limitedBy: `${toLimit(toShares([usage]))}; p99 ${quantile(settled(acks), 0.99).toFixed(2)} ms`,
  });
}

export const writerFamily: Family = {
  names,
  async run(context) {
    const large = { people: 1_000, chats: 1_000, members: 10, step: 1 };
    await compareWithTransactions(context, 'writer-1000x1000', large);
    await compareWithTransactions(context, 'writer-64x64', { people: 64, chats: 64, members: 10, step: 1 });
    await compareWithTransactions(context, 'writer-64x1', { people: 64, chats: 1, members: 64, step: 1 });
    await compareWithInserts(context, large);
    await measureAckAlone(context, large);
  },
};
