/**
 * Keeps one socket logged in: opens it, and after its end the next, with pauses that grow and are random, so that a thousand
 * clients of a server that was restarted do not come back in the same moment.
 */
import { closeCodes } from '../protocol/close-codes.ts';
import type { FullClientType } from '../protocol/full.ts';
import { MessengerError, toMessengerError } from './errors.ts';
import type { Session } from './session.ts';
import { Socket, type Closed, type Fields, type Ready, type SocketOptions } from './socket.ts';
import type { AnswerTo, IncomingFrame } from './wire.ts';

const baseMs = 500;
const capMs = 30_000;
/** A connection that lasted so long was a good one: the pauses begin anew. */
const goodAfterMs = 5_000;
/** How long a `wake` that found no pause counts: longer than a dead socket takes to be noticed by its handshake or a ping. */
const wakeCountsMs = 20_000;

/** The pause before a try: full jitter, from 0 to 500 ms doubled with every failed try, at most 30 s. */
export const pauseMs = (failures: number, random: number): number =>
  Math.floor(random * Math.min(capMs, baseMs * 2 ** Math.min(failures, 16)));

/** What to do after a close. */
export type Verdict = 'again' | 'renew' | 'ended' | 'stop';

/** 4000 to 4499 and everything below means to come again, 4500 to 4999 to stop, but for a login that can be renewed. */
export function verdictOf(code: number): Verdict {
  if (code === closeCodes.notAuthenticated) return 'renew';
  if (code === closeCodes.sessionRevoked) return 'ended';
  return code >= 4_500 && code <= 4_999 ? 'stop' : 'again';
}

interface ConnectorOptions extends Omit<SocketOptions, 'onClosed'> {
  session: Session;
  random: () => number;
  onReady(ready: Ready): void;
  onConnecting(): void;
  /** The socket that was ready is no more. */
  onLost(): void;
  onOffline(afterMs: number, error: MessengerError): void;
  /** There will be no other connection. */
  onStopped(error: MessengerError): void;
}

interface Waiter {
  resolve(socket: Socket): void;
  reject(error: MessengerError): void;
  stopTimer(): void;
}

/** The connection of a messenger, over any number of sockets. */
export class Connector {
  readonly #options: ConnectorOptions;
  /** The one that is being opened or in use. */
  #socket: Socket | undefined;
  #ready: Socket | undefined;
  #readyAt = 0;
  #failures = 0;
  #stopPause: (() => void) | undefined;
  /** When somebody wanted a connection at once and there was no pause to end. */
  #wokenAt: number | undefined;
  #stopped: MessengerError | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** The socket that is logged in now. */
  get ready(): Socket | undefined {
    return this.#ready;
  }

  start(): void {
    void this.#connect();
  }

  /**
   * Does not wait for the end of a pause. A connection that stands is probed at once; when it, or one that is being opened,
   * turns out to be dead soon, there is no pause before the next.
   */
  wake(): void {
    if (this.#stopPause) return this.start();
    this.#wokenAt = this.#options.clock.now();
    this.#ready?.probe();
  }

  /** Whether somebody does not want to wait; says so once. */
  #takeWake(): boolean {
    const wokenAt = this.#wokenAt;
    this.#wokenAt = undefined;
    return wokenAt !== undefined && this.#options.clock.now() - wokenAt < wakeCountsMs;
  }

