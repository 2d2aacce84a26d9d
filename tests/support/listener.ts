import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeEvent } from '../../src/server/dialects/full/events.ts';
import { Connection } from '../../src/server/realtime/connection.ts';
import type { Dialect, Talk } from '../../src/server/realtime/dialect.ts';
import type { Person } from '../../src/server/realtime/hub.ts';
import { TestSocket } from './socket.ts';

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

/** A connection without a gateway before it: what is delivered to it is read at the other end of its socket. */
export class Listener implements AsyncDisposable {
  readonly connection: Connection;
  readonly #sockets: WebSocketServer;
  readonly #client: TestSocket;

  private constructor(sockets: WebSocketServer, client: TestSocket, connection: Connection) {
    this.#sockets = sockets;
    this.#client = client;
    this.connection = connection;
  }

  /** `person`: whose it is. */
  static async open(person?: Person): Promise<Listener> {
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
    person?.connections.add(connection);
    return new Listener(sockets, client, connection);
  }

  /** With which code it was closed. */
  get closeCode(): number | undefined {
    return this.#client.closeCode;
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
