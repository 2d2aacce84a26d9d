import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pino from 'pino';
import { findPlainEntrance } from '../../../src/server/dialects/plain.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { Delivery, Run } from '../../../src/server/realtime/delivery.ts';
import type { ServerEvent } from '../../../src/server/realtime/events.ts';
import { toTextFrame } from '../../../src/server/realtime/frame.ts';
import { Gateway } from '../../../src/server/realtime/gateway.ts';
import { Hub } from '../../../src/server/realtime/hub.ts';
import type { Load } from '../load/load-process.ts';
import { startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { compare, type Side } from '../support/rounds.ts';
import { idOf } from '../support/world.ts';

const name = 'deliver-frames';
const sockets = 1_000;
/** As many frames of each socket are under way before the sink is waited for. */
const framesPerWait = 20;

const message = (seq: number): ServerEvent => ({
  kind: 'message',
  chatId: idOf('chat', 0),
  version: seq + 1,
  message: {
    id: idOf('group', seq),
    seq,
    senderId: idOf('user', 0),
    chatId: idOf('chat', 0),
    text: 'How are you? It has been a while since we last talked.',
    sentAt: '2025-05-04T04:45:50Z',
  },
});

/** Always of the same length. */
const event = message(1_000_000);
const noPair = { pair: undefined };
const entrance = findPlainEntrance(new URL('ws://localhost/ws'))!;
const frame = toTextFrame(entrance.dialect.encodeEvent(event, noPair)!);

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Until everything that was begun in this turn of the event loop, and put off to the next ones, is written. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

interface Deliverer {
  load: Worker<Load>;
  sink: number;
  context: Context;
  /** Writes one frame to every socket. */
  writeAll(): Promise<void>;
}

const toSide = ({ load, sink, context, writeAll }: Deliverer): Side => ({
  parties: { load: [load.pid], postmaster: context.postmaster },
  async run(ms) {
    const startedAt = performance.now();
    let done = 0;
    while (performance.now() - startedAt < ms) {
      const read = load.ask('read', { sink, bytes: framesPerWait * sockets * frame.length });
      for (let i = 0; i < framesPerWait; i++) await writeAll();
      await read;
      done += framesPerWait * sockets;
    }
    return { done, ms: performance.now() - startedAt };
  },
});

/** The production hub, gateway and connections, without anything that they would ask. */
function openHub(): { hub: Hub; http: Server } {
  // A sink that counts bytes answers no ping: no time passes for these sockets.
  const openedAtMs = Date.now();
  const nowMs = (): number => openedAtMs;
  const hub = new Hub({ metrics: createMetrics(), anonymousPerAddress: Infinity, nowMs });
  const gateway = new Gateway({
    hub,
    log: pino({ level: 'error' }),
    host: {
      dispatch: () => Promise.resolve({ kind: 'done' }),
      flushLater: (connection) => hub.flushLater(connection),
      pace: () => 0,
      closed: (connection) => hub.remove(connection),
      bug: () => undefined,
      nowMs,
    },
    entranceOf: () => entrance,
    authenticateToken: () => Promise.reject(new Error('no token is sent here')),
    authenticate: () => Promise.resolve({ userId: idOf('user', 0), sessionId: idOf('session', 0) }),
    logIn(connection, speaker) {
      const person = hub.enter(speaker.userId);
      hub.attach(connection, { ...speaker, ownSession: false }, person, { maxPerUser: Infinity });
      return Promise.resolve();
    },
    addressOf: () => '127.0.0.1',
    isDraining: () => false,
  });
  const http = createHttpServer();
  http.on('upgrade', (request, stream, head) => void gateway.upgrade(request, stream, head));
  return { hub, http };
}

const hello = [
  'GET /ws HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

const answerBytes = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  '\r\n',
].join('\r\n').length;

async function run(context: Context): Promise<void> {
  await using load = startWorker<Load>('load/load-process');
  const { hub, http } = openHub();
  const bare = new Set<Socket>();
  const net = createServer((socket) => void bare.add(socket));
  const input = { count: sockets, answerBytes, hello };
  const hubSink = await load.ask('openSink', { port: await listen(http), ...input });
  const bareSink = await load.ask('openSink', { port: await listen(net), count: sockets, hello: '', answerBytes: 0 });
  const delivery = new Delivery();
  const ours = toSide({
    load,
    sink: hubSink,
    context,
    async writeAll() {
      delivery.deliver(new Run([event], noPair), [...hub.connections]);
      // Two slices, each written at the end of a turn.
      await turns(4);
    },
  });
  const reference = toSide({
    load,
    sink: bareSink,
    context,
    async writeAll() {
      for (const socket of bare) socket.write(frame);
      await turns(1);
    },
  });
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours, reference, context.rounds);
  hub[Symbol.dispose]();
  for (const socket of bare) socket.destroy();
  http.close();
  net.close();
  const reach = { of: 'ratio' as const, atLeast: 0.9 };
  context.report({ name, value: rate, unit: 'frames/s', reference: referenceRate, reach, cpuMicros, limitedBy });
}

export const deliverFamily: Family = { names: [name], run };
