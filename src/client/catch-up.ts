/**
 * Keeps the store up to date with the server: reads everything once, then follows what comes live, and after a break asks what
 * changed since. Live comes first, state is read then, and what is live and older than what was read is dropped: so nothing
 * falls between the two.
 */
import type { Chat } from '../protocol/chats.ts';
import type { FullClientType, OwnState } from '../protocol/full.ts';
import { pauseMs } from './connector.ts';
import type { Emitter } from './emitter.ts';
import { MessengerError, toMessengerError } from './errors.ts';
import { Feeds, type Change, type Known } from './feeds.ts';
import { OpenChats } from './open-chats.ts';
import { Place, type SavedPlace } from './place.ts';
import type { Clock, Storage } from './platform.ts';
import type { Fields } from './socket.ts';
import { Renewal } from './renewal.ts';
import { Sink } from './sink.ts';
import type { Store } from './store.ts';
import type { Message } from '../protocol/message.ts';
import type { MessengerEvents } from './types.ts';
import type { AnswerTo } from './wire.ts';

/** A page of chats carries up to 50 members of each. */
const chatsPerPage = 50;

interface CatchUpOptions {
  store: Store;
  emitter: Emitter<MessengerEvents>;
  clock: Clock;
  random: () => number;
  /** Absent: nothing survives the process. */
  storage: Storage | undefined;
  key: string;
  /** Asks what changes nothing, over as many connections as it takes. */
  read<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>>;
  /** The same over the connection of this moment only. */
  ask<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>>;
  /** A message of somebody else is here. */
  onArrived(chatId: string, seq: number): void;
  /** An own message was seen in its chat. */
  onOwnMessage(message: Message): void;
  onGone(chatId: string): void;
  /** People of whom only the id is known. */
  onPeople(userIds: readonly string[]): void;
  onCaughtUp(): void;
  onError(error: MessengerError): void;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #feeds: Feeds;
  #token: string | undefined;
  /** Chats that ended on this connection, and the version: an answer on its way may still tell of an earlier one. */
  readonly #ended = new Map<string, number>();
  #isListed = false;
  readonly open: OpenChats;
  /** Counts connections; what an older one has begun is not gone on with. */
  #connection = 0;
  #stopRetry: () => void = () => undefined;
  #isStopped = false;
  readonly #renewal: Renewal;
  readonly #place: Place;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    const { store, clock, random, onError } = options;
    this.#feeds = new Feeds({
      clock,
      random,
      onError,
      sink: new Sink({
        ...options,
        onRefresh: (chatId) => this.#feeds.input(chatId, { kind: 'refresh' }),
        onOwn: (own) => this.own(own),
        onGone: (chatId) => this.gone(chatId),
        onApplied: (chatId) => (this.open.has(chatId) ? this.#saveLater() : undefined),
      }),
      // Without its row what a page says is kept nowhere.
      isOpen: (chatId) => this.open.has(chatId) && store.has(chatId),
      batch: (change) => store.batch(change),
      token: () => this.#token,
      sync: (frame) => options.ask('sync', frame),
      readRow: (chatId) => this.#readRow(chatId),
    });
    this.#renewal = new Renewal({ clock, onError, resume: (missed) => this.#renew(missed) });
    this.#place = new Place({
      storage: options.storage,
      key: options.key,
      clock,
      onError,
      describe: () => this.#describePlace(),
    });
    this.open = new OpenChats({
      store,
      feeds: this.#feeds,
      read: options.read,
      takeRow: (row) => this.takeRow(row),
      onPeople: options.onPeople,
      onChange: () => this.#saveLater(),
    });
  }

  // The connection

  /** Takes what an earlier run of the same person left behind. Called once, before `connected`. */
  async load(userId: string): Promise<void> {
    const saved = await this.#place.load();
    if (saved?.user_id !== userId) return;
    this.#token = saved.token;
    for (const [chatId, known] of Object.entries(saved.chats)) {
      this.open.add(chatId);
      this.#feeds.add(chatId, known);
    }
  }

  /** A socket is logged in; `token` is where it stands. */
  connected(token: string): void {
    this.#feeds.connected();
    void this.#catchUp(++this.#connection, token, 0);
  }

  disconnected(): void {
    this.#connection++;
    this.#ended.clear();
    this.#stopRetry();
    this.#renewal.stop();
    this.#feeds.disconnected();
  }

  /** There will be no connection any more; who waits for one is told. */
  stop(error: MessengerError): void {
    this.#isStopped = true;
    this.#feeds.stop(error);
  }

  async #catchUp(connection: number, fresh: string | undefined, failures: number): Promise<void> {
    const { onCaughtUp, onError, clock, random } = this.#options;
    const isOver = () => this.#connection !== connection;
    try {
      await this.#readAll(fresh);
      await this.#feeds.rest();
      if (isOver()) return;
      onCaughtUp();
      this.#renewal.later();
    } catch (thrown) {
      if (isOver()) return;
      onError(toMessengerError(thrown, 'bad_answer'));
      this.#stopRetry = clock.after(
        500 + pauseMs(failures, random()),
        () => void this.#catchUp(connection, fresh, failures + 1),
      );
    }
  }

  /** Over a connection that stands. When what is known holds no more, it is read anew; the next connection has a token. */
  async #renew(missed: boolean): Promise<void> {
    const wasListed = this.#isListed;
    const connection = this.#connection;
    await this.#resume(missed);
    if (wasListed && !this.#isListed) await this.#catchUp(connection, undefined, 0);
  }

  async #readAll(fresh: string | undefined): Promise<void> {
    const isNew = this.#token === undefined;
    // From the beginning, for what is missed while the chats are listed.
    this.#token ??= fresh;
    // What is read of a chat is kept only when its row is there.
    if (!this.#isListed) await this.#list();
    if (!isNew) await this.#resume(true);
    this.#token ??= fresh;
    if (!this.#isListed) await this.#list();
    for (const chatId of this.#feeds.chatIds) if (this.#feeds.isUnknown(chatId)) this.#feeds.read(chatId);
    await this.open.reopenAll();
    this.#saveLater();
  }

  /** What changed since the token; `missed`: positions and the like may have been lost as well. */
  async #resume(missed: boolean): Promise<void> {
    if (this.#token === undefined) return;
    const connection = this.#connection;
    const askedAt = this.#feeds.now;
    try {
      const { resume, chats, left } = await this.#options.ask('resume', { token: this.#token });
      if (this.#connection !== connection) return;
      this.#options.store.batch(() => {
        for (const chatId of left) this.#feeds.saidGone(chatId, askedAt);
        for (const own of chats) this.#changed(own, missed);
      });
      this.#token = resume;
      this.#saveLater();
    } catch (error) {
      if (!(error instanceof MessengerError) || error.code !== 'resume_not_possible') throw error;
      await this.#forget();
    }
  }

  #changed(own: OwnState, missed: boolean): void {
    const chatId = own.chat_id;
    if (!this.#feeds.has(chatId)) {
      if (this.#isListed) this.#begin(chatId);
      return;
    }
    this.own(own);
    this.#feeds.input(chatId, { kind: 'seen', version: own.version });
    if (missed && this.open.has(chatId)) this.#feeds.input(chatId, { kind: 'refresh' });
  }

  /** What is known is of another life of the database. */
  async #forget(): Promise<void> {
    this.#token = undefined;
    this.#isListed = false;
    this.#ended.clear();
    for (const chatId of this.#feeds.chatIds) this.#options.onGone(chatId);
    this.#feeds.clear();
    this.#options.store.clear();
    await this.#place.forget();
  }

  async #list(): Promise<void> {
    let before: string | undefined;
    do {
      const { rows, next } = await this.#options.ask('list_chats', {
        limit: chatsPerPage,
        ...(before !== undefined && { before }),
      });
      this.#options.store.batch(() => {
        for (const row of rows) this.takeRow(row);
      });
      before = next ?? undefined;
    } while (before !== undefined);
    // Of a chat that an earlier run knew and that is not in the list there is no row to go on from: it is read like a new one.
    for (const chatId of this.#feeds.chatIds) if (!this.#options.store.has(chatId)) this.#feeds.forget(chatId);
    this.#isListed = true;
  }

  // What comes from the server

  live(change: Change): void {
    const { chat_id: chatId, version } = change;
    const { store } = this.#options;
    const isEnd =
      change.type === 'chat_deleted' || (change.type === 'member_removed' && change.user_id === store.userId);
    if (isEnd) {
      this.#ended.set(chatId, version);
      if (!this.#feeds.has(chatId) || version <= this.#feeds.versionOf(chatId)) return;
      this.#options.emitter.emit('change', { change });
      return this.gone(chatId);
    }
    if (!this.#feeds.has(chatId)) this.#begin(chatId);
    const seq = change.type === 'message' ? change.message.seq : undefined;
    this.#feeds.input(chatId, { kind: 'live', after: change.after ?? version - 1, version, seq, change });
  }

  /** A chat that was not known a moment ago. */
  #begin(chatId: string): void {
    this.#feeds.add(chatId);
    this.#feeds.read(chatId);
  }

  own(own: OwnState): void {
    if (this.#options.store.setOwn(own)) this.#feeds.input(own.chat_id, { kind: 'refresh' });
  }

  /** A version exists that will not come by itself. */
  seen(chatId: string, version: number): void {
    if (this.#feeds.has(chatId)) this.#feeds.input(chatId, { kind: 'seen', version });
    else this.#begin(chatId);
  }

  lag(chats: readonly { chat_id: string; version: number }[]): void {
    for (const { chat_id: chatId, version } of chats) this.seen(chatId, version);
    this.#renewal.soon(true);
  }

  async #readRow(chatId: string): Promise<void> {
    const { chat } = await this.#options.ask('get_chat', { chat_id: chatId });
    this.takeRow(chat);
  }

  /** A chat as it was read just now. */
  takeRow(row: Chat): void {
    const { store, emitter, onArrived } = this.#options;
    if (row.version < (this.#ended.get(row.id) ?? 0)) return;
    if (!this.#feeds.has(row.id)) this.#feeds.add(row.id);
    const { id, version, last_seq: seq } = row;
    const isKnown = store.has(id);
    const isAdded = !isKnown && this.#isListed;
    const isOld = version < this.#feeds.versionOf(id);
    // A row that is older than the watermark would take back what came live.
    const isUncertain = !(isKnown && isOld) && store.putChat(row);
    // What came live before its chat was there has changed nothing, and is read again.
    if (isOld && !isKnown) this.#feeds.input(id, { kind: 'rewound', version, seq });
    else if (this.open.has(id) && !this.#feeds.isUnknown(id)) this.#feeds.input(id, { kind: 'seen', version });
    else this.#feeds.input(id, { kind: 'based', version, seq });
    if (isUncertain) this.#feeds.input(row.id, { kind: 'refresh' });
    if (row.last_seq > row.delivered_seq) onArrived(row.id, row.last_seq);
    if (isAdded) emitter.emit('chat_added', { chatId: row.id });
  }

  gone(chatId: string): void {
    const { store, emitter, onGone } = this.#options;
    const isKnown = store.has(chatId);
    this.open.remove(chatId);
    this.#feeds.remove(chatId);
    store.removeChat(chatId);
    onGone(chatId);
    this.#saveLater();
    if (isKnown) emitter.emit('chat_removed', { chatId });
  }

  /** Not after the end: the storage may be another messenger's by then. */
  #saveLater(): void {
    if (this.#token !== undefined && !this.#isStopped) this.#place.saveLater();
  }

  /** Writes where this run stands. What is told after that is told again by the next run when this one dies. */
  async save(): Promise<void> {
    if (this.#token !== undefined) await this.#place.save();
  }

  /** The next run is to know nothing of this one. */
  forget(): Promise<void> {
    this.#token = undefined;
    return this.#place.forget();
  }

  #describePlace(): SavedPlace {
    const chats: Record<string, Known> = {};
    for (const chatId of this.open.ids) {
      const known = this.#feeds.known(chatId);
      if (known) chats[chatId] = known;
    }
    return { user_id: this.#options.store.userId, token: this.#token!, chats };
  }
}
