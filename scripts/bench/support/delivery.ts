import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import pino from 'pino';
import { createMetrics } from '../../../src/server/metrics.ts';
import type { ServerEvent } from '../../../src/server/realtime/events.ts';
import { Gateway, type GatewayOptions } from '../../../src/server/realtime/gateway.ts';
import { Hub } from '../../../src/server/realtime/hub.ts';
import type { Load } from '../load/load-process.ts';
import type { Worker } from './child.ts';
import type { Context } from './context.ts';
import type { Side } from './rounds.ts';
import { idOf } from './world.ts';

export const sockets = 1_000;
/** As many frames of each socket are under way before the sink is waited for. */
const framesPerWait = 20;

/** A message of person 1 in chat 0; its number has always the same length. */
export const messageEvent: Extract<ServerEvent, { kind: 'message' }> = {
  kind: 'message',
  chatId: idOf('chat', 0),
  version: 1_000_001,
  message: {
    id: idOf('group', 0),
    seq: 1_000_000,
    senderId: idOf('user', 1),
    chatId: idOf('chat', 0),
    clientId: idOf('group', 1),
    text: 'How are you? It has been a while since we last talked.',
    sentAt: '2025-05-04T04:45:50Z',
  },
};

export const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Until everything that was begun in this turn of the event loop, and put off to the next ones, is written. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

interface Deliverer {
  load: Worker<Load>;
  sink: number;
  context: Context;
  frameBytes: number;
  /** Writes one frame to every socket. */
  writeAll(): Promise<void>;
}

export const toSide = ({ load, sink, context, frameBytes, writeAll }: Deliverer): Side => ({
  parties: { load: [load.pid], postmaster: context.postmaster },
  async run(ms) {
    const startedAt = performance.now();
    let done = 0;
    while (performance.now() - startedAt < ms) {
      const read = load.ask('read', { sink, bytes: framesPerWait * sockets * frameBytes });
      for (let i = 0; i < framesPerWait; i++) await writeAll();
      await read;
      done += framesPerWait * sockets;
    }
    return { done, ms: performance.now() - startedAt };
  },
});

const claimant = { userId: idOf('user', 0), sessionId: idOf('session', 0) };

/** The production hub, gateway and connections, without anything that they would ask. */
export function openHub(entranceOf: GatewayOptions['entranceOf']): { hub: Hub; http: Server } {
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
      lagging: () => undefined,
      bug: () => undefined,
      nowMs,
    },
    entranceOf,
    authenticateToken: () => Promise.resolve(claimant),
    authenticate: () => Promise.resolve(claimant),
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

/** The handshake of a socket at an address, which may offer a subprotocol. */
export const toHello = (path: string, subprotocol?: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    '\r\n',
  ].join('\r\n');

/** How long the answer to it is. */
export const answerBytesOf = (subprotocol?: string): number =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    '\r\n',
  ].join('\r\n').length;