  async #connect(): Promise<void> {
    if (this.#stopped) return;
    this.#stopPause?.();
    this.#stopPause = undefined;
    this.#options.onConnecting();
    try {
      const token = await this.#options.session.token();
      if (!this.#isStopped()) await this.#open(token);
    } catch (error) {
      this.#failed(toMessengerError(error, 'offline'));
    }
  }

  /** Another thing may have stopped it while something was awaited. */
  #isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  async #open(token: string | undefined): Promise<void> {
    let closed: Closed | undefined;
    const socket = new Socket({
      ...this.#options,
      onPush: (frame: IncomingFrame) => this.#options.onPush(frame),
      onClosed: (why) => {
        closed = why;
        if (this.#ready === socket) this.#lost(why);
      },
    });
    this.#socket = socket;
    try {
      const ready = await socket.login(token);
      this.#ready = socket;
      this.#readyAt = this.#options.clock.now();
      this.#options.onReady(ready);
      for (const waiter of this.#takeWaiters()) waiter.resolve(socket);
    } catch (error) {
      socket.close();
      if (closed !== undefined && closed.code !== 1000) this.#judge(closed);
      else await this.#refused(toMessengerError(error, 'offline'));
    }
  }

  /** The server did not take the token: a new one may do. */
  async #refused(error: MessengerError): Promise<void> {
    if (error.code === 'session_revoked') this.#options.session.end(error);
    if (error.code === 'not_authenticated' && this.#failures === 0) await this.#options.session.renew();
    this.#failed(error);
  }

  #lost(closed: Closed): void {
    this.#ready = undefined;
    if (this.#options.clock.now() - this.#readyAt >= goodAfterMs) this.#failures = 0;
    this.#options.onLost();
    this.#judge(closed);
  }

  #judge({ code, reason, afterMs }: Closed): void {
    if (this.#stopped) return;
    const verdict = verdictOf(code);
    const message = reason || `The connection was closed (${code}).`;
    if (verdict === 'stop') return this.stop(new MessengerError('stopped', { message, retry: 'never' }));
    if (verdict === 'ended') {
      this.#options.session.end(new MessengerError('session_revoked', { message, retry: 'new' }));
      return this.stop(this.#options.session.ended!);
    }
    const error = new MessengerError('connection_lost', { message, ...(afterMs !== undefined && { afterMs }) });
    if (verdict === 'again') return this.#pause(error);
    this.#options.session.renew().then(
      () => this.#pause(error),
      (why: unknown) => this.#failed(toMessengerError(why, 'offline')),
    );
  }

  #failed(error: MessengerError): void {
    const { ended } = this.#options.session;
    if (ended) this.stop(ended);
    else this.#pause(error);
  }

  #pause(error: MessengerError): void {
    if (this.#stopped || this.#stopPause) return;
    const { random, clock } = this.#options;
    const pause = pauseMs(this.#failures++, random());
    const waitMs = (error.afterMs ?? 0) + (this.#takeWake() ? 0 : pause);
    this.#stopPause = clock.after(waitMs, () => this.start());
    this.#options.onOffline(waitMs, error);
  }

  #takeWaiters(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { stopTimer } of waiters) stopTimer();
    return waiters;
  }

  /** Ends for good. */
  stop(error: MessengerError): void {
    if (this.#stopped) return;
    this.#stopped = error;
    this.#stopPause?.();
    this.#ready = undefined;
    this.#socket?.close();
    for (const waiter of this.#takeWaiters()) waiter.reject(error);
    this.#options.onStopped(error);
  }

  /** The socket that is logged in, awaited for `requestTimeoutMs` at most. Errors: `offline`, `stopped` or why it stopped. */
  socket(): Promise<Socket> {
    if (this.#ready) return Promise.resolve(this.#ready);
    if (this.#stopped) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve,
        reject,
        stopTimer: this.#options.clock.after(this.#options.requestTimeoutMs, () => {
          this.#waiters.delete(waiter);
          reject(new MessengerError('offline', { message: 'There is no connection.' }));
        }),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Sends a frame as soon as there is a connection. Errors: those of `socket` and of `Socket.request`. */
  async request<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>> {
    return (await this.socket()).request(type, fields);
  }

  /** The same for what only reads: over as many connections as it takes. */
  async read<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>> {
    for (;;) {
      try {
        return await this.request(type, fields);
      } catch (error) {
        if (!(error instanceof MessengerError) || error.code !== 'connection_lost') throw error;
      }
    }
  }
}
