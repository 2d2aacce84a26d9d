/**
 * The road between nodes, and from command-line tools to nodes: PostgreSQL's LISTEN and NOTIFY on one channel.
 *
 * PostgreSQL is the truth; what travels here are hints that may be lost: a chat has reached a version, a session has
 * ended. Whoever listens asks the database for what it misses. Hints leave after the commit they speak of, never inside
 * it: a notification in the writing transaction takes a lock that all writers share. They are sent while other nodes are
 * there, collected, one statement at a time.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { BoundedConnection } from '../db/bounded-connection.ts';
import type { Sql } from '../db/client.ts';
import { codeOf, requireRow } from '../db/failure.ts';
import type { LiveEvent } from './events.ts';
import { packByBytes, readHint, type Hint } from './hint.ts';

/** What every node of a database listens on. */
export const channel = 'messenger';
/** With a node's id behind it, the name of the connection it listens on: as long as the database has one, the node lives. */
export const listenerName = 'messenger bus';
const lookAroundEveryMs = 1_000;
const deafAfterLooks = 2;
/**
 * A node that is not there any more may have written before it died what is still to be found, and one whose connection was
 * cut is back in a moment: until so many looks have found nobody, somebody is taken to be there.
 */
const looksAlone = 5;
/** An entry has at most two UUIDs' length. */
const entriesPerHint = 80;

export interface BusListener {
  onHint(hint: Hint): void;
  /** Hints may have been missed, and if there were others, also theirs: what this node knows has to be compared. */
  onGap(hasOthers: boolean): void;
  /** Once a second while other nodes are there, and some times after: time to look for what no hint told. */
  onTick(): void;
}

export class Bus {
  /** This process, as other nodes and rows know it. */
  readonly nodeId = randomUUID();
  readonly #name = `${listenerName} ${this.nodeId}`;
  /** Two connections: one that only listens, one that tells and looks around. */
  readonly #open: (name: string) => Sql;
  #listening: Sql;
  /** Bounded in time: a call that is never answered would keep this node silent. */
  readonly #teller: BoundedConnection;
  readonly #log: Logger;
  #chats = new Map<string, number>();
  #users = new Set<string>();
  #sessions = new Set<string>();
  #seen: [string, string][] = [];
  /** Called when what is to be told now was told. */
  #waiting: (() => void)[] = [];
  #renamed = new Set<string>();
  /** Whose new names could not be told: unlike the rest, nobody finds them out. */
  #renamedUntold: string[] = [];
  #live: LiveEvent[] = [];
  /** Of what waits to be told live: whose own state of which chat changed. */
  #ownChanged = new Set<string>();
  #telling = false;
  readonly #lookEveryMs: number;
  /** How often in a row nobody else was there; before the first look somebody may be. */
  #aloneLooks = looksAlone;
  #timer: NodeJS.Timeout | undefined;
  #hasListened = false;
  /** How often in a row the database did not know that this node listens. */
  #deafLooks = 0;
  #awaySinceMs: number | undefined;
  #closed = false;

  /** `open` opens a pool of one connection that the database knows by a name. */
  constructor({
    open,
    log,
    lookEveryMs = lookAroundEveryMs,
  }: {
    open: (name: string) => Sql;
    log: Logger;
    lookEveryMs?: number;
  }) {
    this.#open = open;
    this.#lookEveryMs = lookEveryMs;
    this.#listening = open(this.#name);
    this.#teller = new BoundedConnection(() => open('messenger teller'));
    this.#log = log;
  }

  /** Begins to listen; resolves when the database confirmed it. */
  async start(listener: BusListener): Promise<void> {
    await this.#listen(listener);
    const look = async (): Promise<void> => {
      await this.#lookAround();
      if (this.#closed) return;
      if (this.#deafLooks >= deafAfterLooks) await this.#listenAnew(listener);
      if (this.#awaySinceMs === undefined) this.tellRenamed(this.#renamedUntold.splice(0));
      if (this.#hasOthers) listener.onTick();
      this.#timer = setTimeout(() => void look(), this.#lookEveryMs).unref();
    };
    await look();
  }

  async #listen(listener: BusListener): Promise<void> {
    await this.#listening.listen(
      channel,
      (payload) => {
        const hint = readHint(payload);
        if (!hint || hint.node === this.nodeId) return;
        if (hint.node !== undefined) this.#aloneLooks = 0;
        listener.onHint(hint);
      },
      () => {
        void this.#greet();
        if (this.#hasListened) listener.onGap(this.#hasOthers);
        this.#hasListened = true;
      },
    );
  }

  get #hasOthers(): boolean {
    return this.#aloneLooks <= looksAlone;
  }

  /** Nodes that take themselves to be alone tell nobody anything: they hear at once of one that listens now. */
  async #greet(): Promise<void> {
    try {
      const hint = JSON.stringify({ node: this.nodeId } satisfies Hint);
      await this.#teller.attempt((sql) => notify(sql, [hint]));
    } catch (error) {
      this.#log.debug({ err: error }, 'other nodes were not told of this one; they look around by themselves');
    }
  }

  /** The driver listens again after a cut, but gives up for ever when that is cut too. */
  async #listenAnew(listener: BusListener): Promise<void> {
    const deaf = this.#listening;
    this.#listening = this.#open(this.#name);
    this.#deafLooks = 0;
    void deaf.end({ timeout: 0 }).catch(() => undefined);
    await this.#listen(listener).catch((error: unknown) => this.#log.debug({ err: error }, 'the bus could not listen'));
  }

