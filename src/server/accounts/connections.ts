/**
 * The history of sockets that were logged in.
 *
 * Sockets never wait for it, and no storm of them may become a storm of statements: what happened is collected and
 * written in batches, one at a time. While the database is away, it is kept up to a bound and written later; how long ago
 * it happened travels along, so that instants are the database's. Beyond the bound the oldest is lost, which costs a line of
 * history and nothing else. A row that a node left open when it died is closed by those that live.
 */
import type { Logger } from 'pino';
import { limits } from '../../protocol/limits.ts';
import { toArray } from '../db/arrays.ts';
import type { Sql } from '../db/client.ts';
import { failureOf } from '../db/failure.ts';
import { uuidV7 } from '../db/uuid-v7.ts';
import { closeLeftOpen, deleteOldConnections, listSilentNodes } from './connection-upkeep.ts';

/** A socket that somebody has logged in on. */
export interface OpenedConnection {
  userId: string;
  sessionId: string;
  dialect: string;
  ip: string;
  userAgent: string | undefined;
}

interface Opened extends OpenedConnection {
  id: string;
  atMs: number;
}

interface Closed {
  id: string;
  userId: string;
  closeCode: number | null;
  atMs: number;
}

export interface ConnectionRecorderOptions {
  sql: Sql;
  /** This process, as the bus knows it. */
  nodeId: string;
  log: Logger;
  /** Milliseconds that only grow. */
  nowMs?: () => number;
  collectMs?: number;
  /** How many events are kept while they cannot be written. */
  maxWaiting?: number;
  /** How long a node must be silent before what it left open is closed. */
  silentMs?: number;
}

const maxBatchRows = 1_000;

export class ConnectionRecorder {
  readonly #options: Required<ConnectionRecorderOptions>;
  /** Sockets that are logged in, and their rows. */
  readonly #open = new Map<object, { id: string; userId: string; sessionId: string }>();
  #opened: Opened[] = [];
  #closed: Closed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #lost = 0;
  #isFailing = false;
  #isDisposed = false;

