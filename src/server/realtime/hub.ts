import { closeCodes } from '../../protocol/close-codes.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Metrics } from '../metrics.ts';
import { type Connection, revokedClose, type Speaker } from './connection.ts';

/** A logged-in person on this node: all sockets of theirs. */
export interface Person {
  readonly userId: string;
  readonly connections: Set<Connection>;
  /** Logins under way, which need the person to stay. */
  entering: number;
}

export interface HubOptions {
  metrics: Metrics;
  anonymousPerAddress?: number;
  nowMs?: () => number;
}

/**
 * The connections of this node, by person and by session. It writes what they were given at the end of each turn of the
 * event loop, one write per socket, and sweeps once a second: pings, the dead, the stuck, those who never logged in.
 */
export class Hub {
  readonly #all = new Set<Connection>();
  readonly #anonymous = new Set<Connection>();
  readonly #people = new Map<string, Person>();
  readonly #sessions = new Map<string, Set<Connection>>();
  /** Sessions that ended a moment ago, and when: a login under way must not slip past its own end. */
  readonly #ended = new Map<string, number>();
  readonly #metrics: Metrics;
  readonly #nowMs: () => number;
  readonly #sweeper: NodeJS.Timeout;
  #toFlush: Connection[] = [];
  /** Sockets of dialects that name people. */
  #naming = 0;

  /** How many sockets of one address may wait for their login. */
  readonly #anonymousPerAddress: number;

  constructor({ metrics, anonymousPerAddress = limits.sockets.anonymousPerAddress, nowMs = Date.now }: HubOptions) {
    this.#metrics = metrics;
    this.#anonymousPerAddress = anonymousPerAddress;
    this.#nowMs = nowMs;
    this.#sweeper = setInterval(() => this.#sweep(), 1_000);
    this.#sweeper.unref();
  }

  /** Whether a socket here has to be told names. */
  get needsNames(): boolean {
    return this.#naming > 0;
  }

  get size(): number {
    return this.#all.size;
  }

  get connections(): Iterable<Connection> {
    return this.#all;
  }

  findPerson(userId: string): Person | undefined {
    return this.#people.get(userId);
  }

  /**
   * Takes a new socket in. Of those that still must log in, when there are too many, the oldest of the same address, or of
   * all, yields.
   */
  add(connection: Connection, { mustLogIn }: { mustLogIn: boolean }): void {
    this.#metrics.connections.inc({ dialect: connection.dialect.name });
    this.#all.add(connection);
    if (connection.dialect.needsNames) this.#naming++;
    if (mustLogIn) this.#await(connection);
  }

