import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A road to a server that breaks as networks do: cut, silent without being closed, or closed for everybody. */
export class Road implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<[client: Socket, server: Socket]>();
  readonly #silent = new WeakSet<Socket>();
  #target: URL;
  #isBlocked = false;
  /** How many connections there have been. */
  opened = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(target: string): Promise<Road> {
    const road = new Road(target);
    road.#server.listen(0, '127.0.0.1');
    await once(road.#server, 'listening');
    return road;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Leads to another server from now on. */
  leadTo(target: string): void {
    this.#target = new URL(target);
  }

  #accept(client: Socket): void {
    this.opened++;
    if (this.#isBlocked) {
      client.destroy();
      return;
    }
    const server = connect({ host: this.#target.hostname, port: Number(this.#target.port) });
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    client.on('data', (bytes) => this.#silent.has(client) || server.write(bytes));
    server.on('data', (bytes) => this.#silent.has(client) || client.write(bytes));
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.#end(pair));
    }
  }

  #end(pair: [Socket, Socket]): void {
    this.#pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }

  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** Nobody gets through until `unblock`. */
  block(): void {
    this.#isBlocked = true;
    this.cut();
  }

  unblock(): void {
    this.#isBlocked = false;
  }

  /** What is open now stays open and carries nothing any more; new connections work. */
  goSilent(): void {
    for (const [client] of this.#pairs) this.#silent.add(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }
}
