import { once } from 'node:events';
import { WebSocket } from 'ws';
import { errorCatalogue, type ErrorCode } from '../../../src/protocol/errors.ts';
import {
  fullChangeFrames,
  fullServerFrames,
  type FullClientInput,
  type FullClientType,
  type FullServerFrame,
  type FullServerType,
  type Ref,
} from '../../../src/protocol/full.ts';
import { subprotocol } from '../../../src/protocol/version.ts';
import { Broken, demand } from '../rule.ts';
import type { Tape } from '../tape.ts';

/** A frame of the server before anybody looked at what is in it. */
export type Frame = Record<string, unknown> & { type: string; ref?: Ref };

/** A change of a chat, as far as every change has it. */
export type ChangeFrame = Frame & { chat_id: string; version: number; after?: number };

/** What a client says, without its ref. */
export type Saying = { [T in FullClientType]: Omit<FullClientInput<T>, 'ref'> }[FullClientType];

export const isChange = (frame: Frame): frame is ChangeFrame => Object.hasOwn(fullChangeFrames, frame.type);

export interface PeerOptions {
  /** `ws://…/ws`. */
  url: string;
  name: string;
  tape: Tape;
  /** How long an answer may take. */
  patienceMs: number;
  /** Called with what no frame of any server may be. */
  complain: (text: string) => void;
  protocols?: string[];
  headers?: Record<string, string>;
}