  #await(connection: Connection): void {
    this.#anonymous.add(connection);
    const neighbours = [...this.#anonymous].filter((other) => other.address === connection.address);
    if (neighbours.length > this.#anonymousPerAddress) this.#yield(neighbours[0]!);
    else if (this.#anonymous.size > limits.sockets.anonymousPerProcess) this.#yield([...this.#anonymous][0]!);
  }

  #yield(connection: Connection): void {
    this.#anonymous.delete(connection);
    connection.close(closeCodes.tryAgainLater, 'too many sockets wait for a login; come again in a moment');
  }

  /**
   * A login is under way on a socket until the answer is called: meanwhile it waits for us, and yields to nobody. When
   * everybody comes back at once, most sockets do. What comes to nothing takes no longer than before.
   */
  expectLogin(connection: Connection): () => void {
    if (!this.#anonymous.delete(connection)) return () => undefined;
    return () => {
      if (!connection.speaker && !connection.isLeaving && this.#all.has(connection)) this.#await(connection);
    };
  }

  /** The person, who stays known until as many `leave`s, and without a socket no longer. */
  enter(userId: string): Person {
    const person = this.#people.get(userId) ?? { userId, connections: new Set(), entering: 0 };
    this.#people.set(userId, person);
    person.entering++;
    return person;
  }

  /** Takes back an `enter`; answers whether the person is gone with it. */
  leave(person: Person): boolean {
    person.entering--;
    return this.#forget(person);
  }

  #forget(person: Person): boolean {
    return person.connections.size === 0 && person.entering === 0 && this.#people.delete(person.userId);
  }

  /** Makes a connection a person's. The person's oldest socket yields when there are too many. */
  attach(connection: Connection, speaker: Speaker, person: Person, { maxPerUser }: { maxPerUser: number }): void {
    if (this.#ended.has(speaker.sessionId)) throw new ProtocolError('session_revoked');
    this.#anonymous.delete(connection);
    connection.speaker = speaker;
    person.connections.add(connection);
    const session = this.#sessions.get(speaker.sessionId) ?? new Set();
    this.#sessions.set(speaker.sessionId, session.add(connection));
    if (person.connections.size <= maxPerUser) return;
    // Those that were told to go and have not gone yet do not count: who never answers would else make room for any number.
    const staying = [...person.connections].filter((other) => !other.isLeaving);
    if (staying.length > maxPerUser)
      staying[0]!.close(closeCodes.policyViolation, `more than ${maxPerUser} sockets of one person`);
  }

  /** Ends a connection's login; answers the person when this was their last socket here. */
  detach(connection: Connection): Person | undefined {
    const { speaker } = connection;
    if (!speaker) return undefined;
    connection.speaker = undefined;
    const session = this.#sessions.get(speaker.sessionId);
    session?.delete(connection);
    if (session?.size === 0) this.#sessions.delete(speaker.sessionId);
    const person = this.#people.get(speaker.userId);
    person?.connections.delete(connection);
    return person && this.#forget(person) ? person : undefined;
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    if (connection.dialect.needsNames) this.#naming--;
    this.#anonymous.delete(connection);
    this.#metrics.connections.dec({ dialect: connection.dialect.name });
  }

  /** Closes all sockets of sessions that were ended. */
  endSessions(sessionIds: string[]): void {
    for (const id of sessionIds) {
      this.#ended.set(id, this.#nowMs());
      for (const connection of this.#sessions.get(id) ?? []) connection.close(revokedClose.code, revokedClose.reason);
    }
  }

  /** All sessions with sockets here. */
  get sessionIds(): string[] {
    return [...this.#sessions.keys()];
  }

  flushLater(connection: Connection): void {
    if (this.#toFlush.push(connection) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const connections = this.#toFlush;
    this.#toFlush = [];
    let bytes = 0;
    for (const connection of connections) {
      const written = connection.flush();
      bytes += written;
      if (connection.isOverfull) this.#cutOff(connection);
      if (written > limits.backpressure.lagAboveBytes) this.#boundUnread(connection);
    }
    this.#metrics.framesOut.inc(connections.length);
    this.#metrics.deliveredBytes.inc(bytes);
  }

  /** However many sockets a person has, what they do not read is bounded: of the others the one that holds most goes. */
  #boundUnread(written: Connection): void {
    const all = [...(this.#people.get(written.speaker?.userId ?? '')?.connections ?? [])];
    const sum = all.reduce((bytes, { unreadBytes }) => bytes + unreadBytes, 0);
    if (sum <= limits.backpressure.personBytes) return;
    const others = all.filter((connection) => connection !== written && !connection.isLeaving);
    const [fullest] = others.sort((a, b) => b.unreadBytes - a.unreadBytes);
    if (fullest) this.#cutOff(fullest);
  }

  #cutOff(connection: Connection): void {
    this.#metrics.lagCloses.inc();
    connection.terminate();
  }

  #sweep(): void {
    const nowMs = this.#nowMs();
    for (const [id, endedAtMs] of this.#ended)
      if (nowMs - endedAtMs > limits.sockets.deadAfterMs) this.#ended.delete(id);
    for (const connection of this.#all) {
      if (connection.isDead(nowMs)) connection.terminate();
      else if (connection.isStuck(nowMs)) this.#cutOff(connection);
    }
    for (const connection of this.#anonymous) {
      if (nowMs - connection.openedAtMs > connection.dialect.loginWithinMs)
        connection.close(closeCodes.notAuthenticated, 'log in sooner after connecting');
    }
  }

  /** Tells every socket that the server goes away, at a bounded rate, waiting for those with frames under way. */
  async drain(): Promise<void> {
    const { closesPerSecond, closesMs, sendsMs } = limits.drain;
    const startedAtMs = this.#nowMs();
    for (const connection of this.#all) connection.stopReading();
    const left = () => [...this.#all].filter((connection) => !connection.isLeaving);
    for (let open = left(); open.length > 0; open = left()) {
      const elapsedMs = this.#nowMs() - startedAtMs;
      if (elapsedMs > closesMs) break;
      const idle = elapsedMs > sendsMs ? open : open.filter((connection) => !connection.isBusy);
      for (const connection of idle.slice(0, closesPerSecond / 20)) connection.drain();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const connection of this.#all) connection.drain();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
    for (const connection of this.#all) connection.terminate();
  }
}
