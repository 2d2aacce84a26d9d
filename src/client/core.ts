/** Joins the parts: the connection, the session, the outbox, what is known, and who hears of it. */
import type { Chat } from '../protocol/chats.ts';
import type { FullClientType, Person } from '../protocol/full.ts';
import { CatchUp } from './catch-up.ts';
import { Connector } from './connector.ts';
import { Emitter } from './emitter.ts';
import { MessengerError, toMessengerError } from './errors.ts';
import { Http } from './http.ts';
import { Marks } from './marks.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { People } from './people.ts';
import { memoryStorage, type Clock, type FetchLike, type Storage, type WebSocketConstructor } from './platform.ts';
import { pushes } from './pushes.ts';
import { Session } from './session.ts';
import type { Fields, Ready } from './socket.ts';
import { Store } from './store.ts';
import type { Auth, MessengerEvents } from './types.ts';
import type { Ack, ConnectionState } from './views.ts';
import type { AnswerTo, IncomingFrame } from './wire.ts';

/** `ConnectOptions` with everything in place. */
export interface Settings {
  url: string;
  auth: Auth;
  WebSocket: WebSocketConstructor;
  fetch: FetchLike;
  storage: Storage | undefined;
  userId: string | undefined;
  prefix: string;
  onError: (error: MessengerError) => void;
  random: () => number;
  clock: Clock;
  markDelivered: boolean;
  requestTimeoutMs: number;
  perChat: number;
  total: number;
}

const toAck = ({ type: _type, ref: _ref, ...ack }: AnswerTo<'send'> & { ref?: unknown }): Ack => ack;

/** The parts of a messenger, wired; what happens in one is told to the others here. */
export class Core {
  readonly settings: Settings;
  readonly emitter: Emitter<MessengerEvents>;
  readonly store: Store;
  readonly http: Http;
  readonly session: Session;
  readonly connector: Connector;
  readonly outbox: Outbox;
  readonly marks: Marks;
  readonly people: People;
  readonly catchUp: CatchUp;
  state: ConnectionState = 'connecting';
  /** What the server said at the last login. */
  loggedIn: Ready | undefined;
  /** Why there will be no other connection. */
  stopped: MessengerError | undefined;
  /** What an earlier run left behind is being read; frames wait for it. */
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #early: IncomingFrame[] = [];
  /** Whose presence is wanted; said again on each connection. */
  watched: readonly string[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    const { url, clock, prefix, auth, requestTimeoutMs } = settings;
    const onError = (error: unknown) => settings.onError(toMessengerError(error, 'bad_answer'));
    this.emitter = new Emitter(onError);
    this.store = new Store({ clock, perChat: settings.perChat, total: settings.total, onError });
    this.http = new Http({ url, fetch: settings.fetch, withCookie: 'cookie' in auth });
    const storage = settings.storage ?? memoryStorage();
    const key = `${prefix}:session`;
    this.session = new Session({ auth, http: this.http, storage, key, clock, requestTimeoutMs, onError });
    this.connector = this.#createConnector();
    this.outbox = this.#createOutbox();
    this.store.outbox = () => this.outbox.pending;
    this.marks = new Marks({
      clock,
      send: (type, chatId, seq) => this.now(type, { chat_id: chatId, seq }),
      onDone: (type, chatId, seq) => (type === 'mark_read' ? this.store.setRead(chatId, seq) : undefined),
    });
    this.people = new People({
      clock,
      isKnown: (userId) => this.store.knowsPerson(userId),
      read: (userIds) => this.getUsers(userIds),
    });
    this.catchUp = this.#createCatchUp();
    if (settings.userId !== undefined) void this.#belongTo(settings.userId);
    this.connector.start();
  }