/** One socket against the server under test. What came is kept in order. */
export class Peer implements AsyncDisposable {
  readonly name: string;
  readonly received: Frame[] = [];
  closeCode: number | undefined;
  /** What the login was answered with. */
  ready: FullServerFrame<'ready'> | undefined;
  readonly #ws: WebSocket;
  readonly #options: PeerOptions;
  #lastRef = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(ws: WebSocket, options: PeerOptions) {
    this.#ws = ws;
    this.#options = options;
    this.name = options.name;
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    ws.on('close', (code) => {
      this.closeCode = code;
      this.#note('server', `close ${code}`);
      this.#wake();
    });
    ws.on('error', () => undefined);
  }

  static async open(options: PeerOptions): Promise<Peer> {
    const ws = new WebSocket(options.url, options.protocols ?? [subprotocol], { headers: options.headers ?? {} });
    const peer = new Peer(ws, options);
    await once(ws, 'open', { signal: AbortSignal.timeout(options.patienceMs) });
    return peer;
  }

  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#ws.protocol;
  }

  #note(from: 'client' | 'server', text: string): void {
    this.#options.tape.add({ socket: this.name, from, text });
  }

  #wake(): void {
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const text = data.toString();
    this.#note('server', text);
    const mistake = isBinary ? 'it is binary' : findMistake(text);
    if (mistake !== undefined) this.#options.complain(`${this.name} was sent ${text.slice(0, 300)}: ${mistake}`);
    const frame = toFrame(text);
    if (frame) this.received.push(frame);
    this.#wake();
  }

  /** Sends a frame as it is: an object, a text or bytes. */
  say(frame: object | string | Buffer): void {
    const data = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame);
    this.#note('client', Buffer.isBuffer(data) ? `${data.length} bytes` : data);
    this.#ws.send(data);
  }

  /** Waits until `look` finds something; it looks again at every frame and at the close. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(this.#options.patienceMs);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.closeCode !== undefined)
        throw new Broken(`${this.name}: the socket was closed with ${this.closeCode} instead of ${what}`);
      if (signal.aborted) throw new Broken(`${this.name}: ${what} did not come within ${this.#options.patienceMs} ms`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.push(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  newRef(): string {
    return `${this.name}-${++this.#lastRef}`;
  }

  /** Sends a frame of the protocol, and waits for the answer with its ref, whatever it is. */
  async ask(frame: Saying | Frame, ref: Ref = this.newRef()): Promise<Frame> {
    this.say({ ref, ...frame });
    return this.answerTo(ref);
  }

  answerTo(ref: Ref): Promise<Frame> {
    return this.until(`the answer to ${JSON.stringify(ref)}`, () => this.received.find((frame) => frame.ref === ref));
  }

  /** Sends a frame, and demands this kind of answer. */
  async get<T extends FullServerType>(type: T, frame: Saying): Promise<FullServerFrame<T>> {
    return toTyped(type, await this.ask(frame));
  }

  /** Sends a frame, and demands that it is refused with one of these codes. */
  async refused(frame: Saying | Frame, ...codes: ErrorCode[]): Promise<FullServerFrame<'error'>> {
    const error = toTyped('error', await this.ask(frame));
    demand(
      codes.length === 0 || codes.includes(error.code),
      `${JSON.stringify(frame).slice(0, 200)} must be refused with ${codes.join(' or ')}, not ${error.code}`,
    );
    return error;
  }

  /** The first frame of this kind, from index `from` of what was received, for which `fits` holds; waits for it. */
  async hear<T extends FullServerType>(
    type: T,
    fits: (frame: FullServerFrame<T>) => boolean = () => true,
    from = 0,
  ): Promise<FullServerFrame<T>> {
    const found = await this.until(`a frame ${type} as expected`, () =>
      this.received.slice(from).find((frame) => frame.type === type && fits(toTyped(type, frame))),
    );
    return toTyped(type, found);
  }

  /** All changes of a chat that came, in the order in which they came. */
  changesOf(chatId: string): ChangeFrame[] {
    return this.received.filter(isChange).filter(({ chat_id }) => chat_id === chatId);
  }

  /** Waits until a change of this chat with this version or a later one came. */
  async untilVersion(chatId: string, version: number): Promise<void> {
    await this.until(`version ${version} of the chat`, () =>
      this.changesOf(chatId).find((change) => change.version >= version),
    );
  }

  /** Asks something harmless: what the server had for this socket before has come when it is answered. */
  async fence(): Promise<void> {
    await this.get('pong', { type: 'ping' });
  }

  async closed(): Promise<number> {
    await this.until('the close', () => (this.closeCode === undefined ? undefined : true)).catch((error: unknown) => {
      if (this.closeCode === undefined) throw error;
    });
    return this.closeCode!;
  }

  /** Breaks the connection without a close frame, as a network does. */
  break(): void {
    this.#ws.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closeCode !== undefined) return;
    this.#ws.close();
    const timer = setTimeout(() => this.#ws.terminate(), 1_000);
    if (this.#ws.readyState !== WebSocket.CLOSED) await once(this.#ws, 'close');
    clearTimeout(timer);
  }
}

function toFrame(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
      ? (value as Frame)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A frame as its schema reads it. */
export function toTyped<T extends FullServerType>(type: T, frame: Frame): FullServerFrame<T> {
  demand(frame.type === type, `${type} was expected, ${JSON.stringify(frame).slice(0, 400)} came`);
  const parsed = fullServerFrames[type].safeParse(frame);
  demand(parsed.success, `this is no ${type}: ${JSON.stringify(frame).slice(0, 400)}`);
  return parsed.data as FullServerFrame<T>;
}

/** What is wrong with a frame of a server, whatever it was said for. */
function findMistake(text: string): string | undefined {
  const frame = toFrame(text);
  if (!frame) return 'it is no JSON object with a type';
  // A newer server may say what this kit does not know.
  if (!Object.hasOwn(fullServerFrames, frame.type)) return undefined;
  const { error } = fullServerFrames[frame.type as FullServerType].safeParse(frame);
  if (error) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  if (frame.type !== 'error') return undefined;
  const { code, retry } = frame as unknown as { code: ErrorCode; retry: string };
  return errorCatalogue[code].retry === retry ? undefined : `the retry of ${code} is ${errorCatalogue[code].retry}`;
}
