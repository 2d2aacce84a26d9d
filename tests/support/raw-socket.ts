import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How long a test waits for something that must happen. */
const patienceMs = 40_000;

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A masked frame as a client sends it, right or wrong: RFC 6455, 5.2. */
export function toClientFrame(
  payload: string | Buffer,
  { opcode = opcodes.text, fin = true }: { opcode?: number; fin?: boolean } = {},
): Buffer {
  const data = Buffer.from(payload);
  const mask = randomBytes(4);
  const head =
    data.length < 126
      ? Buffer.from([0, 0x80 | data.length])
      : data.length < 65_536
        ? Buffer.from([0, 0x80 | 126, data.length >> 8, data.length & 255])
        : Buffer.concat([Buffer.from([0, 0x80 | 127, 0, 0, 0, 0]), toUint32(data.length)]);
  head[0] = (fin ? 0x80 : 0) | opcode;
  const masked = Buffer.from(data.map((byte, i) => byte ^ mask[i & 3]!));
  return Buffer.concat([head, mask, masked]);
}

function toUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * A WebSocket client that does only what a test tells it: it answers no ping and no close, reads when told, and writes any
 * bytes. For clients that misbehave.
 */
export class RawSocket {
  readonly socket: Socket;
  /** Text frames received, and the code of a close frame. */
  readonly received: string[] = [];
  closeCode: number | undefined;
  pings = 0;
  pongs = 0;
  /** The server says no more, or the connection is gone. */
  ended = false;
  #bytes: Buffer = Buffer.alloc(0);
  #wake: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    for (const event of ['end', 'close'])
      socket.on(event, () => {
        this.ended = true;
        this.#notify();
      });
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const { hostname, port, pathname, search } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const raw = new RawSocket(socket);
    await once(socket, 'connect');
    const lines = [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await raw.#readHead();
    return raw;
  }

  #readHead(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onData = (chunk: Buffer): void => {
        this.#bytes = Buffer.concat([this.#bytes, chunk]);
        const end = this.#bytes.indexOf('\r\n\r\n');
        if (end === -1) return;
        this.socket.off('data', onData);
        const head = this.#bytes.subarray(0, end).toString();
        this.#bytes = this.#bytes.subarray(end + 4);
        this.socket.on('data', (more: Buffer) => this.#take(more));
        this.#take(Buffer.alloc(0));
        if (head.startsWith('HTTP/1.1 101')) resolve();
        else reject(new Error(head.split('\r\n')[0]));
      };
      this.socket.on('data', onData);
      this.socket.once('close', () => reject(new Error('closed in the handshake')));
    });
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const length = findFrameLength(this.#bytes, at);
      if (length === undefined || at + length.head + length.payload > this.#bytes.length) break;
      const payload = this.#bytes.subarray(at + length.head, at + length.head + length.payload);
      this.#note(this.#bytes[at]! & 15, payload);
      at += length.head + length.payload;
    }
    this.#bytes = this.#bytes.subarray(at);
    this.#notify();
  }

  #note(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) this.received.push(payload.toString());
    if (opcode === opcodes.ping) this.pings++;
    if (opcode === opcodes.pong) this.pongs++;
    if (opcode === opcodes.close) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Sends frames in one write. */
  send(...frames: unknown[]): void {
    this.write(
      Buffer.concat(frames.map((frame) => toClientFrame(typeof frame === 'string' ? frame : JSON.stringify(frame)))),
    );
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!condition()) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0)
        throw new Error(
          `${what} did not happen; received: ${this.received
            .slice(-3)
            .map((text) => text.slice(0, 200))
            .join('\n')}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(leftMs, 500));
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Waits until there are so many text frames in all. */
  untilReceived(count: number): Promise<void> {
    return this.until(`${count} frames`, () => this.received.length >= count);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function findFrameLength(bytes: Buffer, at: number): { head: number; payload: number } | undefined {
  if (bytes.length < at + 2) return undefined;
  const short = bytes[at + 1]! & 127;
  if (short < 126) return { head: 2, payload: short };
  const head = short === 126 ? 4 : 10;
  if (bytes.length < at + head) return undefined;
  return { head, payload: short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)) };
}
