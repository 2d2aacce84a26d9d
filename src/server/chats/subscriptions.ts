/**
 * Which people of this node hear of which chats. What they hear, and in which order, is each chat's `Feed`.
 *
 * Promise: a person who is logged in here gets every event of their chats once, in the order of versions, from the login
 * on, and nothing after their removal; wherever it was written, and with the bus dead within seconds.
 *
 * Invariants: a membership change that meets a login still reading its chats makes it read again, and so does an answer from
 * before the version at which somebody else's login began the chat's feed, so a removed member is never subscribed by an
 * old answer. Whom a change made a member that a feed began beyond is found by reading.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Sql } from '../db/client.ts';
import { Delivery, Run } from '../realtime/delivery.ts';
import {
  isChatEvent,
  joinedBy,
  type ChatContext,
  type ChatEvent,
  type LiveEvent,
  type SeenEvent,
  type ServerEvent,
} from '../realtime/events.ts';
import type { Hub, Person } from '../realtime/hub.ts';
import { findChangesAfter } from './changes.ts';
import { Feed, type FeedHost, type KnownNames } from './feed.ts';

const readAgainAfterMs = 1_000;

interface Listening {
  /** Resolves when the person is subscribed to all chats. */
  ready: Promise<void>;
  loading: boolean;
  /** A membership changed while it was being read. */
  stale: boolean;
  readonly feeds: Set<Feed>;
}

interface ChatRow {
  chatId: string;
  version: string;
  joined: string;
  pair: string | null;
  /** The version with which the membership ended; null: it has not. */
  left: string | null;
}

/** After which version a chat that is new to a person here is theirs to hear: of the chat's version and the membership's. */
type SinceOf = (chat: number, membership: number) => number;
const fromNowOn: SinceOf = (chat) => chat;
const fromJoining: SinceOf = (_chat, membership) => membership - 1;

export interface SubscriptionsOptions {
  sql: Sql;
  hub: Hub;
  log: Logger;
  names: KnownNames;
  originOf: FeedHost['originOf'];
}

export class Subscriptions {
  readonly #sql: Sql;
  readonly #hub: Hub;
  readonly #log: Logger;
  readonly #host: FeedHost;
  readonly #feeds = new Map<string, Feed>();
  readonly #people = new Map<Person, Listening>();
  readonly #lobby = new Delivery();
  #closed = false;

  constructor({ sql, hub, log, names, originOf }: SubscriptionsOptions) {
    this.#sql = sql;
    this.#hub = hub;
    this.#log = log;
    this.#host = {
      log,
      names,
      needsNames: () => hub.needsNames,
      isClosed: () => this.#closed,
      findChangesAfter: (chatId, version) => findChangesAfter(sql, chatId, version),
      originOf,
      beforeTelling: (feed, event) => this.#addJoined(feed, event),
      afterTelling: (feed, event) => this.#dropLeft(feed, event),
      leftLate: (feed, person) => this.#dropLate(feed, person),
      abandoned: (feed) => void (this.#feeds.get(feed.chatId) === feed && this.#feeds.delete(feed.chatId)),
    };
  }

  /** Subscribes a person to their chats, once for all their sockets. */
  attach(person: Person): Promise<void> {
    const known = this.#people.get(person);
    if (known) return known.ready;
    const listening: Listening = { ready: Promise.resolve(), loading: true, stale: true, feeds: new Set() };
    this.#people.set(person, listening);
    listening.ready = this.#load(person, listening, fromNowOn);
    listening.ready.catch(() => this.detach(person));
    return listening.ready;
  }

  detach(person: Person): void {
    const listening = this.#people.get(person);
    this.#people.delete(person);
    for (const feed of listening?.feeds ?? []) this.#unsubscribe(feed, person);
  }

