/** One WebSocket from its opening to its end: login, answers by `ref`, and a heart that finds out when the other end is gone. */
import type { FullClientInput, FullClientType, FullServerFrame } from '../protocol/full.ts';
import { subprotocol } from '../protocol/version.ts';
import { MessengerError } from './errors.ts';
import { OwnPushes } from './own-pushes.ts';
import type { Clock, WebSocketConstructor, WebSocketLike } from './platform.ts';
import { answerTypeOf, parseFrame, toShownText, type AnswerTo, type IncomingFrame } from './wire.ts';

/** How long the handshake may take, and the answer to a ping. */
const openWithinMs = 15_000;
const answerPingWithinMs = 10_000;

/** What the opening and a login without a frame wait under; frames count from 1. */
const openingRef = 0;

export type Ready = FullServerFrame<'ready'>;
export type Fields<T extends FullClientType> = Omit<FullClientInput<T>, 'type' | 'ref'>;

/** Why a socket is no more. `afterMs`: when the server wants one back. */
export interface Closed {
  code: number;
  reason: string;
  afterMs?: number | undefined;
}

export interface SocketOptions {
  /** `ws(s)://…/ws`. */
  url: string;
  WebSocket: WebSocketConstructor;
  clock: Clock;
  requestTimeoutMs: number;
  /** A frame that answers nothing, or an ack that comes after its time-out. */
  onPush(frame: IncomingFrame): void;
  onClosed(closed: Closed): void;
  onError(error: MessengerError): void;
  onFrame(direction: 'in' | 'out', text: string): void;
}

interface Waiter {
  type: FullClientType;
  resolve(answer: never): void;
  reject(error: MessengerError): void;
  stopTimer(): void;
}

const toError = ({ code, message, retry, after_ms: afterMs, mistakes }: FullServerFrame<'error'>): MessengerError =>
  new MessengerError(code, {
    message,
    retry,
    ...(afterMs !== undefined && { afterMs }),
    ...(mistakes !== undefined && { mistakes }),
  });

