import { memoryUsage } from 'node:process';
import type { Duplex } from 'node:stream';
import { subprotocol } from '../../../src/protocol/version.ts';
import { createFullEntrance } from '../../../src/server/dialects/full/entrance.ts';
import { Delivery, Run } from '../../../src/server/realtime/delivery.ts';
import { toTextFrame } from '../../../src/server/realtime/frame.ts';
import type { Load } from '../load/load-process.ts';
import { type ServerProcess, startServerProcess, startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, type Usage } from '../support/cpu.ts';
import { answerBytesOf, listen, messageEvent, openHub, toHello, turns } from '../support/delivery.ts';
import { readMetric } from '../support/metric.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, idSql, openMaker } from '../support/world.ts';

/** A group of which one in twenty does not read: what that costs the others, and the server. */
const names = ['slow-sockets-p99', 'slow-socket-held'] as const;

const sockets = 200;
const slow = 10;
const perSecond = 50;
const noPair = { pair: undefined };
const longText = 'x'.repeat(8_000);

/** Chat 0 has everybody: person 0 talks, the last ones do not read. Chat 1 has person 0 and them. */
async function createGroup(url: string): Promise<void> {
  const people = sockets + 1;
  await createWorld(url, { people, chats: 1, members: people, step: 1 });
  const sql = openMaker(url);
  await sql.unsafe(`
    insert into chats (id, type, version, members_version) values (${idSql('chat', '1')}, 'group', 1, 1);
    insert into groups (id, chat_id, name, version) values (${idSql('group', '1')}, ${idSql('chat', '1')}, 'Slow', 1);
    insert into memberships (chat_id, user_id, version, joined_version)
      select ${idSql('chat', '1')}, ${idSql('user', 'n')}, 1, 1 from generate_series(0, ${people - 1}) n
       where n = 0 or n >= ${people - slow}`);
  await sql.end({ timeout: 5 });
}

/** Sockets that read nothing come, and are sent so much that they are left out. */
async function bringSlow(load: Worker<Load>, { port }: ServerProcess, live: number): Promise<void> {
  const lagged = () => readMetric(port, 'messenger_lags_total');
  const wanted = (await lagged()) + slow;
  await load.ask('pauseSockets', { live, person: sockets + 1 - slow, count: slow });
  for (let i = 0; (await lagged()) < wanted; i++) {
    if (i === 200) throw new Error('slow-sockets-p99: sockets that do not read are not left out');
    await load.ask('fillPaused', { live, chat: 1, messages: 50, text: longText });
  }
}

async function measureOthers(context: Context): Promise<void> {
  await using database = await context.createDatabase();
  await createGroup(database.url);
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  const members = sockets + 1 - slow;
  const live = await load.ask('openLive', { port: server.port, firstPerson: 0, firstChat: 0, chats: 1, members });
  const { ms, rounds } = context.rounds;
  const talk = () => load.ask('talkLive', { live, ms, perSecond });
  await talk();
  const [withSlow, without]: [number[], number[]] = [[], []];
  const usages: Usage[] = [];
  for (let i = 0; i < rounds; i++) {
    without.push((await talk()).p99Ms);
    await bringSlow(load, server, live);
    const stop = startMeter({ server: [server.pid], load: [load.pid], postmaster: context.postmaster });
    withSlow.push((await talk()).p99Ms);
    usages.push(stop());
    await load.ask('dropPaused', { live });
  }
  context.report({
    name: 'slow-sockets-p99',
    value: median(withSlow),
    unit: 'ms p99',
    reference: median(without),
    reach: { of: 'ratio', atMost: 1.2 },
    limitedBy: `${toLimit(toShares(usages))}; ${slow} of ${sockets} sockets do not read, ${perSecond} messages/s`,
  });
}

interface Deaf extends AsyncDisposable {
  /** The streams below the sockets that do not read. */
  streams: Duplex[];
  frameBytes: number;
  /** Delivers so many frames to everybody in one turn; resolves when those who read have them. */
  deliver(frames: number): Promise<void>;
}

/** The production hub with sockets of which the last ones do not read, and long messages for them. */
async function openDeafHub(load: Worker<Load>): Promise<Deaf> {
  const find = createFullEntrance({} as unknown as Parameters<typeof createFullEntrance>[0]);
  const { hub, http } = openHub(find);
  const streams: Duplex[] = [];
  http.on('upgrade', (_request, stream: Duplex) => streams.push(stream));
  const input = {
    port: await listen(http),
    hello: toHello('/ws', subprotocol),
    answerBytes: answerBytesOf(subprotocol),
  };
  const sink = await load.ask('openSink', { ...input, count: sockets - slow });
  await load.ask('openDeaf', { ...input, count: slow });
  while (hub.size < sockets) await turns(1);
  const deaf = streams.slice(-slow);
  const event = { ...messageEvent, message: { ...messageEvent.message, text: longText } };
  const connections = [...hub.connections];
  const frameBytes = toTextFrame(connections[0]!.dialect.encodeEvent(event, noPair)!).length;
  const delivery = new Delivery();
  return {
    streams: deaf,
    frameBytes,
    async deliver(frames) {
      const read = load.ask('read', { sink, bytes: frames * frameBytes * (sockets - slow) });
      for (let i = 0; i < frames; i++) delivery.deliver(new Run([event], noPair), [...connections]);
      await turns(2);
      await read;
    },
    [Symbol.asyncDispose]() {
      hub[Symbol.dispose]();
      http.close();
      return Promise.resolve();
    },
  };
}

/** Delivers until everybody who does not read is left out, and long after. */
async function measureHeld(context: Context): Promise<void> {
  await using load = startWorker<Load>('load/load-process');
  await using deaf = await openDeafHub(load);
  const before = memoryUsage().rss;
  const megabytes = context.quick ? 16 : 64;
  let held = 0;
  for (let sent = 0; sent < megabytes * 1e6;) {
    // Up to what one batch of the writer may hold.
    for (const frames of [1, 8, 32, 120]) {
      await deaf.deliver(frames);
      held = Math.max(held, ...deaf.streams.map((stream) => stream.writableLength));
      sent += frames * deaf.frameBytes;
    }
  }
  const grown = memoryUsage().rss - before;
  context.report({
    name: 'slow-socket-held',
    value: held / 2 ** 20,
    unit: 'MiB each',
    reference: null,
    reach: { of: 'value', atMost: 1.25 },
    limitedBy: `the most of ${slow} streams while ${megabytes} MB were delivered to each other; the process grew by ${Math.round(grown / 2 ** 20)} MiB`,
  });
}

export const slowSocketsFamily: Family = {
  names,
  async run(context) {
    if (context.wants('slow-sockets-p99')) await measureOthers(context);
    if (context.wants('slow-socket-held')) await measureHeld(context);
  },
};
