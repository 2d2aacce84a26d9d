/**
 * Group commit: many small changes, one call.
 *
 * Promise: every input is answered exactly once, in the order of its lane, and only after its call has committed.
 * The obvious way, a transaction per change, pays a commit for each. Here an idle lane is flushed at the end of the
 * event-loop turn; while a call is under way inputs collect, and on its completion the next call takes them. There is no
 * timer: alone, an input waits for nothing, and a slow database makes batches larger, not more numerous.
 *
 * Invariants: at most one call of a lane is in flight; a batch has at most `maxRows` inputs and about `maxWeight` bytes;
 * at most `maxWaiting` inputs wait, beyond that the answer is `overloaded`. Inputs that PostgreSQL refuses are found by
 * halving, so that one of them fails alone.
 */
import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { failureOf } from './failure.ts';
import type { Lanes } from './lanes.ts';
import { persist } from './persist.ts';
import type { Sql } from './client.ts';

export interface Waiting<In, Out> {
  input: In;
  askedAtMs: number;
  resolve(out: Out): void;
  reject(error: Error): void;
}

export interface BatcherOptions<In, Out> {
  lanes: Lanes;
  log: Logger;
  /** The chat that decides the lane. */
  chatOf(input: In): string;
  /** Roughly how many bytes an input adds to a call. */
  weigh(input: In): number;
  /** One call of an SQL function that may be made twice with the same effect; one answer per input, in order. */
  call(sql: Sql, inputs: In[]): Promise<(Out | ProtocolError)[]>;
  /** Called after the commit and before anybody is answered, once per batch, in the lane's order. */
  committed?(inputs: In[], outs: (Out | ProtocolError)[]): void;
  /** Called for inputs that were given up: whether they are stored is not known here. */
  uncertain?(inputs: In[]): void;
}

export class Batcher<In, Out> {
  readonly #options: BatcherOptions<In, Out>;
  readonly #queues: Waiting<In, Out>[][];
  readonly #busy: boolean[];
  #waiting = 0;

  constructor(options: BatcherOptions<In, Out>) {
    this.#options = options;
    this.#queues = Array.from({ length: options.lanes.count }, () => []);
    this.#busy = this.#queues.map(() => false);
  }

  add(input: In): Promise<Out> {
    if (this.#waiting >= limits.writer.maxWaitingRows)
      return Promise.reject(new ProtocolError('overloaded', { afterMs: 1_000 }));
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const lane = this.#options.lanes.laneOf(this.#options.chatOf(input));
      this.#queues[lane]!.push({ input, askedAtMs: Date.now(), resolve, reject });
      if (this.#busy[lane]) return;
      this.#busy[lane] = true;
      setImmediate(() => void this.#flush(lane));
    });
  }

  async #flush(lane: number): Promise<void> {
    while (this.#queues[lane]!.length > 0) {
      await this.#options.lanes.runIn(lane, async (attempt) => {
        const batch = this.#take(lane);
        await this.#store(batch, (call) => persist(attempt, call, batch[0]?.askedAtMs));
        this.#waiting -= batch.length;
      });
    }
    this.#busy[lane] = false;
  }

  #take(lane: number): Waiting<In, Out>[] {
    const queue = this.#queues[lane]!;
    let weight = 0;
    let rows = 0;
    while (rows < queue.length && rows < limits.writer.maxBatchRows) {
      weight += this.#options.weigh(queue[rows]!.input);
      if (rows > 0 && weight > limits.writer.maxBatchBytes) break;
      rows++;
    }
    return queue.splice(0, rows);
  }

  /** Never throws: every member of the batch is answered. */
  async #store(batch: Waiting<In, Out>[], stubborn: <T>(call: (sql: Sql) => Promise<T>) => Promise<T>): Promise<void> {
    const inputs = batch.map((waiting) => waiting.input);
    let outs: (Out | ProtocolError)[];
    try {
      outs = await stubborn((sql) => this.#options.call(sql, inputs));
    } catch (error) {
      if (batch.length > 1 && ['input', 'again'].includes(failureOf(error))) {
        const half = batch.length >> 1;
        await this.#store(batch.slice(0, half), stubborn);
        await this.#store(batch.slice(half), stubborn);
        return;
      }
      this.#refuse(batch, error);
      return;
    }
    try {
      this.#options.committed?.(inputs, outs);
    } catch (error) {
      this.#options.log.error({ err: error }, 'publishing a batch failed');
    }
    batch.forEach((waiting, i) => {
      const out = outs[i]!;
      if (out instanceof ProtocolError) waiting.reject(out);
      else waiting.resolve(out);
    });
  }

  #refuse(batch: Waiting<In, Out>[], error: unknown): void {
    if (!(error instanceof ProtocolError)) this.#options.log.error({ err: error }, 'a batch failed');
    this.#options.uncertain?.(batch.map((waiting) => waiting.input));
    const answer = error instanceof ProtocolError ? error : new ProtocolError('internal');
    for (const waiting of batch) waiting.reject(answer);
  }
}
