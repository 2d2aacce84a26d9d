/**
 * Who is there, told to the sockets that watch them.
 *
 * Promise: a socket is told the truth about people with whom its person is a member of a chat, where neither has blocked
 * the other and who do not hide; about everybody else always the same: not there. Nobody can tell one reason from another.
 *
 * That somebody came or went is a hint, from any node. What each watcher may be told is read anew whenever something is
 * due, and only what differs from what the socket was told last is said. So a hint too many costs a look and tells nothing,
 * and whoever has blocked, hidden or left is gone for the watcher with the next look. A hint that was lost is made up for
 * by looking now and then after all who are watched here.
 */
import type { Logger } from 'pino';
import type { Presence as PresenceRow } from '../../protocol/full.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';
import type { Connection } from '../realtime/connection.ts';
import { isChatEvent, touchedBy, type ServerEvent } from '../realtime/events.ts';
import { Rounds } from '../realtime/rounds.ts';
import { Throttle } from '../realtime/throttle.ts';
import { Comings } from './comings.ts';
import { listThere, readPresence, type Answer, type Pair } from './queries.ts';

/** Pairs, or people, that one statement looks at. */
const pairsAtOnce = 500;
/** So long the database may not know of somebody whom another node said to be there. */
const hearsayMs = limits.presence.lingerMs;

/** A socket that is told things; what it needs of a connection. */
export type Watcher = Pick<Connection, 'speaker' | 'sayLive'>;

interface Watching {
  readonly watcher: Watcher;
  readonly viewerId: string;
  readonly sessionId: string;
  /** What the socket knows of each whom it watches; undefined: nothing yet. */
  readonly told: Map<string, PresenceRow | undefined>;
  /** Whom it is time to look after. */
  readonly due: Set<string>;
  /** What the socket asked for is being read; what is due meanwhile waits for it. */
  isLoading: boolean;
}

/** Somebody who is watched here. */
interface Watched {
  readonly by: Set<Watching>;
  /** As it was when last looked at. */
  isThere: boolean | undefined;
}

export interface PresenceOptions {
  sql: Sql;
  log: Logger;
  publish(events: ServerEvent[]): void;
  lingerMs?: number;
  lookEveryMs?: number;
}

export class Presence {
  readonly #sql: Sql;
  readonly #comings: Comings;
  readonly #watchings = new Map<Watcher, Watching>();
  readonly #watched = new Map<string, Watched>();
  readonly #byViewer = new Map<string, Set<Watching>>();
  /** People whom another node said to have come, and when. */
  readonly #heardAtMs = new Map<string, number>();
  readonly #rounds: Rounds<Watching>;
  readonly #throttle: Throttle<Watching>;
  readonly #looking: NodeJS.Timeout;

