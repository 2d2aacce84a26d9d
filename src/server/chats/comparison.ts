import type { Logger } from 'pino';
import type { Sql } from '../db/client.ts';
import type { Subscriptions } from './subscriptions.ts';

const chatsAtOnce = 5_000;
const peopleAtOnce = 1_000;

/**
 * Compares what this node has told with the database, where a hint of another node may have been lost: a slice of the
 * chats and of the people each time, so that the number of them does not matter.
 */
export class Comparison {
  readonly #sql: Sql;
  readonly #subscriptions: Subscriptions;
  readonly #log: Logger;
  #chatsFrom = 0;
  #peopleFrom = 0;
  /** Oldest transaction that was under way when this round of comparing people began, and the one before. */
  #thisRound = '0';
  #lastRound = '0';
  #comparing = false;

  constructor({ sql, subscriptions, log }: { sql: Sql; subscriptions: Subscriptions; log: Logger }) {
    this.#sql = sql;
    this.#subscriptions = subscriptions;
    this.#log = log;
  }

  /** Everything, one slice and one person after the other. */
  async compareAll(): Promise<void> {
    try {
      const { chatIds, userIds } = this.#subscriptions;
      for (let i = 0; i < chatIds.length; i += chatsAtOnce) await this.#compareChats(chatIds.slice(i, i + chatsAtOnce));
      for (const userId of userIds) await this.#subscriptions.readAgain(userId);
    } catch (error) {
      this.#log.warn({ err: error }, 'chats could not be compared with the database');
    }
  }

  /** The next slice of the chats, and of the people whose memberships changed since the last time. */
  async compareSome(): Promise<void> {
    if (this.#comparing) return;
    this.#comparing = true;
    try {
      const chatIds = this.#subscriptions.chatIds.slice(this.#chatsFrom, this.#chatsFrom + chatsAtOnce);
      this.#chatsFrom = chatIds.length < chatsAtOnce ? 0 : this.#chatsFrom + chatsAtOnce;
      await this.#compareChats(chatIds);
      await this.#compareMemberships();
    } catch (error) {
      this.#log.debug({ err: error }, 'chats could not be compared with the database');
    } finally {
      this.#comparing = false;
    }
  }

  async #compareChats(chatIds: string[]): Promise<void> {
    for (const { id, version } of await listVersions(this.#sql, chatIds)) this.#subscriptions.hear(id, version);
  }

  async #compareMemberships(): Promise<void> {
    const userIds = this.#subscriptions.userIds.slice(this.#peopleFrom, this.#peopleFrom + peopleAtOnce);
    const { token, changed } = await findChangedPeople(this.#sql, userIds, this.#lastRound);
    if (this.#lastRound !== '0') this.#subscriptions.hearOfPeople(changed);
    if (this.#peopleFrom === 0) this.#thisRound = token;
    const isRoundOver = userIds.length < peopleAtOnce;
    this.#peopleFrom = isRoundOver ? 0 : this.#peopleFrom + peopleAtOnce;
    if (isRoundOver) this.#lastRound = this.#thisRound;
  }
}

async function listVersions(sql: Sql, chatIds: string[]): Promise<{ id: string; version: number }[]> {
  const rows = await sql<{ id: string; version: string }[]>`select id, version from chats where id = any(${chatIds})`;
  return rows.map(({ id, version }) => ({ id, version: Number(version) }));
}

/** A transaction of the future comes from another cluster, whose copy this database is. */
async function findChangedPeople(
  sql: Sql,
  userIds: string[],
  since: string,
): Promise<{ token: string; changed: string[] }> {
  const [row] = await sql<{ token: string; changed: string[] }[]>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as token, coalesce((select array_agg(distinct user_id) from memberships
      where user_id = any(${userIds}) and tx >= ${since}::xid8 and tx < pg_snapshot_xmax(pg_current_snapshot())),
      '{}') as changed`;
  return row!;
}
