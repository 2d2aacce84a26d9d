/**
 * What the members of one chat are told on this node, in the order of versions.
 *
 * Invariants:
 * - `version` is what all subscribers have been told. An event is told only when it is the next version; earlier ones are
 *   dropped, later ones held while what lies between is read from the database. A message is held as well until those whom
 *   its frames may name are known, where sockets of this node have to be told names.
 * - `version` may be beyond the last event told, where what lies between left no trace. Then the next event says which one
 *   it follows (`after`): whoever counts versions has missed nothing.
 * - A subscription has `since`, the version at which the membership was read: events up to it are not the subscriber's.
 * - Who is found to have joined before what the others were told last is told that first, alone, and then subscribed; or, if
 *   they have left meanwhile, told that last.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureOf } from '../db/failure.ts';
import type { Connection } from '../realtime/connection.ts';
import { Delivery, Run } from '../realtime/delivery.ts';
import type { ChatContext, ChatEvent, ServerEvent } from '../realtime/events.ts';
import type { Person } from '../realtime/hub.ts';
import type { ChatChanges } from './changes.ts';

/** What people are called, for sockets that have to be told. */
export interface KnownNames {
  has(userId: string): boolean;
  load(userIds: Iterable<string>): Promise<void>;
}

/** What a feed needs from those who keep it. */
export interface FeedHost {
  readonly log: Logger;
  readonly names: KnownNames;
  /** Whether sockets of this node have to be told names. */
  needsNames(): boolean;
  isClosed(): boolean;
  findChangesAfter(chatId: string, version: number): Promise<ChatChanges | undefined>;
  /** The connection of this node that a message came through and that waits for its ack. */
  originOf(messageId: string): object | undefined;
  /** Subscribes whom an event made a member, before they are told of it. */
  beforeTelling(feed: Feed, event: ChatEvent): void;
  /** Unsubscribes whose membership an event ended, after they were told of it. */
  afterTelling(feed: Feed, event: ChatEvent): void;
  /** Unsubscribes who was told late that they left, unless they have come back since. */
  leftLate(feed: Feed, person: Person): void;
  /** Nobody subscribes any more, and nothing is being read. */
  abandoned(feed: Feed): void;
}

export class Feed implements ChatContext {
  readonly chatId: string;
  readonly pair: ChatContext['pair'];
  /** What came about up to this version was never told here. */
  readonly beganAt: number;
  readonly #host: FeedHost;
  readonly #subscribers = new Map<Person, number>();
  /** Who is being told what the others were told before, and up to which version they were. */
  readonly #late = new Map<Person, number>();
  readonly #delivery = new Delivery();
  #version: number;
  /** The version of the last event told. */
  #lastTold: number;
  /** Events beyond a gap, while it is being filled. */
  #held: ChatEvent[] | undefined;
  /** More was heard of while the gap was being filled. */
  #again = false;

  constructor(host: FeedHost, chat: { chatId: string; version: number; pair: ChatContext['pair'] }) {
    this.#host = host;
    this.chatId = chat.chatId;
    this.pair = chat.pair;
    this.beganAt = this.#version = this.#lastTold = chat.version;
  }

  get version(): number {
    return this.#version;
  }

  get subscribers(): Iterable<Person> {
    return this.#subscribers.keys();
  }

  /** After which version somebody hears what the others hear; undefined when they do not. */
  findSince(person: Person): number | undefined {
    return this.#subscribers.get(person);
  }

  subscribe(person: Person, since: number): void {
    if (!this.#subscribers.has(person) && !this.#late.has(person)) this.#subscribers.set(person, since);
  }

  /** Subscribes somebody whose membership was noticed late: of what was told after `since` they have heard nothing. */
  subscribeLate(person: Person, since: number): void {
    if (since >= this.#version) return this.subscribe(person, since);
    if (this.#subscribers.has(person) || this.#late.has(person)) return;
    this.#late.set(person, since);
    void this.#tryUntilDone(() => this.#fillFor(person));
  }

  unsubscribe(person: Person): void {
    this.#subscribers.delete(person);
    this.#late.delete(person);
    this.#leaveWhenIdle();
  }

  /** Takes events in, after their commit: ascending by version. */
  take(events: ChatEvent[]): void {
    const next: ChatEvent[] = [];
    for (const event of events) {
      const due = this.#version + next.length + 1;
      if (event.version < due) continue;
      if (!this.#held && event.version === due && this.#canName(event)) next.push(event);
      else this.#hold(event);
    }
    this.#tell(next);
  }

  /** The chat may have come to a version. */
  hear(version: number): void {
    if (version > this.#version) this.#hold(undefined);
  }

  /** What is no change of the chat: among its messages, in the order in which it happened. */
  publishLive(event: ServerEvent): void {
    // Nobody has to be told that they are typing themselves.
    const people = [...this.#subscribers.keys()].filter(
      ({ userId }) => event.kind !== 'typing' || userId !== event.userId,
    );
    const connections = people.flatMap((person) => [...person.connections]);
    this.#delivery.deliver(new Run([event], this), connections);
  }

  #leaveWhenIdle(): void {
    if (this.#subscribers.size + this.#late.size === 0 && !this.#held) this.#host.abandoned(this);
  }

  #canName(event: ChatEvent): boolean {
    return !this.#host.needsNames() || this.#namedBy(event).every((userId) => this.#host.names.has(userId));
  }

  /** Whom a message's frames may name: its sender, and in a direct chat the other one. */
  #namedBy(event: ChatEvent): readonly string[] {
    return event.kind === 'message' ? (this.pair ?? [event.message.senderId]) : [];
  }

  /** Tells events in order, but those that were told while they were being read. */
  #tell(events: ChatEvent[]): void {
    let messages: ChatEvent[] = [];
    for (const next of events) {
      if (next.version <= this.#version) continue;
      const event = this.#link(next);
      this.#version = this.#lastTold = event.version;
      if (event.kind === 'message') {
        messages.push(event);
        continue;
      }
      this.#deliver(messages);
      messages = [];
      this.#host.beforeTelling(this, event);
      if (event.kind === 'message_changed' && event.blindIds) this.#deliverApart(event, new Set(event.blindIds));
      else this.#deliver([event]);
      this.#host.afterTelling(this, event);
    }
    this.#deliver(messages);
    this.#leaveWhenIdle();
  }

  #link(event: ChatEvent): ChatEvent {
    return event.version === this.#lastTold + 1 ? event : { ...event, after: this.#lastTold };
  }

  #deliverApart(event: ChatEvent, blindIds: ReadonlySet<string>): void {
    this.#deliver([event], (person) => !blindIds.has(person.userId));
    this.#deliver([toUnseen(event)], (person) => blindIds.has(person.userId));
  }

  #deliver(events: ChatEvent[], isFor: (person: Person) => boolean = () => true): void {
    const last = events.at(-1)?.version;
    if (last === undefined) return;
    const first = events[0]!.version;
    const all: Connection[] = [];
    for (const [person, since] of this.#subscribers) {
      if (!isFor(person)) continue;
      if (since < first) {
        for (const connection of person.connections) all.push(connection);
      } else if (since < last) {
        const later = events.filter((event) => event.version > since);
        this.#delivery.deliver(new Run(later, this), [...person.connections]);
      }
    }
    if (all.length > 0) this.#delivery.deliver(new Run(events, this), all);
  }

