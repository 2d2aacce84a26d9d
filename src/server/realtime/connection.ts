/**
 * One socket's life: frames in, replies and events out. `pipeline.ts` keeps their order.
 *
 * G9: what is written in one turn of the event loop leaves in one write. A socket that does not read is cut off at a bound
 * in bytes or in time, and costs nobody else anything until then. A client that sends faster than it is answered, or than
 * its rate, is read more slowly; nothing it sent is refused for that.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket, RawData } from 'ws';
import { closeCodes } from '../../protocol/close-codes.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toUnavailable } from '../db/failure.ts';
import {
  isSending,
  type Command,
  type Dialect,
  type Outcome,
  type ParsedFrame,
  type Reference,
  type Talk,
} from './dialect.ts';
import type { ServerEvent } from './events.ts';
import { toTextFrame } from './frame.ts';
import { Outlet } from './outlet.ts';
import { Pipeline } from './pipeline.ts';

/** Who speaks through a socket. `ownSession`: made for this socket, so it ends with it. */
export interface Speaker {
  userId: string;
  sessionId: string;
  ownSession: boolean;
}

/** What a connection needs from the node. */
export interface ConnectionHost {
  /** Carries a command out; throws ProtocolError. */
  dispatch(connection: Connection, command: Command, reference: Reference): Promise<Outcome>;
  /** Puts the connection on the list of those to be flushed at the end of the turn. */
  flushLater(connection: Connection): void;
  /** How long to wait before reading on, in milliseconds, because of the socket's or the speaker's rate; 0 at once. */
  pace(connection: Connection, isSend: boolean): number;
  closed(connection: Connection, closeCode: number): void;
  /** The client reads too slowly and is left out from now on. */
  lagging(connection: Connection): void;
  /** Reports a bug: an error that is none of the protocol's. */
  bug(error: unknown): void;
  nowMs(): number;
}

const binaryFrame = (): ParsedFrame => ({
  error: new ProtocolError('malformed_json', { message: 'Send text frames; this one is binary.' }),
  reference: {},
});

export class Connection {
  readonly dialect: Dialect;
  readonly talk: Talk;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly openedAtMs: number;
  speaker: Speaker | undefined;
  readonly #host: ConnectionHost;
  readonly #socket: WebSocket;
  readonly #outlet: Outlet;
  readonly #pipeline: Pipeline;
  #heardAtMs: number;
  #pausedFor = 0;
  #closing = false;

