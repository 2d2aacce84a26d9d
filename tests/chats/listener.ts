import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeEvent } from '../../src/server/dialects/full/events.ts';
import { Connection } from '../../src/server/realtime/connection.ts';
import type { Dialect, Talk } from '../../src/server/realtime/dialect.ts';
import type { Person } from '../../src/server/realtime/hub.ts';
import { TestSocket } from '../support/socket.ts';

const fail = (): never => {
  throw new Error('nobody speaks here');
};
const talk: Talk = { parse: fail, encodeError: fail, encodeOutcome: fail, encodeRefusal: fail };
const dialect: Dialect = {
  name: 'full',
  loginWithinMs: 60_000,
  drainCloseCode: 1001,
  echoes: false,
  needsNames: false,
  encodeEvent,
};

/** A socket of somebody on a hub without a gateway: what is delivered to them is read at its other end. */
export class Listener implements AsyncDisposable {
  readonly connection: Connection;
  readonly #sockets: WebSocketServer;
  readonly #client: TestSocket;

  private constructor(sockets: WebSocketServer, client: TestSocket, connection: Connection) {
    this.#sockets = sockets;
    this.#client = client;
    this.connection = connection;
  }

  static async open({ connections }: Person): Promise<Listener> {
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(sockets, 'listening');
    const coming = once(sockets, 'connection') as Promise<[WebSocket, IncomingMessage]>;
    const client = await TestSocket.open(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`);
    const [socket, { socket: stream }] = await coming;
    const host = {
      dispatch: fail,
      flushLater: (one: Connection) => void setImmediate(() => one.flush()),
      pace: () => 0,
      closed: () => undefined,
      lagging: fail,
      bug: fail,
      nowMs: Date.now,
    };
    const connection = new Connection({ host, socket, stream, dialect, talk, address: '127.0.0.1' });
    connections.add(connection);
    return new Listener(sockets, client, connection);
  }

  /** The types of the frames that have arrived. */
  get heard(): unknown[] {
    return this.#client.received.map((text) => (JSON.parse(text) as { type: unknown }).type);
  }

  /** The same, when all that was said so far has arrived. */
  async all(): Promise<unknown[]> {
    const before = this.heard.filter((type) => type === 'fence').length;
    this.connection.sayText('{"type":"fence"}');
    await this.#client.until('the fence', () => this.heard.filter((type) => type === 'fence').length > before);
    return this.heard.filter((type) => type !== 'fence');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    this.#sockets.close();
    await once(this.#sockets, 'close');
  }
}
