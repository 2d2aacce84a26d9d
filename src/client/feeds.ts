/** Carries out what the state machines of the chats want: `sync` for open chats, reading the row for the others. */
import type { FullChangeFrame, FullServerFrame } from '../protocol/full.ts';
import { pauseMs } from './connector.ts';
import { toMessengerError, type MessengerError } from './errors.ts';
import type { Clock } from './platform.ts';
import { initialSync, step } from './sync-state.ts';
import type { SyncEffect, SyncInput, SyncState } from './sync-types.ts';
import type { UnknownChange } from './wire.ts';

/** A change that comes out of order is mostly followed at once by what it came before. */
const graceMs = 60;
/** How many chats are read at a time. */
const maxAtOnce = 4;

export type Change = FullChangeFrame | UnknownChange;
export type ChangesPage = FullServerFrame<'changes'>;
export interface Known {
  version: number;
  seq: number;
  target: number;
}

interface Feed {
  chatId: string;
  state: SyncState<Change>;
  /** Of the answers on their way only that to the last question counts. */
  asks: number;
  /** When it last heard something live, as `now` counts. */
  liveAt: number;
  failures: number;
  /** The server asked to wait so long before the next try, in milliseconds. */
  afterMs: number;
  stopTimer: () => void;
  /** Events have told everything up to this version. */
  told: number;
  /** The resume token as of which all positions are known. */
  positionsAt: string | undefined;
}

/** What is done with what comes out of the machines. `told`: what is at or below it was told before. */
export interface FeedSink {
  change(change: Change, told: number): void;
  /** `above` undefined: nothing of it is new but positions and own state. */
  page(page: ChangesPage, news: { above: number | undefined; afterSeq: number; told: number }): void;
  version(chatId: string, version: number): void;
  /** One is no member. */
  gone(chatId: string): void;
}

interface FeedsOptions {
  clock: Clock;
  random: () => number;
  sink: FeedSink;
  isOpen(chatId: string): boolean;
  /** Everything that `change` does is told at its end. */
  batch(change: () => void): void;
  /** The newest resume token. */
  token(): string | undefined;
  sync(frame: { chat_id: string; after: number; after_seq: number; positions_since?: string }): Promise<ChangesPage>;
  /** Reads the row of a chat and gives it to `based`. */
  readRow(chatId: string): Promise<void>;
  onError(error: MessengerError): void;
}

/** The chats' machines, and what is on its way for them. */
export class Feeds {
  readonly #options: FeedsOptions;
  readonly #feeds = new Map<string, Feed>();
  /** Chats that want to be read, in the order of their asking. */
  readonly #queue = new Set<Feed>();
  #atOnce = 0;
  #connected = false;
  #lives = 0;
  #restWaiters: (() => void)[] = [];
  #chatWaiters: (() => void)[] = [];
  #stopped: MessengerError | undefined;

  constructor(options: FeedsOptions) {
    this.#options = options;
  }

  has(chatId: string): boolean {
    return this.#feeds.has(chatId);
  }

  get chatIds(): string[] {
    return [...this.#feeds.keys()];
  }

  /** Counts what comes live, to tell whether an answer is older than it. */
  get now(): number {
    return this.#lives;
  }

  /**
   * An answer to a question of `askedAt` says that one is no member. What came live since then may be newer: then the chat is
   * asked about again.
   */
  saidGone(chatId: string, askedAt: number): void {
    const feed = this.#feeds.get(chatId);
    if (!feed || feed.liveAt <= askedAt) return this.#options.sink.gone(chatId);
    const { phase } = feed.state;
    if (phase === 'unknown' || phase === 'syncing') this.#enqueue(feed);
    else this.input(chatId, { kind: 'refresh' });
  }

  isUnknown(chatId: string): boolean {
    return this.#feeds.get(chatId)?.state.phase === 'unknown';
  }

  versionOf(chatId: string): number {
    return this.#feeds.get(chatId)?.state.version ?? 0;
  }

  /** What is to be remembered of a chat for the next run. */
  known(chatId: string): Known | undefined {
    const state = this.#feeds.get(chatId)?.state;
    if (state === undefined || state.phase === 'unknown') return undefined;
    return { version: state.version, seq: state.seq, target: state.target };
  }

  /** Begins with a chat: of which nothing is known, or what an earlier run knew. */
  add(chatId: string, known?: Known): void {
    const state = initialSync<Change>(known);
    const feed: Feed = {
      chatId,
      state,
      asks: 0,
      liveAt: 0,
      failures: 0,
      afterMs: 0,
      stopTimer: () => undefined,
      told: known?.version ?? 0,
      positionsAt: undefined,
    };
    this.#feeds.set(chatId, feed);
    if (known && this.#connected) this.input(chatId, { kind: 'connected' });
  }

  remove(chatId: string): void {
    const feed = this.#feeds.get(chatId);
    if (!feed) return;
    feed.stopTimer();
    this.#queue.delete(feed);
    this.#feeds.delete(chatId);
    this.#tellRest();
  }

  /** What is known of a chat holds no more. */
  forget(chatId: string): void {
    if (this.isUnknown(chatId)) return;
    this.remove(chatId);
    this.add(chatId);
  }

  /** Reads a chat of which nothing is known. */
  read(chatId: string): void {
    const feed = this.#feeds.get(chatId);
    if (feed) this.#enqueue(feed);
  }

  connected(): void {
    this.#connected = true;
    for (const chatId of this.#feeds.keys()) this.input(chatId, { kind: 'connected' });
  }

  disconnected(): void {
    this.#connected = false;
    this.#queue.clear();
    for (const [chatId, feed] of this.#feeds) {
      feed.asks++;
      feed.stopTimer();
      this.input(chatId, { kind: 'disconnected' });
    }
  }

  input(chatId: string, input: SyncInput<Change>, page?: ChangesPage): void {
    const feed = this.#feeds.get(chatId);
    if (!feed) return;
    if (input.kind === 'live') feed.liveAt = ++this.#lives;
    this.#options.batch(() => {
      // As it was: what is told may lead to other inputs of this chat before all effects are carried out.
      const before = { afterSeq: feed.state.seq, told: feed.told };
      const { state, effects } = step(feed.state, input);
      feed.state = state;
      for (const effect of effects) this.#carryOut(feed, effect, before, page);
      feed.told = Math.max(feed.told, feed.state.version);
      if (state.phase !== 'unknown') this.#options.sink.version(chatId, feed.state.version);
    });
    this.#tellRest();
  }

  #carryOut(
    feed: Feed,
    effect: SyncEffect<Change>,
    before: { afterSeq: number; told: number },
    page: ChangesPage | undefined,
  ): void {
    const { sink, clock } = this.#options;
    switch (effect.kind) {
      case 'apply':
        return sink.change(effect.change, before.told);
      case 'applyPage':
        return sink.page(page!, {
          above: effect.above === 'none' ? undefined : effect.above,
          ...before,
        });
      case 'sync':
        return this.#enqueue(feed);
      case 'wait': {
        const waitMs = effect.reason === 'gap' ? graceMs : this.#pauseOf(feed);
        feed.stopTimer();
        feed.stopTimer = clock.after(waitMs, () => this.input(feed.chatId, { kind: 'timeUp' }));
        return;
      }
      default:
        return;
    }
  }