  constructor(options: {
    host: ConnectionHost;
    socket: WebSocket;
    stream: Duplex;
    dialect: Dialect;
    talk: Talk;
    address: string;
    userAgent?: string | undefined;
  }) {
    this.#host = options.host;
    this.#socket = options.socket;
    this.dialect = options.dialect;
    this.talk = options.talk;
    this.address = options.address;
    this.userAgent = options.userAgent;
    this.openedAtMs = this.#heardAtMs = options.host.nowMs();
    this.#outlet = new Outlet({
      stream: options.stream,
      dialect: options.dialect,
      nowMs: () => this.#host.nowMs(),
      queued: () => this.#host.flushLater(this),
      lagging: () => this.#host.lagging(this),
      drained: () => this.#pipeline.pump(),
    });
    this.#pipeline = new Pipeline({
      answer: (frame) => this.#answer(frame),
      write: (reply) => this.sayText(reply),
      mayAsk: () => !this.#outlet.isFull,
      onAnswered: () => this.#speedUp(),
      onBug: (error) => {
        this.#host.bug(error);
        this.close(closeCodes.internal, 'the server made a mistake; it was logged');
      },
    });
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('pong', () => this.#heard());
    this.#socket.on('ping', () => this.#heard());
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code) => this.#closed(code));
  }

  /** Whether frames are accepted and not answered yet. */
  get isBusy(): boolean {
    return this.#pipeline.unanswered > 0;
  }

  get isLeaving(): boolean {
    return this.#closing;
  }

  #heard(): void {
    this.#heardAtMs = this.#host.nowMs();
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heard();
    if (this.#closing) return;
    const frame = isBinary ? binaryFrame() : this.#parse((data as Buffer).toString());
    this.#pipeline.take(frame, (data as Buffer).length);
    this.#slowDown(frame);
  }

  #parse(text: string): ParsedFrame {
    try {
      return this.talk.parse(text);
    } catch (error) {
      this.#host.bug(error);
      return { error: new ProtocolError('internal'), reference: {} };
    }
  }

  async #answer(frame: ParsedFrame): Promise<string | undefined> {
    return 'error' in frame ? this.talk.encodeError(frame.error, frame.reference) : this.#carryOut(frame);
  }

  async #carryOut({ command, reference }: { command: Command; reference: Reference }): Promise<string | undefined> {
    try {
      return this.talk.encodeOutcome(await this.#host.dispatch(this, command, reference), reference);
    } catch (error) {
      const known = error instanceof ProtocolError ? error : toUnavailable(error);
      if (!known) this.#host.bug(error);
      return this.talk.encodeError(known ?? new ProtocolError('internal'), reference);
    }
  }

  /** Stops reading while too much is unanswered, or for as long as the speaker is ahead of the rate. */
  #slowDown(frame: ParsedFrame): void {
    const { maxUnanswered, maxWaitingBytes } = limits.sockets;
    const { unanswered, waitingBytes } = this.#pipeline;
    if (unanswered >= maxUnanswered || waitingBytes >= maxWaitingBytes) this.#socket.pause();
    const waitMs = this.#host.pace(this, 'command' in frame && isSending(frame.command));
    if (waitMs === 0) return;
    this.#socket.pause();
    this.#pausedFor++;
    setTimeout(() => {
      this.#pausedFor--;
      this.#speedUp();
    }, waitMs).unref();
  }

  #speedUp(): void {
    const { maxUnanswered, maxWaitingBytes } = limits.sockets;
    const { unanswered, waitingBytes } = this.#pipeline;
    if (!this.#socket.isPaused || this.#pausedFor > 0) return;
    if (unanswered > maxUnanswered / 2 || waitingBytes > maxWaitingBytes / 2) return;
    this.#heard();
    this.#socket.resume();
  }

  /** Handles no frame until `login` is done: who speaks at once after connecting is logged in by then. */
  logIn(login: () => Promise<void>): Promise<void> {
    return this.#pipeline.holdDuring(login);
  }

  /** Says something that no frame asked for, in the dialect's words. */
  say(outcome: Outcome, reference: Reference = {}): void {
    const text = this.talk.encodeOutcome(outcome, reference);
    if (text !== undefined) this.sayText(text);
  }

  /** Says something in the dialect's own words. */
  sayText(text: string): void {
    this.deliver(toTextFrame(text));
  }

  /** Says what went wrong and closes: a login by handshake came to nothing. */
  refuse(error: ProtocolError): void {
    const { text, code, reason } = this.talk.encodeRefusal(error);
    if (text !== undefined) this.sayText(text);
    this.close(code, reason);
  }

  /** Queues finished frames; they are written at the end of this turn. */
  deliver(frames: Buffer): void {
    this.#outlet.deliver(frames);
  }

  /** Delivers the frames of events; a socket that lags is left out, and told so later. */
  deliverEvents(frames: Buffer, events: readonly ServerEvent[]): void {
    this.#outlet.deliverEvents(frames, events);
  }

  /** Says what may be lost, in the dialect's own words: to a socket that lags it is not said. */
  sayLive(text: string): void {
    this.#outlet.deliverLive(text);
  }

  /** Has a client that can catch up do so: something without a version may not have reached this node. */
  tellOfGap(): void {
    if (this.speaker && this.dialect.encodeLag) this.sayLive(this.dialect.encodeLag(new Map()));
  }

  /** Writes what was queued; answers how many bytes. */
  flush(): number {
    return this.#outlet.flush();
  }

  /** What was written and is not read yet. */
  get unreadBytes(): number {
    return this.#outlet.unreadBytes;
  }

  /** Whether too much of what was written before is still unread: to be cut off. */
  get isOverfull(): boolean {
    return this.#outlet.isOverfull;
  }

  /** Whether the client has left something unread for too long: to be cut off. */
  isStuck(nowMs: number): boolean {
    return this.#outlet.isStuck(nowMs);
  }

  /** Pings when it is time, and tells whether the client has been silent for too long. While it is paused, it may be. */
  isDead(nowMs: number): boolean {
    if (this.#socket.isPaused) this.#heardAtMs = nowMs;
    const silentMs = nowMs - this.#heardAtMs;
    if (silentMs > limits.sockets.deadAfterMs) return true;
    if (silentMs > limits.sockets.pingEveryMs && !this.#closing) this.#socket.ping();
    return false;
  }

  /** Writes what is queued, says why, and closes. A client that does not answer is cut off by ws's own timeout. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.flush();
    this.#leave();
    this.#socket.close(code, reason);
    if (this.#socket.isPaused) this.#socket.resume();
  }

  /** Cuts the socket off: nothing more is written. */
  terminate(): void {
    this.#leave();
    this.#socket.terminate();
  }

  #leave(): void {
    this.#closing = true;
    this.#outlet.close();
  }

  #closed(code: number): void {
    this.#leave();
    this.#pipeline.clear();
    this.#host.closed(this, code);
  }

  /** Accepts no more frames; those accepted are still answered. */
  stopReading(): void {
    this.#pausedFor++;
    this.#socket.pause();
  }

  /** Takes leave: the client is told to come back. */
  drain(): void {
    if (this.#closing) return;
    const text = this.dialect.encodeClosing?.(Math.floor(Math.random() * limits.drain.comeBackWithinMs));
    if (text !== undefined) this.sayText(text);
    this.close(this.dialect.drainCloseCode, 'the server is restarting; connect again in a moment');
  }
}

export const revokedClose = {
  code: closeCodes.sessionRevoked,
  reason: 'this session was ended; log in again',
} as const;