/** A socket of the full protocol. It says `onClosed` exactly once, and nothing after it. */
export class Socket {
  readonly #options: SocketOptions;
  readonly #ws: WebSocketLike;
  readonly #waiters = new Map<number, Waiter>();
  readonly #ownPushes = new OwnPushes();
  #nextRef = 1;
  #isOpen = false;
  #isClosed = false;
  #onOpen: (() => void) | undefined;
  #heartbeatMs = 30_000;
  #heardAt = 0;
  /** How many frames were heard. */
  #heard = 0;
  /** When a message was last acknowledged. */
  #ackedAt = 0;
  #isPinging = false;
  #afterMs: number | undefined;
  #stopHeart: () => void = () => undefined;
  #onReady: ((ready: Ready) => void) | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#ws = new options.WebSocket(options.url, [subprotocol]);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- these four every WebSocket has with the same types
    this.#ws.onopen = () => {
      this.#isOpen = true;
      this.#waiters.delete(openingRef);
      this.#stopHeart();
      this.#onOpen?.();
    };
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    this.#ws.onmessage = ({ data }: { data?: unknown }) => this.#hear(data);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    this.#ws.onclose = ({ code, reason }: { code?: number; reason?: string }) => this.#end(code ?? 1006, reason ?? '');
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    this.#ws.onerror = () => undefined;
    this.#stopHeart = options.clock.after(openWithinMs, () => this.abandon('the handshake took too long'));
  }

  /** Logs in by a token; without one waits for what the handshake's cookie does. Errors: those of `request`. */
  async login(token: string | undefined): Promise<Ready> {
    await this.#opened();
    const ready = token === undefined ? await this.#readyByCookie() : await this.request('login', { token });
    // It may have ended while the promise of the answer was carried out.
    if (this.#isClosed) throw new MessengerError('connection_lost');
    this.#heartbeatMs = ready.heartbeat_ms;
    this.#heardAt = this.#options.clock.now();
    this.#watchHeart(this.#heartbeatMs);
    return ready;
  }

  #opened(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new MessengerError('offline'));
      this.#onOpen = resolve;
      this.#waiters.set(openingRef, { type: 'login', resolve, reject, stopTimer: () => undefined });
    });
  }

  #readyByCookie(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const stopTimer = this.#options.clock.after(this.#options.requestTimeoutMs, () =>
        this.abandon('the cookie was not answered'),
      );
      this.#onReady = (ready) => {
        stopTimer();
        this.#waiters.delete(openingRef);
        resolve(ready);
      };
      this.#waiters.set(openingRef, { type: 'login', resolve, reject, stopTimer });
    });
  }

  /**
   * Sends a frame and waits for its answer. Errors: what the server answers; `timeout`; `connection_lost` when the socket
   * ended before, so that it is not known whether the frame was carried out. The time counts from when the frame is handed to
   * the socket; that of a message from the last ack too, for messages are stored one after the other.
   */
  request<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>> {
    if (this.#isClosed || !this.#isOpen) return Promise.reject(new MessengerError('offline'));
    const ref = this.#nextRef++;
    const answer = new Promise<AnswerTo<T>>((resolve, reject) => {
      this.#waiters.set(ref, { type, resolve, reject, stopTimer: () => undefined });
      this.#giveTime(ref, this.#options.requestTimeoutMs);
      this.#say({ type, ref, ...fields });
    });
    return this.#ownPushes.complete(type, answer);
  }

  #giveTime(ref: number, waitMs: number): void {
    const { clock, requestTimeoutMs } = this.#options;
    const waiter = this.#waiters.get(ref)!;
    waiter.stopTimer = clock.after(waitMs, () => {
      const leftMs = waiter.type === 'send' ? this.#ackedAt + requestTimeoutMs - clock.now() : 0;
      if (leftMs > 0) return this.#giveTime(ref, leftMs);
      this.#waiters.delete(ref);
      waiter.reject(new MessengerError('timeout', { message: `The server did not answer ${waiter.type} in time.` }));
    });
  }

  /** Looks whether the other end is still there, without waiting for the next beat; the time of a ping on its way goes on. */
  probe(): void {
    if (this.#isOpen && !this.#isClosed && !this.#isPinging) this.#ping();
  }

  #say(frame: Record<string, unknown>): void {
    this.#options.onFrame('out', toShownText(frame));
    this.#ws.send(JSON.stringify(frame));
  }

  #hear(data: unknown): void {
    if (this.#isClosed) return;
    this.#heardAt = this.#options.clock.now();
    this.#heard++;
    this.#options.onFrame('in', String(data));
    let frame: IncomingFrame | undefined;
    try {
      frame = parseFrame(data);
    } catch (error) {
      this.#options.onError(error as MessengerError);
      return;
    }
    if (frame) this.#take(frame);
  }

  #take(frame: IncomingFrame): void {
    const ref = 'ref' in frame ? frame.ref : undefined;
    if (ref !== undefined) {
      this.#answer(ref, frame as FullServerFrame);
      return;
    }
    if (frame.type === 'own') this.#ownPushes.take(frame.own);
    if (frame.type === 'closing') this.#afterMs = frame.after_ms;
    if (frame.type === 'ready') this.#onReady?.(frame);
    else this.#options.onPush(frame);
  }

  #answer(ref: unknown, frame: FullServerFrame): void {
    if (frame.type === 'ack') this.#ackedAt = this.#options.clock.now();
    const waiter = typeof ref === 'number' ? this.#waiters.get(ref) : undefined;
    if (waiter === undefined) {
      if (frame.type === 'ack') this.#options.onPush(frame);
      return;
    }
    this.#waiters.delete(ref as number);
    waiter.stopTimer();
    if (frame.type === 'error') waiter.reject(toError(frame));
    else if (frame.type === answerTypeOf(waiter.type)) waiter.resolve(frame as never);
    else waiter.reject(new MessengerError('bad_answer', { message: `${waiter.type} was answered by ${frame.type}` }));
  }

  /** Anything heard is a sign of life; a ping goes out when there was none for `waitMs`. */
  #watchHeart(waitMs: number): void {
    this.#stopHeart();
    this.#stopHeart = this.#options.clock.after(waitMs, () => {
      const silentMs = this.#options.clock.now() - this.#heardAt;
      if (silentMs < this.#heartbeatMs) this.#watchHeart(this.#heartbeatMs - silentMs);
      else this.#ping();
    });
  }

  #ping(): void {
    const heardBefore = this.#heard;
    this.#isPinging = true;
    this.#stopHeart();
    this.#stopHeart = this.#options.clock.after(answerPingWithinMs, () => {
      this.#isPinging = false;
      if (this.#heard === heardBefore) this.abandon('nothing was heard');
      else this.#watchHeart(this.#heartbeatMs);
    });
    this.request('ping', {}).then(
      () => this.#ponged(),
      () => undefined,
    );
  }

  #ponged(): void {
    this.#isPinging = false;
    if (!this.#isClosed) this.#watchHeart(this.#heartbeatMs);
  }

  /** Lets go of a socket whose other end may be gone: a closing handshake would wait for it. */
  abandon(reason: string): void {
    if (this.#isClosed) return;
    this.#end(1006, reason);
    const ws = this.#ws as WebSocketLike & { terminate?: () => void };
    try {
      if (ws.terminate) ws.terminate();
      else ws.close();
    } catch {
      // Browsers throw while the handshake is going on; it ends by itself.
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end(1000, 'closed here');
    try {
      this.#ws.close(1000);
    } catch {
      // It had not been opened.
    }
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopHeart();
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const { reject, stopTimer } of waiters) {
      stopTimer();
      reject(new MessengerError('connection_lost', { message: `The connection was lost: ${reason || code}` }));
    }
    this.#options.onClosed({ code, reason, afterMs: this.#afterMs });
  }
}
