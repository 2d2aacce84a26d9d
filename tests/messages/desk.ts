import { randomUUID } from 'node:crypto';
import pino from 'pino';
import postgres from 'postgres';
import { createChatCommands, type ChatCommands } from '../../src/server/chats/commands.ts';
import { createGroupCommands, type GroupCommands } from '../../src/server/chats/group-commands.ts';
import { Lanes } from '../../src/server/db/lanes.ts';
import { createMessageCommands, type MessageCommands } from '../../src/server/messages/message-commands.ts';
import { Writer, type Send, type Sent } from '../../src/server/messages/writer.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { ServerEvent, StoredMessage } from '../../src/server/realtime/events.ts';
import type { Message } from '../../src/protocol/message.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

export interface Person {
  userId: string;
  sessionId: string;
}

const names = ['alice', 'bob', 'carol', 'dan', 'mallory'] as const;

/** The write path on a database of its own, without HTTP and sockets. Alice owns, bob is an admin, carol and dan belong. */
export class Desk implements AsyncDisposable {
  readonly sql: postgres.Sql;
  readonly lanes: Lanes;
  readonly writer: Writer;
  readonly messages: MessageCommands;
  readonly chats: ChatCommands;
  readonly groups: GroupCommands;
  /** What was published, in order. */
  published: ServerEvent[] = [];
  /** Chats that may have changed without a word of it. */
  doubted: string[] = [];
  readonly url: string;
  readonly #database: TestDatabase | undefined;
  readonly #people: Record<(typeof names)[number], Person>;

  private constructor(
    { url, people, database }: { url: string; people: Record<(typeof names)[number], Person>; database?: TestDatabase },
    road = url,
  ) {
    this.url = url;
    this.#database = database;
    this.#people = people;
    this.sql = postgres(url, { max: 4, onnotice: () => undefined });
    this.lanes = new Lanes(road);
    const options = {
      lanes: this.lanes,
      log: pino({ level: 'silent' }),
      metrics: createMetrics(),
      publish: (events: ServerEvent[]) => void this.published.push(...events),
      uncertain: (chatIds: string[]) => void this.doubted.push(...chatIds),
      config: { rateLimits: true },
    };
    this.writer = new Writer(options);
    this.messages = createMessageCommands(options);
    this.chats = createChatCommands(options);
    this.groups = createGroupCommands(options);
  }

  /** `toRoad`: the way that calls take to the database. */
  static async open(toRoad: (url: string) => Promise<string> = (url) => Promise.resolve(url)): Promise<Desk> {
    const database = await createDatabase();
    const { url } = database;
    const people = Object.fromEntries(
      names.map((name) => [name, { userId: randomUUID(), sessionId: randomUUID() }]),
    ) as Record<(typeof names)[number], Person>;
    const desk = new Desk({ url, people, database }, await toRoad(url));
    for (const { userId, sessionId } of Object.values(people)) {
      await desk.sql`insert into users (id, name, username) values (${userId}, 'Somebody', ${userId.slice(0, 8)})`;
      await desk.sql`insert into sessions (id, user_id, kind, expires_at)
        values (${sessionId}, ${userId}, 'device', now() + interval '1 day')`;
    }
    return desk;
  }

  /** The write path of another node on the same database. */
  another(): Desk {
    return new Desk({ url: this.url, people: this.#people });
  }

  get alice(): Person {
    return this.#people.alice;
  }
  get bob(): Person {
    return this.#people.bob;
  }
  get carol(): Person {
    return this.#people.carol;
  }
  get dan(): Person {
    return this.#people.dan;
  }
  get mallory(): Person {
    return this.#people.mallory;
  }

  async makeGroup(history: 'all' | 'since_joined' = 'all'): Promise<string> {
    const { alice, bob, carol, dan } = this;
    const users = [bob, carol, dan].map(({ userId }) => userId);
    const { chatId } = await this.chats.createGroup({ ...alice, name: 'A group', users, history });
    await this.groups.setRole({ ...alice, chatId, memberId: bob.userId, role: 'admin' });
    this.published = [];
    return chatId;
  }

  async makeDirect(one: Person, other: Person): Promise<string> {
    const { chatId } = await this.chats.openDirect({ ...one, otherId: other.userId });
    return chatId;
  }

  say({ sessionId, userId }: Person, chatId: string, what: string | Partial<Send>): Promise<Sent> {
    const content = typeof what === 'string' ? { text: what } : what;
    return this.writer.send({ sessionId, senderId: userId, chatId, clientId: randomUUID(), sentAt: null, ...content });
  }

  /** The message that was published under a number. */
  publishedAt(chatId: string, seq: number): StoredMessage | undefined {
    return this.published
      .flatMap((event) => (event.kind === 'message' ? [event.message] : []))
      .find((message) => message.chatId === chatId && message.seq === seq);
  }

  /** What a change was published as. */
  get changes(): { version: number; row: Message }[] {
    return this.published.flatMap((event) =>
      event.kind === 'message_changed' ? [{ version: event.version, row: JSON.parse(event.row) as Message }] : [],
    );
  }

  async read(chatId: string, seq: number): Promise<Message> {
    const [found] = await this.sql<{ row: Message }[]>`
      select message_json(m, reactions_of(m.chat_id, m.seq)) as row from messages m where chat_id = ${chatId} and seq = ${seq}`;
    return found!.row;
  }

  async chat(chatId: string): Promise<{ version: number; lastSeq: number }> {
    const [row] = await this.sql<{ version: number; lastSeq: number }[]>`
      select version::int, last_seq::int as "lastSeq" from chats where id = ${chatId}`;
    return row!;
  }

  /** Whom the messages of a chat mention, as it is counted apart. */
  async mentionedIn(chatId: string, seq: number): Promise<string[]> {
    const rows = await this.sql<{ id: string }[]>`
      select user_id as id from mentions where chat_id = ${chatId} and seq = ${seq} order by user_id`;
    return rows.map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lanes[Symbol.asyncDispose]();
    await this.sql.end();
    await this.#database?.[Symbol.asyncDispose]();
  }
}

/** A mention of somebody by the first letters of a text. */
export const mention = ({ userId }: Person, offset = 0, length = 1) => ({ user_id: userId, offset, length });

/** What a call is refused with; 'ok' when it is not. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );
