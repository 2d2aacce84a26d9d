import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes of one direction that may wait here before its source is not read any more. */
const maxWaitingBytes = 16 * 1024;

/** One direction of a connection: passes bytes on, at once or later, always in order. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #road: Road;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #freeAt = 0;

  constructor(from: Socket, to: Socket, road: Road) {
    this.#from = from;
    this.#to = to;
    this.#road = road;
  }

  /** Nothing waits here. */
  get isEmpty(): boolean {
    return this.#waitingBytes === 0;
  }

  pass(bytes: Buffer): void {
    const { delayMs, bytesPerSecond } = this.#road;
    if (delayMs === 0 && bytesPerSecond === Infinity && this.isEmpty) {
      this.#write(bytes);
      return;
    }
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > maxWaitingBytes) this.#from.pause();
    const now = Date.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes.length / bytesPerSecond) * 1_000;
    const dueAt = this.#freeAt + delayMs;
    this.#last = this.#last.then(() => this.#later(bytes, dueAt));
  }

  async #later(bytes: Buffer, dueAt: number): Promise<void> {
    // A road that was mended holds nothing back.
    while (!this.#road.isQuick && Date.now() < dueAt && !this.#to.destroyed)
      await sleep(Math.min(20, Math.max(1, dueAt - Date.now())));
    this.#waitingBytes -= bytes.length;
    if (this.#waitingBytes <= maxWaitingBytes) this.#from.resume();
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    if (this.#to.destroyed || this.#to.write(bytes)) return;
    this.#from.pause();
    this.#to.once('drain', () => this.#from.resume());
  }

  /** Resolves when all that came has been passed on. */
  flush(): Promise<void> {
    return this.#last;
  }
}

interface Road {
  delayMs: number;
  bytesPerSecond: number;
  readonly isQuick: boolean;
}

interface Pair {
  client: Socket;
  server: Socket;
  /** Bytes vanish in both directions, and neither end is told that the other one is gone. */
  silent: boolean;
}

/**
 * A road from a client to a server that breaks in the ways in which networks do: cut at once or in the middle of a frame,
 * silent without being closed, late, narrow, or not there at all.
 */
export class TcpProxy implements AsyncDisposable, Road {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: () => { host: string; port: number };
  #port = 0;
  #cutsInFrame = 0;
  #silentToo = false;
  /** Each piece of what is said arrives so much later, in both directions. */
  delayMs = 0;
  /** In each direction of each connection. */
  bytesPerSecond = Infinity;
  /** New connections end as soon as they are made. */
  refuses = false;
  /** Connections that ended in the middle of what the server said. */
  cutInFrame = 0;
  /** Told of every piece that the server said and the client gets. */
  onDelivered: ((bytes: Buffer) => void) | undefined;

  private constructor(target: () => { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** `target`: asked at every connection, so that it may change. Listens on a free port of the loopback address. */
  static async open(target: () => { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.#port = (proxy.#server.address() as AddressInfo).port;
    return proxy;
  }

  /** A proxy before a server with this address, `http://…`. */
  static to(url: () => string): Promise<TcpProxy> {
    return TcpProxy.open(() => {
      const { hostname, port } = new URL(url());
      return { host: hostname, port: Number(port) };
    });
  }

  /** The server's address by this road, `http://…`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Connections in this moment. */
  get size(): number {
    return this.#pairs.size;
  }

  get isQuick(): boolean {
    return this.delayMs === 0 && this.bytesPerSecond === Infinity;
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.refuses) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#target());
    for (const socket of [client, server]) socket.setNoDelay(true);
    const pair: Pair = { client, server, silent: this.#silentToo };
    this.#pairs.add(pair);
    const up = new Lane(client, server, this);
    const down = new Lane(server, client, this);
    client.on('data', (bytes: Buffer) => {
      if (!pair.silent) up.pass(bytes);
    });
    server.on('data', (bytes: Buffer) => this.#takeAnswer(pair, down, bytes));
    server.on('error', () => undefined);
    client.on('close', () => void up.flush().then(() => this.#takeClose(pair)));
    server.on('close', () => void down.flush().then(() => this.#takeClose(pair)));
  }

  #takeAnswer(pair: Pair, down: Lane, bytes: Buffer): void {
    if (pair.silent || !this.#pairs.has(pair)) return;
    if (this.#cutsInFrame > 0 && bytes.length > 1) {
      this.#cutsInFrame--;
      this.cutInFrame++;
      this.#pairs.delete(pair);
      down.pass(bytes.subarray(0, bytes.length >> 1));
      void down.flush().then(() => end(pair));
      return;
    }
    this.onDelivered?.(bytes);
    down.pass(bytes);
  }

  #takeClose(pair: Pair): void {
    if (pair.silent && this.#pairs.has(pair)) return;
    this.#pairs.delete(pair);
    end(pair);
  }

  #endAll(which: (pair: Pair) => boolean = () => true): void {
    for (const pair of this.#pairs) {
      if (!which(pair)) continue;
      this.#pairs.delete(pair);
      pair.client.destroy();
      pair.server.destroy();
    }
  }

  /** All connections of this moment break off. */
  cut(): void {
    this.#endAll();
  }

  /** The next so many things that the server says arrive by half, and then the connection is gone. */
  cutInNextFrames(count: number): void {
    this.#cutsInFrame += count;
  }

  /** The connections of this moment go silent in both directions; new ones work, unless `newOnesToo`. */
  silence({ newOnesToo = false } = {}): void {
    this.#silentToo = newOnesToo;
    for (const pair of this.#pairs) pair.silent = true;
  }

  /** The network works again. Silent connections are found dead. */
  mend(): void {
    this.delayMs = 0;
    this.bytesPerSecond = Infinity;
    this.refuses = false;
    this.#silentToo = false;
    this.#cutsInFrame = 0;
    this.#endAll(({ silent }) => silent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#endAll();
    await once(this.#server, 'close');
  }
}

/** What was written still arrives. */
function end({ client, server }: Pair): void {
  client.destroySoon();
  server.destroySoon();
}
