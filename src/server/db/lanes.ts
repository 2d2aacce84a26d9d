import { limits } from '../../protocol/limits.ts';
import { BoundedConnection, type Attempt } from './bounded-connection.ts';
import { openWriter } from './client.ts';

/**
 * The order of everything that changes a chat's version, within this process. A chat belongs to one lane, a lane has one
 * connection and runs one turn at a time, so answers arrive, and are published, in the order in which the database
 * numbered them. Answers of several connections do not: a removed member would still be sent a message now and then.
 */
export class Lanes {
  readonly #lanes: Lane[];

  constructor(url: string, count: number = limits.writer.lanes) {
    this.#lanes = Array.from({ length: count }, () => new Lane(url));
  }

  get count(): number {
    return this.#lanes.length;
  }

  /** Which lane a chat belongs to, by the end of its id: chats made in the same minute begin alike. */
  laneOf(chatId: string): number {
    return parseInt(chatId.slice(-8), 16) % this.#lanes.length;
  }

  /**
   * Waits for the turn of a lane, then runs `turn`; the lane is held until it settles. Whatever follows from a call
   * (publishing) is done inside the turn, so that it happens before the next call's effects.
   */
  runIn<T>(lane: number, turn: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#lanes[lane]!.run(turn);
  }

  /** The same in the lane of a chat. */
  run<T>(chatId: string, turn: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.runIn(this.laneOf(chatId), turn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

class Lane {
  readonly #connection: BoundedConnection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#connection = new BoundedConnection(() => openWriter(url));
  }

  run<T>(turn: (attempt: Attempt) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => turn((call) => this.#connection.attempt(call)));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#connection.close({ timeout: 5 });
  }
}
