/**
 * Tells a person's own devices what a chat is to them now: how far they have read, what they muted, what they have not sent.
 *
 * A word that something changed is a hint from any node; what is told is read from the database, one round at a time, so
 * that states are told in the order of their snapshots and an old one never comes after a newer. It goes only to sockets of
 * this node that are that person's, and only while they are a member.
 */
import type { Logger } from 'pino';
import { limits } from '../../protocol/limits.ts';
import { toArray } from '../db/arrays.ts';
import type { Sql } from '../db/client.ts';
import { persist } from '../db/persist.ts';
import type { Connection } from '../realtime/connection.ts';
import type { ServerEvent } from '../realtime/events.ts';
import type { Hub } from '../realtime/hub.ts';
import { Rounds } from '../realtime/rounds.ts';
import { Throttle } from '../realtime/throttle.ts';

const statesAtOnce = 200;

interface Place {
  chatId: string;
  userId: string;
}

export class OwnStates {
  readonly #sql: Sql;
  readonly #hub: Pick<Hub, 'findPerson'>;
  readonly #rounds: Rounds<Place>;
  /** By chat and person. */
  readonly #throttle: Throttle<string>;

  constructor({ sql, hub, log }: { sql: Sql; hub: Pick<Hub, 'findPerson'>; log: Logger }) {
    this.#sql = sql;
    this.#hub = hub;
    this.#rounds = new Rounds({
      maxItems: statesAtOnce,
      take: (places) => this.#tell(places),
      failed: (error) => log.warn({ err: error }, 'what chats are to their members could not be read'),
    });
    this.#throttle = new Throttle({
      everyMs: limits.ownStates.everyMs,
      act: (key) => {
        const [chatId, userId] = key.split(' ') as [string, string];
        this.#rounds.add(key, { chatId, userId });
      },
    });
  }

  /** What a person keeps of a chat may have changed, here or on another node. */
  hear({ chatId, userId }: Place): void {
    if (this.#listSockets(userId).length > 0) this.#throttle.ask(`${chatId} ${userId}`);
  }

  /** Hears of those among events that are about it. */
  take(events: readonly ServerEvent[]): void {
    for (const event of events) if (event.kind === 'own_changed') this.hear(event);
  }

  #listSockets(userId: string): Connection[] {
    const connections = this.#hub.findPerson(userId)?.connections ?? [];
    return [...connections].filter(({ dialect }) => dialect.hearsOwnStates);
  }

  async #tell(places: Place[]): Promise<void> {
    for (const { userId, own } of await persist(
      (call) => call(this.#sql),
      (sql) => readOwnStates(sql, places),
    )) {
      const text = `{"type":"own","own":${own}}`;
      for (const connection of this.#listSockets(userId)) connection.sayLive(text);
    }
  }

  [Symbol.dispose](): void {
    this.#throttle[Symbol.dispose]();
    this.#rounds[Symbol.dispose]();
  }
}

/** What chats are to these of their members, as JSON text; who is none is left out. */
function readOwnStates(sql: Sql, places: Place[]): Promise<{ userId: string; own: string }[]> {
  return sql<{ userId: string; own: string }[]>`
    select p.user_id as "userId", o.own::text as own
      from unnest(${toArray(places.map(({ chatId }) => chatId))}::uuid[], ${toArray(places.map(({ userId }) => userId))}::uuid[])
        as p (chat_id, user_id)
     cross join lateral (
       select * from memberships where chat_id = p.chat_id and user_id = p.user_id and left_seq is null limit 1) s
     cross join lateral (select * from chats where id = p.chat_id limit 1) c
     cross join lateral own_state_json(s, c) as o (own)`;
}
