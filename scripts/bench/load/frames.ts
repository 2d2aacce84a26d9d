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

/** The same, with what the frames hold: for a load that has to understand its answers. */
export class FrameReader {
  readonly #onFrame: (payload: Buffer, opcode: number) => void;
  #carry: Buffer[] = [];
  #carried = 0;
  #needed = 2;

  constructor(onFrame: (payload: Buffer, opcode: number) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#carry.push(chunk);
    this.#carried += chunk.length;
    if (this.#carried < this.#needed) return;
    const bytes = this.#carry.length === 1 ? chunk : Buffer.concat(this.#carry);
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      const short = left < 2 ? 0 : bytes[at + 1]!;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      const isWhole = left >= head;
      const length = head === 2 || !isWhole ? short : readLength(bytes, at, head);
      this.#needed = isWhole ? head + length : head;
      if (left < this.#needed) break;
      this.#onFrame(bytes.subarray(at + head, at + head + length), bytes[at]! & 0x0f);
      at += head + length;
    }
    this.#carry = [bytes.subarray(at)];
    this.#carried = bytes.length - at;
  }
}

const readLength = (bytes: Buffer, at: number, head: number): number =>
  head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));

export interface Handshake {
  port: number;
  path: string;
  token?: string;
  subprotocol?: string;
}

const [textFrame, closeFrame, ping] = [1, 8, 9];
/** A masked pong without a payload, the answer to the server's ping without one. */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

export interface Listener {
  /** Told of each frame of data by the length of its payload. */
  onFrame?(bytes: number): void;
  /** Told of what each frame says; for those that need it. */
  onText?(text: string): void;
  /** Told why the server closes, where `onText` is there; undefined: without a word. */
  onClose?(code: number | undefined): void;
  /** Told when the frames of a chunk are through. */
  onChunk?(): void;
}

/** Opens a WebSocket and answers its pings. Rejects on any answer to the handshake but 101. */
export function openSocket(handshake: Handshake, listener: Listener): Promise<Socket> {
  const { port, path, token, subprotocol } = handshake;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let head = '';
    const frames = followFrames(socket, listener);
    const onData = (chunk: Buffer): void => {
      frames.push(chunk);
      listener.onChunk?.();
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
        ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
        '\r\n',
      ].join('\r\n'),
    );
  });
}

function followFrames(socket: Socket, { onFrame, onText, onClose }: Listener): FrameWalker | FrameReader {
  if (!onText)
    return new FrameWalker((bytes, opcode) => {
      if (opcode === ping) socket.write(pong);
      else if (opcode === closeFrame) socket.end();
      else onFrame?.(bytes);
    });
  let code: number | undefined;
  socket.once('close', () => onClose?.(code));
  return new FrameReader((payload, opcode) => {
    if (opcode === textFrame) onText(payload.toString());
    else if (opcode === ping) socket.write(pong);
    else if (opcode === closeFrame) {
      code = payload.length < 2 ? undefined : payload.readUInt16BE(0);
      socket.end();
    }
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