  async #load(person: Person, listening: Listening, sinceOf: SinceOf): Promise<void> {
    listening.loading = true;
    try {
      while (listening.stale && this.#people.get(person) === listening) {
        listening.stale = false;
        const rows = await readChats(this.#sql, person, [...listening.feeds]);
        if (rows.some((row) => this.#isBeforeFeed(row))) listening.stale = true;
        if (this.#isOutdated(person, listening)) continue;
        const chatIds = new Set(rows.map((row) => row.chatId));
        for (const feed of listening.feeds) if (!chatIds.has(feed.chatId)) this.#unsubscribe(feed, person);
        for (const row of rows) this.#place(person, row, sinceOf);
      }
    } finally {
      listening.loading = false;
    }
  }

  /** An end that the chat's feed has not come to is still to be told, and what was before it. */
  #place(person: Person, row: ChatRow, sinceOf: SinceOf): void {
    const since = sinceOf(Number(row.version), Number(row.joined));
    const feed = this.#feeds.get(row.chatId);
    if (row.left === null) {
      const opened = this.#open(row.chatId, since, toPair(row.pair?.split(':')));
      // Whoever logs in reads for themselves what was told before.
      if (sinceOf === fromJoining) opened.subscribeLate(person, since);
      else opened.subscribe(person, since);
      this.#people.get(person)?.feeds.add(opened);
    } else if (feed && feed.findSince(person) !== undefined && feed.version >= Number(row.left))
      this.#unsubscribe(feed, person);
    this.hear(row.chatId, Number(row.version));
  }

  #isBeforeFeed({ chatId, version }: ChatRow): boolean {
    const feed = this.#feeds.get(chatId);
    return feed !== undefined && Number(version) < feed.beganAt;
  }

  #isOutdated(person: Person, listening: Listening): boolean {
    return listening.stale || this.#people.get(person) !== listening;
  }

  /** Reads a person's chats again, until it succeeds: nothing else may ever tell of a chat that is new to them. */
  #reload(person: Person, sinceOf: SinceOf): void {
    const listening = this.#people.get(person);
    if (!listening) return;
    listening.stale = true;
    if (listening.loading) return;
    listening.ready = this.#load(person, listening, sinceOf);
    listening.ready.catch(async (error: unknown) => {
      this.#log.warn({ err: error }, 'chats of a person could not be read again; trying once more');
      await sleep(readAgainAfterMs, undefined, { ref: false });
      if (!this.#closed && this.#people.get(person) === listening) this.#reload(person, sinceOf);
    });
  }

  #open(chatId: string, version: number, pair: ChatContext['pair']): Feed {
    const known = this.#feeds.get(chatId);
    if (known) return known;
    const feed = new Feed(this.#host, { chatId, version, pair });
    this.#feeds.set(chatId, feed);
    return feed;
  }