  #hold(event: ChatEvent | undefined): void {
    if (this.#held) {
      if (event) this.#held.push(event);
      else this.#again = true;
      return;
    }
    this.#held = event ? [event] : [];
    // Until nothing held lies beyond a gap.
    void this.#tryUntilDone(() => this.#fill());
  }

  /** Reads from the database until `read` answers that it is done, over whatever failures. */
  async #tryUntilDone(read: () => Promise<boolean>): Promise<void> {
    const { log, isClosed } = this.#host;
    for (let waitMs = 50; !isClosed();) {
      try {
        if (await read()) return;
      } catch (error) {
        const level = failureOf(error) === 'wait' ? 'debug' : 'error';
        log[level]({ err: error, chatId: this.chatId }, 'changes of a chat could not be read; trying again');
        await sleep(waitMs, undefined, { ref: false });
        waitMs = Math.min(waitMs * 2, 2_000);
      }
    }
  }

  /** Tells one person what lies between what they and what the others were told; answers whether they are subscribed now. */
  async #fillFor(person: Person): Promise<boolean> {
    const since = this.#late.get(person);
    if (since === undefined) return true;
    const changes = await this.#host.findChangesAfter(this.chatId, since);
    const read = changes?.events ?? [];
    const end = read.findIndex((event) => isEndFor(person, event));
    const events = end < 0 ? read : read.slice(0, end + 1);
    if (this.#host.needsNames()) await this.#host.names.load(events.flatMap((event) => this.#namedBy(event)));
    if (this.#late.get(person) !== since) return true;
    const version = Math.max(since, changes?.version ?? 0);
    let told = since;
    const run = events.map((event) => {
      const after = told;
      told = event.version;
      const seen = isBlindTo(person, event) ? toUnseen(event) : this.#withOrigin(event);
      return event.version === after + 1 ? seen : { ...seen, after };
    });
    if (run.length > 0) this.#delivery.deliver(new Run(run, this), [...person.connections]);
    if (end >= 0) {
      this.#host.leftLate(this, person);
      return true;
    }
    this.#late.set(person, version);
    if (changes?.more || version < this.#version) return false;
    this.#late.delete(person);
    this.#subscribers.set(person, version);
    this.hear(version);
    return true;
  }

  /** What was read before the call that stored it was answered is an ack to whoever sent it, as ever. */
  #withOrigin(event: ChatEvent): ChatEvent {
    return event.kind === 'message' ? { ...event, origin: this.#host.originOf(event.message.id) } : event;
  }

  /** Reads what lies after the version told, and tells it; answers whether there was nothing more. */
  async #fill(): Promise<boolean> {
    this.#again = false;
    const changes = await this.#host.findChangesAfter(this.chatId, this.#version);
    const read = changes?.events ?? [];
    if (this.#host.needsNames())
      await this.#host.names.load([...read, ...(this.#held ?? [])].flatMap((event) => this.#namedBy(event)));
    const held = this.#held ?? [];
    // Of what is at hand as well, the event that knows the connection it came through.
    const atHand = new Map(held.map((event) => [event.version, event]));
    this.#tell(read.map((event) => atHand.get(event.version) ?? this.#withOrigin(event)));
    this.#version = Math.max(this.#version, changes?.version ?? 0);
    const beyond = held.filter((event) => event.version > this.#version).sort((a, b) => a.version - b.version);
    this.#held = beyond;
    if (changes?.more || this.#again) return false;
    this.#held = undefined;
    if (beyond.length > 0) this.take(beyond);
    else this.#leaveWhenIdle();
    return true;
  }
}

const isEndFor = ({ userId }: Person, event: ChatEvent): boolean =>
  event.kind === 'chat_deleted' || (event.kind === 'member_removed' && event.userId === userId);

const isBlindTo = ({ userId }: Person, event: ChatEvent): boolean =>
  event.kind === 'message_changed' && (event.blindIds?.includes(userId) ?? false);

/** Who may not see a message is told that something changed, and no more. */
const toUnseen = ({ chatId, version, after }: ChatEvent): ChatEvent => ({
  kind: 'unseen_changed',
  chatId,
  version,
  after,
});
