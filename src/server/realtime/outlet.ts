/**
 * What one socket is sent. What is queued in one turn of the event loop leaves in one write (G9).
 *
 * A client that does not read what it was sent is left out: where its dialect lets it catch up by itself, events are only
 * noted from then on, and told as a lag when everything before was read. Whoever leaves more than a bound unread, or does not
 * read all of it in time, is to be cut off.
 */
import type { Duplex } from 'node:stream';
import { limits } from '../../protocol/limits.ts';
import type { Dialect } from './dialect.ts';
import type { ServerEvent } from './events.ts';
import { toTextFrame } from './frame.ts';
import { Lag } from './lag.ts';

export interface OutletOptions {
  /** The stream below the socket: finished frames are written to it directly. */
  stream: Duplex;
  dialect: Dialect;
  nowMs(): number;
  /** Something is queued, for the first time in this turn. */
  queued(): void;
  /** The client reads too slowly and is left out from now on. */
  lagging(): void;
  /** The client has read everything that was written. */
  drained(): void;
}

export class Outlet {
  readonly #options: OutletOptions;
  readonly #stream: Duplex;
  /** What is to be written at the end of this turn: mostly one buffer, so that one needs no list. */
  #next: Buffer | undefined;
  #more: Buffer[] | undefined;
  #queuedBytes = 0;
  /** What the socket is left out of, while the client does not read. */
  #lag: Lag | undefined;
  #blockedSinceMs = 0;
  #isOverfull = false;
  #closed = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#stream.on('drain', () => this.#drained());
  }

  /** Whether so much is unread, or about to be written, that what may be answered by much has to wait. */
  get isFull(): boolean {
    return this.unreadBytes + this.#queuedBytes > limits.backpressure.lagAboveBytes;
  }

  /** What was written and is not read yet. */
  get unreadBytes(): number {
    return this.#stream.writableLength;
  }

  /** Queues finished frames. */
  deliver(frames: Buffer): void {
    if (this.#closed) return;
    this.#queuedBytes += frames.length;
    if (this.#next === undefined) {
      this.#next = frames;
      this.#options.queued();
    } else {
      (this.#more ??= []).push(frames);
    }
  }

  /** Queues the frames of events, or notes what the client misses. */
  deliverEvents(frames: Buffer, events: readonly ServerEvent[]): void {
    if (this.#lags(frames.length)) this.#lag?.note(events);
    else this.deliver(frames);
  }

  /** Queues a text that may be lost. */
  deliverLive(text: string): void {
    const frame = toTextFrame(text);
    if (this.#lags(frame.length)) this.#lag?.noteLive();
    else this.deliver(frame);
  }

  /** Whether so much more must not be written. It is so only while the stream is to tell that it has drained. */
  #lags(bytes: number): boolean {
    if (this.#lag) return true;
    if (!this.#options.dialect.encodeLag || !this.#stream.writableNeedDrain) return false;
    const { lagAboveBytes, closeAboveBytes } = limits.backpressure;
    const allBytes = this.unreadBytes + this.#queuedBytes + bytes;
    if (this.unreadBytes <= lagAboveBytes && allBytes <= closeAboveBytes) return false;
    this.#lag = new Lag();
    this.#options.lagging();
    return true;
  }

  #drained(): void {
    this.#blockedSinceMs = 0;
    const lag = this.#lag;
    this.#lag = undefined;
    if (lag?.hasMissed) this.deliver(toTextFrame(this.#options.dialect.encodeLag!(lag.missed)));
    this.#options.drained();
  }

  /** Writes what was queued; answers how many bytes. */
  flush(): number {
    const [next, more] = [this.#next, this.#more];
    this.#next = this.#more = undefined;
    this.#queuedBytes = 0;
    if (next === undefined || this.#closed || this.#stream.destroyed) return 0;
    const chunk = more === undefined ? next : Buffer.concat([next, ...more]);
    // What is left of earlier writes counts, not the size of this one: a fast reader may be sent much at once.
    this.#isOverfull = this.#stream.writableLength > limits.backpressure.closeAboveBytes;
    // What is taken at once is followed by no event.
    if (this.#stream.write(chunk)) this.#options.drained();
    else this.#blockedSinceMs ||= this.#options.nowMs();
    return chunk.length;
  }

  /** Whether too much of what was written before is still unread. */
  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  /** Whether the client has left something unread for too long, however much it has read meanwhile. */
  isStuck(nowMs: number): boolean {
    return this.#blockedSinceMs > 0 && nowMs - this.#blockedSinceMs > limits.backpressure.closeAfterMs;
  }

  /** Writes nothing more. */
  close(): void {
    this.#closed = true;
    this.#next = this.#more = undefined;
  }
}