  #belongTo(userId: string): Promise<void> {
    this.store.userId = userId;
    return this.outbox
      .belongTo(userId)
      .catch((error: unknown) => this.settings.onError(toMessengerError(error, 'storage')));
  }

  #createConnector(): Connector {
    const { url, WebSocket, clock, random, requestTimeoutMs, onError } = this.settings;
    return new Connector({
      url: `${url.replace('http', 'ws')}/ws`,
      WebSocket,
      clock,
      random,
      requestTimeoutMs,
      onError,
      session: this.session,
      onReady: (ready) => this.#onReady(ready),
      onPush: (frame) => this.#onPush(frame),
      onFrame: (direction, text) => this.emitter.emit('frame', { direction, text }),
      onConnecting: () => this.#setState('connecting'),
      onLost: () => this.#onLost(),
      onOffline: (afterMs, error) => this.#setState('offline', { afterMs, error }),
      onStopped: (error) => this.#onStopped(error),
    });
  }

  #createOutbox(): Outbox {
    const { storage, prefix, clock, random, onError } = this.settings;
    return new Outbox({
      storage,
      key: `${prefix}:outbox`,
      clock,
      random,
      onError,
      send: async (frame) => toAck(await this.now('send', frame)),
      batch: (change) => this.store.batch(change),
      onChange: (chatId) => this.store.touchOutbox(chatId),
      onSent: (ack, frame) => this.#onSent(ack, frame),
      onFailed: (pending, error) => this.emitter.emit('failed', { pending, error }),
    });
  }

  #createCatchUp(): CatchUp {
    const { storage, prefix, clock, random, onError } = this.settings;
    return new CatchUp({
      store: this.store,
      emitter: this.emitter,
      clock,
      random,
      storage,
      key: `${prefix}:sync`,
      onError,
      read: (type, fields) => this.connector.read(type, fields),
      ask: (type, fields) => this.now(type, fields),
      onArrived: (chatId, seq) => {
        if (this.settings.markDelivered) this.marks.arrived(chatId, seq);
      },
      onOwnMessage: ({ chat_id, client_id, id, seq, version, timestamp }) =>
        this.outbox.settle({ chat_id, client_id, id, seq, version, timestamp, duplicate: true }),
      onGone: (chatId) => this.marks.forget(chatId),
      onPeople: (userIds) => this.people.want(userIds),
      onCaughtUp: () => this.#setState('online'),
    });
  }

  // What happens

  #setState(state: ConnectionState, detail: { afterMs?: number; error?: MessengerError } = {}): void {
    if (this.state === 'stopped') return;
    if (this.state === state && state !== 'offline') return;
    this.state = state;
    this.store.setConnection(state);
    this.emitter.emit('state', { state, ...detail });
  }

  #onReady(ready: Ready): void {
    const known = this.settings.userId ?? this.loggedIn?.user.id;
    if (known !== undefined && ready.user.id !== known) return this.#onSomebodyElse();
    this.loggedIn = ready;
    this.store.userId = ready.user.id;
    this.store.putPeople([ready.user]);
    this.#setState('catching_up');
    this.#loading ??= this.#load(ready.user.id);
    if (this.#isLoaded) this.#begin(ready);
    else
      void this.#loading.then(() => (this.loggedIn === ready && this.connector.ready ? this.#begin(ready) : undefined));
  }

  /** The cookies of a browser are those of whoever logged in last. */
  #onSomebodyElse(): void {
    this.session.end(new MessengerError('stopped', { message: 'Somebody else has logged in.', retry: 'new' }));
    this.connector.stop(this.session.ended!);
  }

  async #load(userId: string): Promise<void> {
    const { onError } = this.settings;
    await this.#belongTo(userId);
    await this.catchUp.load(userId).catch((error: unknown) => onError(toMessengerError(error, 'storage')));
    this.#isLoaded = true;
  }

  #begin(ready: Ready): void {
    this.catchUp.connected(ready.resume);
    for (const frame of this.#early.splice(0)) this.#take(frame);
    this.outbox.connected();
    this.marks.connected();
    if (this.watched.length > 0) this.now('watch', { user_ids: [...this.watched] }).catch(() => undefined);
  }

  #onLost(): void {
    this.#early = [];
    if (this.#isLoaded) this.catchUp.disconnected();
    this.outbox.disconnected();
    this.marks.disconnected();
  }

  #onStopped(error: MessengerError): void {
    this.stopped = error;
    this.#onLost();
    this.catchUp.stop(error);
    this.marks.stop(error);
    this.#setState('stopped', { error });
    if (this.session.ended) this.emitter.emit('session_ended', { error });
  }

  #onPush(frame: IncomingFrame): void {
    if (frame.type === 'ack') this.outbox.settle(toAck(frame));
    else if (this.#isLoaded) this.#take(frame);
    else this.#early.push(frame);
  }

  #take(frame: IncomingFrame): void {
    const parts = { store: this.store, emitter: this.emitter, catchUp: this.catchUp };
    this.store.batch(() => pushes(parts, frame));
  }

  /** An ack is the only thing that this socket hears of its own message, so it counts as the change. */
  #onSent(ack: Ack, { text, reply_to: replyTo, mentions, forward }: Outgoing): void {
    const { chat_id, version, id, seq, client_id, timestamp, duplicate } = ack;
    const message = {
      id,
      chat_id,
      seq,
      version,
      sender_id: this.store.userId,
      client_id,
      text: text ?? '',
      timestamp,
    };
    const told = { ...(replyTo != null && { reply_to: replyTo }), ...(mentions?.length && { mentions }) };
    // What a forward says, and what became of a message that had been stored before, the server knows alone.
    if (forward || duplicate) this.catchUp.seen(chat_id, version);
    else this.catchUp.live({ type: 'message', chat_id, version, message: { ...message, ...told } });
    this.emitter.emit('sent', { ack });
  }

  // Asking

  /** Over the connection of this moment; rejects when there is none. */
  now<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>> {
    const socket = this.connector.ready;
    return socket ? socket.request(type, fields) : Promise.reject(this.stopped ?? new MessengerError('offline'));
  }

  async getChat(chatId: string): Promise<Chat> {
    const { chat } = await this.connector.read('get_chat', { chat_id: chatId });
    this.store.batch(() => this.catchUp.takeRow(chat));
    return chat;
  }

  async getUsers(userIds: readonly string[]): Promise<Person[]> {
    const { rows } = await this.connector.read('get_users', { user_ids: [...userIds] });
    this.store.batch(() => this.store.putPeople(rows));
    return rows;
  }

  // The end

  async logOut(): Promise<void> {
    try {
      await this.session.logOut();
    } finally {
      this.connector.stop(this.session.ended!);
      await this.outbox.clear();
      this.#letGo();
      await this.catchUp.forget();
    }
  }

  async close(): Promise<void> {
    this.connector.stop(new MessengerError('stopped', { message: 'The messenger was closed.', retry: 'never' }));
    if (!this.session.ended && this.#isLoaded) await this.catchUp.save();
    await this.outbox.close();
    this.#letGo();
  }

  #letGo(): void {
    this.people.close();
    this.store.close();
  }
}
