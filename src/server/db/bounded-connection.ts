import { limits } from '../../protocol/limits.ts';
import type { Sql } from './client.ts';

/** Makes one call on a connection. */
export type Call<T> = (sql: Sql) => Promise<T>;

/** Makes calls, each bounded in time. */
export type Attempt = <T>(call: Call<T>) => Promise<T>;

/** The database did not answer within its own bounds: the connection is given up, what it did is unknown. */
class DeadlineError extends Error {
  readonly code = 'CONNECTION_DEADLINE';
}

/** Above the database's own statement timeout, which a network that swallows packets keeps from being heard. */
const deadlineMs = limits.postgres.statementMs + 2_000;

/** A pool of one connection in whose stead another one is opened when a call on it is not answered in time. */
export class BoundedConnection {
  readonly #open: () => Sql;
  #sql: Sql;

  constructor(open: () => Sql) {
    this.#open = open;
    this.#sql = open();
  }

  /** @throws what the call throws, or an error whose `code` is `CONNECTION_DEADLINE`. */
  async attempt<T>(call: Call<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DeadlineError('the database did not answer in time')), deadlineMs);
    });
    const sql = this.#sql;
    try {
      return await Promise.race([call(sql), deadline]);
    } catch (error) {
      if (error instanceof DeadlineError) this.#replace(sql);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls that wait on the same connection find it replaced. */
  #replace(lost: Sql): void {
    if (this.#sql !== lost) return;
    this.#sql = this.#open();
    void lost.end({ timeout: 0 }).catch(() => undefined);
  }

  /** `timeout`: seconds for what is under way. */
  async close({ timeout }: { timeout: number }): Promise<void> {
    await this.#sql.end({ timeout });
  }
}