  /** Whether other nodes are there, and whether the database knows that this one listens. */
  async #lookAround(): Promise<void> {
    try {
      const { others, listens } = await this.#teller.attempt((sql) => findListeners(sql, this.#name));
      this.#aloneLooks = others > 0 ? 0 : this.#aloneLooks + 1;
      this.#deafLooks = listens ? 0 : this.#deafLooks + 1;
      this.#noteDatabase(undefined);
    } catch (error) {
      this.#noteDatabase(error);
    }
  }

  /** One line when the database goes and one when it comes back: what fails meanwhile follows from that. */
  #noteDatabase(error: unknown): void {
    if (this.#closed) return;
    if (error === undefined) {
      if (this.#awaySinceMs !== undefined)
        this.#log.info({ awayMs: Date.now() - this.#awaySinceMs }, 'the database is back');
      this.#awaySinceMs = undefined;
    } else if (this.#awaySinceMs === undefined) {
      this.#awaySinceMs = Date.now();
      this.#log.warn({ code: codeOf(error) }, 'the database cannot be asked; trying again until it answers');
    }
  }

  /** Tells other nodes that a chat has reached a version; `userIds` are those whose membership changed with it. */
  tellChat(chatId: string, version: number, userIds?: string[]): void {
    if (!this.#hasOthers) return;
    this.#chats.set(chatId, Math.max(version, this.#chats.get(chatId) ?? 0));
    for (const userId of userIds ?? []) this.#users.add(userId);
    this.#tell();
  }

  /**
   * Tells other nodes, where the senders may have sockets, that every member has read messages. It resolves when that was
   * said, or could not be: who was told here before it may be there by then, and be told again.
   */
  tellSeen(messages: readonly { id: string; senderId: string }[]): Promise<void> {
    if (!this.#hasOthers) return Promise.resolve();
    for (const { id, senderId } of messages) this.#seen.push([id, senderId]);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tell();
    });
  }

  /** Tells other nodes what happens now. */
  tellLive(event: LiveEvent): void {
    if (!this.#hasOthers) return;
    if (event.kind === 'own_changed' && !this.#tellsOfOwn(event)) return;
    this.#live.push(event);
    this.#tell();
  }

  /** Whether it is not among the hints that wait already. */
  #tellsOfOwn({ chatId, userId }: { chatId: string; userId: string }): boolean {
    const size = this.#ownChanged.size;
    return this.#ownChanged.add(`${chatId} ${userId}`).size > size;
  }

  /** Tells other nodes that people are called otherwise now. */
  tellRenamed(userIds: Iterable<string>): void {
    if (!this.#hasOthers) return;
    for (const userId of userIds) this.#renamed.add(userId);
    this.#tell();
  }

  tellSessionsEnded(sessionIds: string[]): void {
    for (const id of sessionIds) this.#sessions.add(id);
    this.#tell();
  }

  get #hasNews(): boolean {
    const sets = this.#chats.size + this.#users.size + this.#sessions.size + this.#renamed.size;
    return sets + this.#seen.length + this.#live.length > 0;
  }

  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    setImmediate(() => void this.#tellAll());
  }

  async #tellAll(): Promise<void> {
    while (this.#hasNews) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const renamed = [...this.#renamed];
      const hints = this.#takeHints();
      try {
        await this.#teller.attempt((sql) => notify(sql, hints));
      } catch (error) {
        this.#log.warn({ err: error }, 'other nodes could not be told; they find out by themselves');
        this.#renamedUntold.push(...renamed);
      }
      for (const resolve of waiting) resolve();
    }
    this.#telling = false;
  }

  #takeHints(): string[] {
    const hints: string[] = [];
    const pack = (key: keyof Hint, entries: unknown[]): void => {
      for (let i = 0; i < entries.length; i += entriesPerHint)
        hints.push(JSON.stringify({ node: this.nodeId, [key]: entries.slice(i, i + entriesPerHint) }));
    };
    for (const live of packByBytes(this.#live)) hints.push(JSON.stringify({ node: this.nodeId, live }));
    pack('renamed', [...this.#renamed]);
    pack('sessions', [...this.#sessions]);
    pack('users', [...this.#users]);
    pack('chats', [...this.#chats]);
    pack('seen', this.#seen);
    this.#seen = [];
    this.#live = [];
    this.#ownChanged = new Set();
    this.#renamed = new Set();
    this.#chats = new Map();
    this.#users = new Set();
    this.#sessions = new Set();
    return hints;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#listening.end({ timeout: 2 });
    await this.#teller.close({ timeout: 2 });
  }
}

async function notify(sql: Sql, hints: string[]): Promise<void> {
  const [row] = await sql`select count(pg_notify(${channel}, hint)) from unnest(${hints}::text[]) as hint`;
  requireRow(row);
}

/** How many other nodes there are, and whether the database knows that the one of this name listens. */
async function findListeners(sql: Sql, name: string): Promise<{ others: number; listens: boolean }> {
  const [row] = await sql<{ others: number; listens: boolean }[]>`
    select count(*) filter (where application_name <> ${name})::int as others,
      coalesce(bool_or(application_name = ${name} and query ilike 'listen%'), false) as listens
      from pg_stat_activity where datname = current_database() and application_name like ${`${listenerName} %`}`;
  return requireRow(row);
}