  #enqueue(feed: Feed): void {
    feed.asks++;
    this.#queue.add(feed);
    this.#work();
  }

  #work(): void {
    for (const feed of this.#queue) {
      if (this.#atOnce >= maxAtOnce || !this.#connected) return;
      this.#queue.delete(feed);
      const { phase } = feed.state;
      if (phase !== 'syncing' && phase !== 'unknown') continue;
      this.#atOnce++;
      void this.#ask(feed).finally(() => {
        this.#atOnce--;
        this.#work();
      });
    }
  }

  async #ask(feed: Feed): Promise<void> {
    const mine = feed.asks;
    const askedAt = this.#lives;
    const { chatId } = feed;
    const counts = () => feed.asks === mine && this.#feeds.get(chatId) === feed;
    try {
      if (!this.#options.isOpen(chatId)) await this.#readRow(feed, counts);
      else await this.#sync(feed, counts);
      if (counts()) feed.failures = 0;
    } catch (thrown) {
      if (counts()) this.#failed(feed, askedAt, toMessengerError(thrown, 'bad_answer'));
    }
  }

  /** Of a chat that was opened meanwhile the row tells too little. */
  async #readRow(feed: Feed, counts: () => boolean): Promise<void> {
    await this.#options.readRow(feed.chatId);
    if (counts() && feed.state.phase === 'syncing') this.#enqueue(feed);
  }

  async #sync(feed: Feed, counts: () => boolean): Promise<void> {
    const { chatId, positionsAt } = feed;
    const { version, seq } = feed.state;
    const token = this.#options.token();
    const page = await this.#options.sync({
      chat_id: chatId,
      after: version,
      after_seq: seq,
      ...(positionsAt !== undefined && { positions_since: positionsAt }),
    });
    if (!counts()) return;
    if (!page.more) feed.positionsAt = token;
    const { after, to, to_seq: toSeq, more } = page;
    this.input(chatId, { kind: 'page', after, to, toSeq, more }, page);
  }

  #failed(feed: Feed, askedAt: number, error: MessengerError): void {
    const { clock, onError } = this.#options;
    if (error.code === 'connection_lost' || error.code === 'offline' || error.code === 'stopped') return;
    if (error.code === 'no_chat' || error.code === 'unknown_chat') return this.saidGone(feed.chatId, askedAt);
    if (error.retry !== 'same') onError(error);
    feed.afterMs = error.afterMs ?? 0;
    if (feed.state.phase !== 'unknown') return this.input(feed.chatId, { kind: 'failed' });
    feed.stopTimer();
    feed.stopTimer = clock.after(this.#pauseOf(feed), () => this.#enqueue(feed));
  }

  /** How long to wait after a failure: longer each time, and never shorter than the server asked for. */
  #pauseOf(feed: Feed): number {
    const { afterMs } = feed;
    feed.afterMs = 0;
    return afterMs + graceMs + pauseMs(feed.failures++, this.#options.random());
  }

  get #isAtRest(): boolean {
    for (const { state } of this.#feeds.values()) if (state.phase !== 'current') return false;
    return true;
  }

  /** Resolves when nothing is missing of any chat that is known. */
  rest(): Promise<void> {
    if (this.#isAtRest) return Promise.resolve();
    return new Promise((resolve) => this.#restWaiters.push(resolve));
  }

  /** Resolves when nothing is missing of this chat, or it is gone; rejects when the messenger stops before that. */
  async restOf(chatId: string): Promise<void> {
    while (this.has(chatId) && this.#feeds.get(chatId)!.state.phase !== 'current') {
      if (this.#stopped) throw this.#stopped;
      await new Promise<void>((resolve) => this.#chatWaiters.push(resolve));
    }
  }

  /** There will be no connection any more. */
  stop(error: MessengerError): void {
    this.#stopped = error;
    this.#tellRest();
  }

  #tellRest(): void {
    for (const wake of this.#chatWaiters.splice(0)) wake();
    if (this.#restWaiters.length > 0 && this.#isAtRest) for (const wake of this.#restWaiters.splice(0)) wake();
  }

  clear(): void {
    for (const chatId of this.#feeds.keys()) this.remove(chatId);
  }
}
