import { connect, type Socket } from 'node:net';

/** A finished text frame of a client (RFC 6455, 5.2). The mask is zero: legal, and nothing has to be masked here. */
export function toClientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 6 : 8;
  const frame = Buffer.alloc(head + length);
  frame[0] = 0x81;
  if (length < 126) {
    frame[1] = 0x80 | length;
  } else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, head, 'utf8');
  return frame;
}

/** Finds the frames of a server's stream by their heads alone, wherever the chunks are cut. */
export class FrameWalker {
  readonly #onFrame: (bytes: number, opcode: number) => void;
  #carry: Buffer | undefined;
  #skip = 0;

  constructor(onFrame: (bytes: number, opcode: number) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const bytes = this.#carry ? Buffer.concat([this.#carry, chunk]) : chunk;
    this.#carry = undefined;
    let at = this.#skip;
    while (at < bytes.length) {
      const short = at + 1 < bytes.length ? bytes[at + 1]! : -1;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (short === -1 || at + head > bytes.length) {
        this.#carry = bytes.subarray(at);
        break;
      }
      const length =
        head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      this.#onFrame(length, bytes[at]! & 0x0f);
      at += head + length;
    }
    this.#skip = this.#carry ? 0 : at - bytes.length;
  }
}

export interface Handshake {
  port: number;
  path: string;
  token?: string;
}

const ping = 9;
/** A masked pong without a payload, the answer to the server's ping without one. */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

export interface Listener {
  /** Told of each frame of data by the length of its payload. */
  onFrame(bytes: number): void;
  /** Told when the frames of a chunk are through. */
  onChunk?(): void;
}

/** Opens a WebSocket and answers its pings. Rejects on any answer to the handshake but 101. */
export function openSocket({ port, path, token }: Handshake, { onFrame, onChunk }: Listener): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let head = '';
    const walker = new FrameWalker((bytes, opcode) => {
      if (opcode === ping) socket.write(pong);
      else onFrame(bytes);
    });
    const onData = (chunk: Buffer): void => {
      walker.push(chunk);
      onChunk?.();
    };
    const onHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onHead);
      if (!head.startsWith('HTTP/1.1 101')) {
        reject(new Error(`no socket: ${head}`));
        return;
      }
      socket.on('data', onData);
      resolve(socket);
      if (head.length > end + 4) onData(Buffer.from(head.slice(end + 4), 'latin1'));
    };
    socket.on('data', onHead);
    socket.once('error', reject);
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        'Host: 127.0.0.1',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
        '\r\n',
      ].join('\r\n'),
    );
  });
}

/** Runs a task for each number below `count`, at most `atOnce` at a time. */
export async function forEachNumber(count: number, atOnce: number, task: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, line));
}
