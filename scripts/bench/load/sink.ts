import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { forEachNumber } from './frames.ts';

export interface SinkInput {
  port: number;
  count: number;
  /** Sent by each socket at once; nothing when it is empty. */
  hello: string;
  /** How many bytes the server answers to it. */
  answerBytes: number;
}

/** Sockets that read and count bytes: a sink that looked at a million frames a second would be the limit itself. */
export class Sink {
  readonly #sockets: Socket[] = [];
  #bytes = 0;
  #wanted = Infinity;
  #wake: () => void = () => undefined;

  async open({ port, count, hello, answerBytes }: SinkInput): Promise<void> {
    const buffer = Buffer.alloc(256 * 1024);
    const callback = (bytes: number): boolean => {
      this.#bytes += bytes;
      if (this.#bytes >= this.#wanted) this.#wake();
      return true;
    };
    await forEachNumber(count, 50, async () => {
      const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
      await once(socket, 'connect');
      this.#sockets.push(socket);
      if (hello !== '') socket.write(hello);
    });
    await this.read(count * answerBytes);
  }

  /** Resolves when so many more bytes have come. */
  async read(bytes: number): Promise<void> {
    this.#wanted = bytes;
    if (this.#bytes < bytes) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wanted = Infinity;
    this.#bytes -= bytes;
  }

  /** Sockets that say hello and then read nothing, not even what they are answered. */
  async openDeaf({ port, count, hello }: SinkInput): Promise<void> {
    for (let i = 0; i < count; i++) {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.pause();
      await once(socket, 'connect');
      this.#sockets.push(socket);
      socket.write(hello);
    }
  }
}
