import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  database: Socket;
  /** Bytes vanish in both directions, and both ends believe that the connection stands. */
  swallows: boolean;
  /** The client has sent something that was not answered yet. */
  asked: boolean;
  /** Replies that are kept back. */
  held: Buffer[] | undefined;
}

/**
 * A road to PostgreSQL that can break in the ways in which networks do: a connection is cut after the request has arrived
 * and before the reply is through, or goes silent without being closed.
 */
export class DatabaseProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: { host: string; port: number };
  readonly #address: URL;
  #cutsLeft = 0;
  #holdsFor: string | undefined;
  /** How many replies were lost. */
  cut = 0;
  /** Connections in this moment. */
  get size(): number {
    return this.#pairs.size;
  }

  /** How many replies are kept back. */
  get held(): number {
    return [...this.#pairs].filter(({ held }) => held && held.length > 0).length;
  }

  private constructor(url: string) {
    this.#address = new URL(url);
    this.#target = { host: this.#address.hostname, port: Number(this.#address.port) };
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(databaseUrl: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(databaseUrl);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The address of the database by this road. */
  get url(): string {
    const address = new URL(this.#address);
    address.hostname = '127.0.0.1';
    address.port = String((this.#server.address() as AddressInfo).port);
    return address.href;
  }

  #accept(client: Socket): void {
    const database = connect(this.#target);
    const pair: Pair = { client, database, swallows: false, asked: false, held: undefined };
    this.#pairs.add(pair);
    client.on('data', (bytes) => {
      if (pair.swallows) return;
      pair.asked = true;
      if (this.#holdsFor !== undefined && bytes.includes(this.#holdsFor)) pair.held ??= [];
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (pair.swallows) return;
      if (pair.held) {
        pair.held.push(bytes);
        return;
      }
      if (pair.asked && this.#cutsLeft > 0) {
        this.#cutsLeft--;
        this.cut++;
        this.#end(pair);
        return;
      }
      pair.asked = false;
      client.write(bytes);
    });
    for (const socket of [client, database]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.#end(pair));
    }
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.database.destroy();
  }

  /** Of the next replies so many are lost, each with its connection; the requests have been carried out. */
  cutNextReplies(count: number): void {
    this.#cutsLeft += count;
  }

  /** Replies to requests that contain a text are kept back, though they are carried out, until the answer is called. */
  holdRepliesTo(text: string): () => void {
    this.#holdsFor = text;
    return () => {
      this.#holdsFor = undefined;
      for (const pair of this.#pairs) {
        for (const bytes of pair.held ?? []) pair.client.write(bytes);
        pair.held = undefined;
      }
    };
  }

  /** The connections of this moment go silent; new ones work. */
  swallowConnections(): void {
    for (const pair of this.#pairs) pair.swallows = true;
  }

  /** The silent connections are found dead. */
  endSwallowed(): void {
    for (const pair of this.#pairs) if (pair.swallows) this.#end(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) this.#end(pair);
    await once(this.#server, 'close');
  }
}
