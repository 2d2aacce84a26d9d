/**
 * Follows one chat. Every message is printed once and in the order of the chat, every change of one once. The start is read as
 * history while what happens meanwhile is held back; what the history has told already is then passed. From there on the events
 * come once and in order, also over breaks; a hole would be filled from the history before anything goes on.
 */
import { MessengerError, type Message, type Messenger } from '../../src/client/index.ts';

/** Where to begin: so many of the newest, or a message. */
export type TailStart = { newest: number } | { fromSeq: number };

/** A line to be printed. */
export interface TailChange {
  type: 'message' | 'message_changed';
  message: Message;
}

export interface TailOptions {
  messenger: Messenger;
  chatId: string;
  start: TailStart;
  print: (change: TailChange) => void;
  /** What has to be waited for before people are named. */
  learn: (userIds: string[]) => Promise<void> | undefined;
}

const pageRows = 200;

const listNamed = ({ sender_id, forwarded, pinned_by }: Message): string[] =>
  [sender_id, forwarded?.sender_id, pinned_by].filter((id) => id !== undefined);

export class Tail {
  readonly #options: TailOptions;
  /** What is held back until everything before it is printed. */
  readonly #held: TailChange[] = [];
  #isWorking = false;
  #lastSeq = 0;
  /** Of rows of the history that had been changed: the last change that they tell already. */
  readonly #told = new Map<number, number>();
  #fail: (error: unknown) => void = () => undefined;
  #isStarted = false;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Prints until the session or the membership ends. @throws MessengerError with the reason */
  async run(): Promise<never> {
    const { messenger, chatId } = this.#options;
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    failed.catch(() => undefined);
    const endings = [
      messenger.on('message', ({ message }) => this.#take({ type: 'message', message })),
      messenger.on('message_changed', ({ message }) => this.#take({ type: 'message_changed', message })),
      messenger.on('session_ended', ({ error }) => this.#fail(error)),
      messenger.on('chat_removed', (event) => {
        if (event.chatId === chatId) this.#fail(new MessengerError('no_chat', { retry: 'never' }));
      }),
    ];
    try {
      await Promise.race([this.#begin(), failed]);
      return await failed;
    } finally {
      for (const end of endings) end();
    }
  }

  async #begin(): Promise<void> {
    const chat = this.#options.messenger.chat(this.#options.chatId);
    await this.#patiently(() => chat.open());
    await this.#printStart();
    this.#isStarted = true;
    this.#pump();
  }

  async #printStart(): Promise<void> {
    const { start, messenger, chatId } = this.#options;
    const chat = messenger.chat(chatId);
    const end = await this.#patiently(() => chat.history({ before: 'end', limit: 1 }));
    const first = 'fromSeq' in start ? start.fromSeq : end.lastSeq - start.newest + 1;
    this.#lastSeq = Math.max(first, end.firstSeq, 1) - 1;
    await this.#printHistory(end.lastSeq);
  }

  /** Prints from the history what comes after `#lastSeq`, at least up to `toSeq`. */
  async #printHistory(toSeq: number): Promise<void> {
    const chat = this.#options.messenger.chat(this.#options.chatId);
    while (this.#lastSeq < toSeq) {
      const after = this.#lastSeq;
      const { rows } = await this.#patiently(() => chat.history({ after, limit: pageRows }));
      if (rows.length === 0) return;
      await this.#options.learn(rows.flatMap(listNamed));
      for (const message of rows) {
        if (message.changed_version !== undefined) this.#told.set(message.seq, message.changed_version);
        if (message.seq > this.#lastSeq) this.#print({ type: 'message', message });
      }
    }
  }

  /** Over breaks of the connection, again and again: a tail waits. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof MessengerError) || error.retry !== 'same' || error.code === 'stopped') throw error;
        await this.#options.messenger.ready();
        await new Promise((resolve) => setTimeout(resolve, error.afterMs ?? 200));
      }
    }
  }

  #take(change: TailChange): void {
    if (change.message.chat_id !== this.#options.chatId) return;
    this.#held.push(change);
    if (this.#isStarted) this.#pump();
  }

  #pump(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work().catch((error: unknown) => this.#fail(error));
  }

  /** Whatever comes while it waits is taken by the same loop. */
  async #work(): Promise<void> {
    try {
      for (let change = this.#held.shift(); change !== undefined; change = this.#held.shift()) await this.#pass(change);
    } finally {
      this.#isWorking = false;
    }
  }

  async #pass(change: TailChange): Promise<void> {
    const { message, type } = change;
    if (type === 'message') {
      if (message.seq > this.#lastSeq + 1) await this.#printHistory(message.seq - 1);
      if (message.seq <= this.#lastSeq) return;
    } else if (message.seq > this.#lastSeq || this.#isTold(message)) return;
    await this.#options.learn(listNamed(message));
    this.#print(change);
  }

  #isTold({ seq, changed_version: version = 0 }: Message): boolean {
    if (version <= (this.#told.get(seq) ?? 0)) return true;
    // Events come by version: what follows a newer one than all of these is new for every message.
    if (version > Math.max(0, ...this.#told.values())) this.#told.clear();
    return false;
  }

  #print(change: TailChange): void {
    if (change.type === 'message') this.#lastSeq = change.message.seq;
    this.#options.print(change);
  }
}
