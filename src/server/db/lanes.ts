import { limits } from '../../protocol/limits.ts';
import { openWriter, type Sql } from './client.ts';

/** Makes one call of an SQL function on a lane's connection. */
export type Call<T> = (sql: Sql) => Promise<T>;

/** What a turn in a lane may do: make calls, each bounded in time. */
export type Attempt = <T>(call: Call<T>) => Promise<T>;

/** The database did not answer within its own bounds: the connection is given up, what it did is unknown. */
class DeadlineError extends Error {
  readonly code = 'CONNECTION_DEADLINE';
}

/** Above the database's own statement timeout, which a network that swallows packets keeps from being heard. */
const deadlineMs = limits.postgres.statementMs + 2_000;

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
  readonly #url: string;
  #sql: Sql;
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
    this.#sql = openWriter(url);
  }

  run<T>(turn: (attempt: Attempt) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => turn((call) => this.#attempt(call)));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #attempt<T>(call: Call<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DeadlineError('the database did not answer in time')), deadlineMs);
    });
    try {
      return await Promise.race([call(this.#sql), deadline]);
    } catch (error) {
      if (error instanceof DeadlineError) this.#reopen();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #reopen(): void {
    const lost = this.#sql;
    this.#sql = openWriter(this.#url);
    void lost.end({ timeout: 0 }).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#sql.end({ timeout: 5 });
  }
}