  constructor(options: ConnectionRecorderOptions) {
    this.#options = {
      nowMs: () => performance.now(),
      collectMs: 250,
      maxWaiting: limits.sockets.perProcess,
      silentMs: 5_000,
      ...options,
    };
  }

  /** Somebody has logged in on a socket. Whoever was logged in on it before has left it. */
  opened(socket: object, { userId, sessionId, dialect, ip, userAgent }: OpenedConnection): void {
    const former = this.#open.get(socket);
    if (former?.userId === userId && former.sessionId === sessionId) return;
    this.closed(socket);
    const atMs = this.#options.nowMs();
    const id = uuidV7();
    this.#open.set(socket, { id, userId, sessionId });
    this.#opened.push({ id, userId, sessionId, dialect, ip, userAgent, atMs });
    this.#later();
  }

  /** A socket has closed. Nothing happens when nobody was logged in on it. */
  closed(socket: object, closeCode?: number): void {
    const row = this.#open.get(socket);
    if (!row) return;
    this.#open.delete(socket);
    this.#closed.push({ id: row.id, userId: row.userId, closeCode: closeCode ?? null, atMs: this.#options.nowMs() });
    this.#later();
  }

  #later(): void {
    const { collectMs, maxWaiting } = this.#options;
    for (const events of [this.#opened, this.#closed]) {
      if (events.length <= maxWaiting) continue;
      this.#lost++;
      events.shift();
    }
    if (this.#isDisposed || this.#writing) return;
    this.#timer ??= setTimeout(() => void this.#write(), collectMs).unref();
  }

  /** Writes what waits until nothing does or the database is away; one call at a time. */
  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#opened.length + this.#closed.length > 0) this.#later();
    }));
  }

  async #writeAll(): Promise<void> {
    while (this.#opened.length > 0) {
      const batch = this.#opened.splice(0, maxBatchRows);
      if (!(await this.#try(() => this.#storeOpened(batch)))) return void this.#opened.unshift(...batch);
    }
    // After those that opened: a row is closed when it is there.
    while (this.#closed.length > 0 && this.#opened.length === 0) {
      const batch = this.#closed.splice(0, maxBatchRows);
      if (!(await this.#try(() => this.#storeClosed(batch)))) return void this.#closed.unshift(...batch);
    }
  }

  /** Answers false when it is worth trying again later. */
  async #try(write: () => Promise<void>): Promise<boolean> {
    const { log } = this.#options;
    try {
      await write();
      this.#isFailing = false;
      if (this.#lost > 0) log.warn({ lost: this.#lost }, 'some of the history of connections was lost');
      this.#lost = 0;
      return true;
    } catch (error) {
      const again = ['wait', 'again'].includes(failureOf(error));
      if (!again) log.error({ err: error }, 'the history of connections could not be written');
      else if (!this.#isFailing) log.warn({ err: error }, 'the history of connections waits for the database');
      this.#isFailing = again;
      return !again;
    }
  }

  #ages(events: { atMs: number }[]): string {
    const nowMs = this.#options.nowMs();
    return toArray(events.map(({ atMs }) => (nowMs - atMs) / 1_000));
  }

  /** Storing again what was stored by a call whose answer was lost changes nothing. */
  async #storeOpened(rows: Opened[]): Promise<void> {
    const { sql, nodeId } = this.#options;
    await sql`
      insert into connections (id, user_id, session_id, node_id, dialect, ip, user_agent, connected_at)
      select t.id, t.user_id, t.session_id, ${nodeId}, t.dialect, t.ip, t.user_agent,
        clock_timestamp() - make_interval(secs => t.age)
        from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ userId }) => userId)}::uuid[],
          ${rows.map(({ sessionId }) => sessionId)}::uuid[], ${rows.map(({ dialect }) => dialect)}::text[],
          ${rows.map(({ ip }) => ip)}::text[], ${rows.map(({ userAgent }) => userAgent ?? null) as string[]}::text[],
          ${this.#ages(rows)}::float8[]) as t (id, user_id, session_id, dialect, ip, user_agent, age)
       where exists (select from users u where u.id = t.user_id)
      on conflict (id) do nothing`;
  }

  async #storeClosed(rows: Closed[]): Promise<void> {
    const userIds = [...new Set(rows.map(({ userId }) => userId))];
    // People are locked in the order of their ids, as everywhere.
    await this.#options.sql`
      with ended as (
        update connections c set close_code = t.close_code,
          disconnected_at = greatest(c.connected_at, clock_timestamp() - make_interval(secs => t.age))
          from unnest(${rows.map(({ id }) => id)}::uuid[], ${toArray(rows.map(({ closeCode }) => closeCode))}::int[],
            ${this.#ages(rows)}::float8[]) as t (id, close_code, age)
         where c.id = t.id
        returning c.user_id, c.disconnected_at
      ), people as materialized (
        select id from users where id = any(${userIds}) and deleted_at is null order by id for no key update
      )
      update users u set last_seen_at = greatest(u.last_seen_at, e.at)
        from people p join (select user_id, max(disconnected_at) as at from ended group by user_id) e on e.user_id = p.id
       where u.id = p.id`;
  }

  /** Closes what nodes that died left open, and forgets what is older than the history; to be called now and then. */
  async keepHouse(): Promise<void> {
    const { sql, nodeId, silentMs } = this.#options;
    const silent = await listSilentNodes(sql, { nodeId, silentMs });
    if (silent.length > 0) await closeLeftOpen(sql, silent);
    await deleteOldConnections(sql);
  }

  /** Writes what waits, and no more than one try long. To be called when the sockets are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#writing;
    if (this.#opened.length + this.#closed.length > 0) await this.#write();
    clearTimeout(this.#timer);
  }
}
