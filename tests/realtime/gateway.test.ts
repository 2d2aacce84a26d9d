import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, it } from 'vitest';
import { findPlainEntrance } from '../../src/server/dialects/plain.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { Gateway } from '../../src/server/realtime/gateway.ts';
import { Hub } from '../../src/server/realtime/hub.ts';

const handshake = [
  'GET /ws HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const nobody = (): Promise<never> => Promise.reject(new Error('nobody logs in here'));

it('a socket has the address of a client that goes in the middle of its handshake', async () => {
  using hub = new Hub({ metrics: createMetrics() });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const gateway = new Gateway({
    hub,
    log: pino({ level: 'silent' }),
    host: {
      dispatch: nobody,
      flushLater: (connection) => hub.flushLater(connection),
      pace: () => 0,
      closed: () => undefined,
      lagging: () => undefined,
      bug: (error) => expect.fail(String(error)),
      nowMs: Date.now,
    },
    entranceOf: findPlainEntrance,
    // The kernel knows at once that the client has gone, this process only in its next turn.
    authenticate: () => {
      client.resetAndDestroy();
      return Promise.resolve(undefined);
    },
    authenticateToken: nobody,
    logIn: nobody,
    addressOf: ({ socket }) => socket.remoteAddress ?? 'unknown',
    isDraining: () => false,
  });

  const upgraded = new Promise<void>((resolve) =>
    server.on('upgrade', (request, stream, head) => void gateway.upgrade(request, stream, head).then(resolve)),
  );
  client.write(`${handshake.join('\r\n')}\r\n\r\n`);
  await upgraded;
  expect([...hub.connections].map(({ address }) => address)).toEqual(['127.0.0.1']);
  server.close();
});