  constructor({ sql, log, publish, lingerMs, lookEveryMs = limits.presence.lookEveryMs }: PresenceOptions) {
    this.#sql = sql;
    this.#comings = new Comings({
      ...(lingerMs === undefined ? {} : { lingerMs }),
      tell: (userId, online) => publish([{ kind: 'presence', userId, online }]),
    });
    const failed = (error: unknown): void => log.warn({ err: error }, 'who is there could not be read');
    this.#rounds = new Rounds({ maxItems: pairsAtOnce, take: (watchings) => this.#look(watchings), failed });
    this.#throttle = new Throttle({
      everyMs: limits.presence.everyMs,
      act: (watching) => this.#rounds.add(watching, watching),
    });
    this.#looking = setInterval(() => void this.#lookAround().catch(failed), lookEveryMs).unref();
  }

  /**
   * From now on a socket hears of these people, and of nobody else: of at most `limits.presence.maxWatched` of them.
   * Answers how it is now, one row a person; what changes is said to the socket later. Throws `session_revoked`, and
   * `not_authenticated` for a socket on which nobody is logged in.
   */
  async watch(watcher: Watcher, userIds: readonly string[]): Promise<PresenceRow[]> {
    const { speaker } = watcher;
    if (!speaker) throw new ProtocolError('not_authenticated');
    this.forget(watcher);
    const people = [...new Set(userIds)].slice(0, limits.presence.maxWatched);
    if (people.length === 0) return [];
    // Watched first and read then: who comes or goes in between is looked after once more.
    const watching = this.#enter(watcher, { viewerId: speaker.userId, sessionId: speaker.sessionId, people });
    try {
      const answers = await this.#read(this.#toPairs(watching, people));
      if (answers.some(({ isLive }) => !isLive)) throw new ProtocolError('session_revoked');
      this.#note(watching, answers);
      return answers.map(({ told }) => told);
    } catch (error) {
      if (this.#watchings.get(watcher) === watching) this.forget(watcher);
      throw error;
    } finally {
      watching.isLoading = false;
      this.#ask(watching);
    }
  }

  #enter(watcher: Watcher, who: { viewerId: string; sessionId: string; people: string[] }): Watching {
    const { viewerId, sessionId, people } = who;
    const told = new Map(people.map((id) => [id, undefined]));
    const watching: Watching = { watcher, viewerId, sessionId, told, due: new Set(), isLoading: true };
    this.#watchings.set(watcher, watching);
    const own = this.#byViewer.get(viewerId) ?? new Set();
    this.#byViewer.set(viewerId, own.add(watching));
    for (const id of people) {
      const watched = this.#watched.get(id) ?? { by: new Set(), isThere: undefined };
      watched.by.add(watching);
      this.#watched.set(id, watched);
    }
    return watching;
  }

  /** A socket hears of nobody any more. */
  forget(watcher: Watcher): void {
    const watching = this.#watchings.get(watcher);
    if (!watching) return;
    this.#watchings.delete(watcher);
    this.#throttle.forget(watching);
    const own = this.#byViewer.get(watching.viewerId);
    own?.delete(watching);
    if (own?.size === 0) this.#byViewer.delete(watching.viewerId);
    for (const id of watching.told.keys()) {
      const watched = this.#watched.get(id);
      watched?.by.delete(watching);
      if (watched?.by.size === 0) this.#watched.delete(id);
    }
  }

  /** Whose socket it is has changed, or it was closed: then it has no speaker any more. */
  noteSpeaker(watcher: Watcher): void {
    const { speaker } = watcher;
    if (this.#watchings.get(watcher)?.sessionId !== speaker?.sessionId) this.forget(watcher);
    this.#comings.note(watcher, speaker?.userId);
  }

  /** Hears of events of this node or others that are about who is there, or who may know it. */
  take(events: readonly ServerEvent[]): void {
    for (const event of events) {
      if (isChatEvent(event)) this.hearOfMembers(touchedBy(event));
      else if (event.kind === 'presence') this.#hear(event);
    }
  }

  /** Memberships of these people changed: who may know of them, and of whom they may know. */
  hearOfMembers(userIds: readonly string[]): void {
    for (const id of userIds) {
      this.#lookAfter(id);
      for (const watching of this.#byViewer.get(id) ?? []) {
        for (const personId of watching.told.keys()) watching.due.add(personId);
        this.#ask(watching);
      }
    }
  }

  /** Hints may have been missed: looks after all who are watched here. */
  hearOfGap(): void {
    for (const id of this.#watched.keys()) this.#lookAfter(id);
  }

  /** Kept also of who is not watched yet: whoever begins to watch them in a moment would not learn it from the database. */
  #hear({ userId, online }: { userId: string; online: boolean }): void {
    if (online) this.#heardAtMs.set(userId, performance.now());
    else this.#heardAtMs.delete(userId);
    this.#lookAfter(userId);
  }

  #lookAfter(userId: string): void {
    for (const watching of this.#watched.get(userId)?.by ?? []) {
      watching.due.add(userId);
      this.#ask(watching);
    }
  }

  #ask(watching: Watching): void {
    if (watching.due.size > 0 && !watching.isLoading && this.#isWatching(watching)) this.#throttle.ask(watching);
  }

  /** Reads what is due, and says what differs from what was told. */
  async #look(watchings: Watching[]): Promise<void> {
    const due: { watching: Watching; pair: Pair }[] = [];
    for (const watching of watchings) {
      const people = this.#isWatching(watching) ? [...watching.due] : [];
      watching.due.clear();
      for (const pair of this.#toPairs(watching, people)) due.push({ watching, pair });
    }
    for (let i = 0; i < due.length; i += pairsAtOnce) {
      const slice = due.slice(i, i + pairsAtOnce);
      const answers = await this.#read(
        slice.map(({ pair }) => pair),
        due.slice(i).map(({ pair }) => pair),
      );
      const news = new Map<Watching, Answer[]>();
      slice.forEach(({ watching }, n) => news.set(watching, [...(news.get(watching) ?? []), answers[n]!]));
      for (const [watching, those] of news) this.#say(watching, those);
    }
  }

  /** `due`: what is not looked after either when it cannot be read. */
  async #read(pairs: Pair[], due = pairs): Promise<Answer[]> {
    const people = pairs.map(({ personId }) => personId);
    try {
      return await readPresence(this.#sql, pairs, this.#listKnown(people));
    } catch (error) {
      // Nobody knows whether somebody was missed: they are looked after once more when it is time.
      for (const { personId } of due) {
        const watched = this.#watched.get(personId);
        if (watched) watched.isThere = undefined;
      }
      throw error;
    }
  }

  #say(watching: Watching, answers: Answer[]): void {
    if (!this.#isWatching(watching)) return;
    const rows = this.#note(
      watching,
      answers.filter(({ isLive }) => isLive),
    );
    if (rows.length > 0) watching.watcher.sayLive(JSON.stringify({ type: 'presence', rows }));
  }

  /** Keeps what was read; answers what the socket did not know. */
  #note(watching: Watching, answers: Answer[]): PresenceRow[] {
    const rows: PresenceRow[] = [];
    for (const { isThere, told } of answers) {
      const watched = this.#watched.get(told.user_id);
      if (watched) watched.isThere = isThere;
      const before = watching.told.get(told.user_id);
      if (before?.online === told.online && before.last_seen_at === told.last_seen_at) continue;
      watching.told.set(told.user_id, told);
      rows.push(told);
    }
    return rows;
  }

  #isWatching(watching: Watching): boolean {
    return this.#watchings.get(watching.watcher) === watching;
  }

  #toPairs({ viewerId, sessionId }: Watching, people: readonly string[]): Pair[] {
    return people.map((personId) => ({ viewerId, sessionId, personId }));
  }

  /** Of these people those of whom this node knows that they are there, before the database does. */
  #listKnown(people: readonly string[]): string[] {
    const heardSinceMs = performance.now() - hearsayMs;
    return [...new Set(people)].filter(
      (id) => this.#comings.isHere(id) || (this.#heardAtMs.get(id) ?? -Infinity) > heardSinceMs,
    );
  }

  /** Looks whether those who are watched here are as they were: a node may have died, or what it said was lost. */
  async #lookAround(): Promise<void> {
    const heardSinceMs = performance.now() - hearsayMs;
    for (const [id, atMs] of this.#heardAtMs) if (atMs <= heardSinceMs) this.#heardAtMs.delete(id);
    const people = [...this.#watched.keys()];
    for (let i = 0; i < people.length; i += pairsAtOnce) {
      const slice = people.slice(i, i + pairsAtOnce);
      const there = await listThere(this.#sql, slice, this.#listKnown(slice));
      for (const id of slice) if (this.#watched.get(id)?.isThere !== there.has(id)) this.#lookAfter(id);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#comings[Symbol.dispose]();
    this.#throttle[Symbol.dispose]();
    this.#rounds[Symbol.dispose]();
  }
}
