import type { Connection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { ChatContext, ServerEvent } from './events.ts';
import { toTextFrame } from './frame.ts';

/** More sockets than this are served over several turns of the event loop, so that one large group delays nobody else. */
const socketsPerTurn = 500;

/**
 * Events that go to the same sockets, encoded at most once per dialect: the bytes of all of them are one buffer that every
 * socket of the dialect shares.
 */
export class Run {
  readonly #events: ServerEvent[];
  readonly #chat: ChatContext;
  readonly #joined = new Map<Dialect, Buffer>();
  readonly #frames = new Map<Dialect, (Buffer | undefined)[]>();
  readonly #origins: Set<object>;

  constructor(events: ServerEvent[], chat: ChatContext) {
    this.#events = events;
    this.#chat = chat;
    this.#origins = new Set();
    for (const event of events) if (event.kind === 'message' && event.origin) this.#origins.add(event.origin);
  }

  /** The frames for a connection: all of the run, but what it does not want, or gets an ack for. */
  deliverTo(connection: Connection): void {
    const { dialect, talk } = connection;
    const getsAck = !dialect.echoes && this.#origins.size > 0 && this.#origins.has(connection);
    const frames = getsAck || talk.wants ? this.#choose(connection, getsAck) : this.#joinAll(dialect);
    if (frames.length > 0) connection.deliverEvents(frames, this.#events);
  }

  #choose(connection: Connection, getsAck: boolean): Buffer {
    const { dialect, talk } = connection;
    const isWanted = (event: ServerEvent): boolean =>
      !(getsAck && event.kind === 'message' && event.origin === connection) &&
      talk.wants?.(event, this.#chat) !== false;
    const frames = this.#encode(dialect);
    const chosen = frames.filter((frame, i): frame is Buffer => frame !== undefined && isWanted(this.#events[i]!));
    if (chosen.length === 1) return chosen[0]!;
    return chosen.length === frames.length ? this.#joinAll(dialect) : Buffer.concat(chosen);
  }

  #joinAll(dialect: Dialect): Buffer {
    let joined = this.#joined.get(dialect);
    if (!joined) {
      const frames = this.#encode(dialect).filter((frame) => frame !== undefined);
      joined = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
      this.#joined.set(dialect, joined);
    }
    return joined;
  }

  #encode(dialect: Dialect): (Buffer | undefined)[] {
    let frames = this.#frames.get(dialect);
    if (!frames) {
      frames = this.#events.map((event) => {
        const text = dialect.encodeEvent(event, this.#chat);
        return text === undefined ? undefined : toTextFrame(text);
      });
      this.#frames.set(dialect, frames);
    }
    return frames;
  }
}

/** Delivers runs in their order, whatever their size. One per chat. */
export class Delivery {
  #backlog: { run: Run; connections: Connection[] }[] = [];

  deliver(run: Run, connections: Connection[]): void {
    if (this.#backlog.length === 0 && connections.length <= socketsPerTurn) {
      for (const connection of connections) run.deliverTo(connection);
      return;
    }
    if (this.#backlog.push({ run, connections }) === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    for (let room = socketsPerTurn; room > 0 && this.#backlog.length > 0;) {
      const { run, connections } = this.#backlog[0]!;
      const slice = connections.splice(0, room);
      for (const connection of slice) run.deliverTo(connection);
      room -= slice.length;
      if (connections.length === 0) this.#backlog.shift();
    }
    if (this.#backlog.length > 0) setImmediate(() => this.#next());
  }
}