  #subscribe(feed: Feed, person: Person, since: number): void {
    feed.subscribe(person, since);
    this.#people.get(person)?.feeds.add(feed);
  }

  #unsubscribe(feed: Feed, person: Person): void {
    this.#people.get(person)?.feeds.delete(feed);
    feed.unsubscribe(person);
  }

  /**
   * A way to tell somebody of messages that all have read, on those sockets of this node that are there now: whoever comes
   * later may have been told on another node.
   */
  aimAtSender(userId: string): (event: SeenEvent) => void {
    const sockets = [...(this.#hub.findPerson(userId)?.connections ?? [])];
    return (event) => new Delivery().deliver(new Run([event], noContext), sockets);
  }

  /** Takes events in, after their commit: of one chat ascending by version. */
  publish(events: Exclude<ServerEvent, SeenEvent>[]): void {
    for (let i = 0; i < events.length;) {
      const event = events[i]!;
      if (!isChatEvent(event)) {
        this.#publishLive(event);
        i++;
        continue;
      }
      const run: ChatEvent[] = [event];
      for (i++; i < events.length; i++) {
        const next = events[i]!;
        if (!isChatEvent(next) || next.chatId !== event.chatId) break;
        run.push(next);
      }
      const known = this.#feeds.get(event.chatId);
      if (known) this.#findJoinedBefore(known, run);
      (known ?? this.#openFor(run))?.take(run);
    }
  }

  /** What is no change of a chat: to those whom it concerns, as they are there now. */
  #publishLive(event: LiveEvent): void {
    if (event.kind === 'lobby') {
      const everybody = [...this.#hub.connections].filter(
        ({ dialect, speaker }) => dialect.name === 'lobby' && speaker,
      );
      this.#lobby.deliver(new Run([event], noContext), everybody);
    } else if (event.kind !== 'presence' && event.kind !== 'own_changed') {
      this.#feeds.get(event.chatId)?.publishLive(event);
    }
  }

  /** A login can be quicker than the answer of the call that it read the effect of. */
  #findJoinedBefore(feed: Feed, events: ChatEvent[]): void {
    for (const event of events) if (event.version <= feed.beganAt) this.hearOfPeople(joinedBy(event));
  }

  /** A chat nobody here heard of becomes one when somebody of this node joins it. */
  #openFor(events: ChatEvent[]): Feed | undefined {
    for (const event of events) {
      const joined = joinedBy(event);
      for (const userId of joined) this.#markStale(userId);
      if (joined.some((userId) => this.#findListener(userId)))
        return this.#open(event.chatId, event.version - 1, pairOf(event));
      if (event.kind === 'member_removed') this.#markStale(event.userId);
    }
    return undefined;
  }

  #markStale(userId: string): void {
    const person = this.#hub.findPerson(userId);
    const listening = person && this.#people.get(person);
    if (listening?.loading) listening.stale = true;
  }

  #findListener(userId: string): Person | undefined {
    const person = this.#hub.findPerson(userId);
    return person && this.#people.has(person) ? person : undefined;
  }

  #addJoined(feed: Feed, event: ChatEvent): void {
    for (const userId of joinedBy(event)) {
      this.#markStale(userId);
      const person = this.#findListener(userId);
      if (person) this.#subscribe(feed, person, event.version - 1);
    }
  }

  /** Who is no member any more was told so, and hears nothing that comes after. */
  #dropLeft(feed: Feed, event: ChatEvent): void {
    if (event.kind === 'chat_deleted') for (const person of feed.subscribers) this.#unsubscribe(feed, person);
    if (event.kind !== 'member_removed') return;
    this.#markStale(event.userId);
    const person = this.#hub.findPerson(event.userId);
    if (person && (feed.findSince(person) ?? Infinity) < event.version) this.#unsubscribe(feed, person);
  }

  /** What was read of their leaving may be from before they came back, which the others may have been told already. */
  #dropLate(feed: Feed, person: Person): void {
    this.#unsubscribe(feed, person);
    this.#reload(person, fromJoining);
  }

  /** Another node, or a call whose answer was lost, may have brought a chat to a version. */
  hear(chatId: string, version = Infinity): void {
    this.#feeds.get(chatId)?.hear(version);
  }

  /** Another node changed memberships of these people: they hear what happened since. */
  hearOfPeople(userIds: string[], sinceOf: SinceOf = fromJoining): void {
    for (const userId of userIds) {
      const person = this.#findListener(userId);
      if (person) this.#reload(person, sinceOf);
    }
  }

  /** These people are in chats that were loaded, with a history that is not news. */
  hearOfLoaded(userIds: string[]): void {
    this.hearOfPeople(userIds, fromNowOn);
  }

  /** Reads a person's chats again, and waits for it. */
  async readAgain(userId: string): Promise<void> {
    const person = this.#findListener(userId);
    if (!person) return;
    this.#reload(person, fromJoining);
    await this.#people.get(person)?.ready.catch(() => undefined);
  }

  /** The chats that somebody here hears of. */
  get chatIds(): string[] {
    return [...this.#feeds.keys()];
  }

  /** The people who hear of chats here. */
  get userIds(): string[] {
    return [...this.#people.keys()].map((person) => person.userId);
  }

  /** Reads nothing more. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }
}

/** The chats somebody is in, and of those heard of here the ones they are in no more. */
function readChats(sql: Sql, { userId }: Person, feeds: Feed[]): Promise<ChatRow[]> {
  return sql<ChatRow[]>`
    select s.chat_id as "chatId", c.version, s.joined_version as joined, c.direct_key as pair,
      case when s.left_seq is not null then s.version end as left
      from memberships s join chats c on c.id = s.chat_id
     where s.user_id = ${userId} and (s.left_seq is null or s.chat_id = any(${feeds.map(({ chatId }) => chatId)}))`;
}

const noContext: ChatContext = { pair: undefined };

const toPair = (ids: readonly string[] | undefined): ChatContext['pair'] =>
  ids?.[0] !== undefined && ids[1] !== undefined ? [ids[0], ids[1]] : undefined;

const pairOf = (event: ChatEvent): ChatContext['pair'] =>
  event.kind === 'direct_opened' ? toPair(event.memberIds) : undefined;
