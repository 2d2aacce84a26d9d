import type { connect, ChatView, Messenger, MessengerError, Storage } from '../../src/client/index.ts';
import type { Actor } from '../support/cast.ts';
import { checkFrames } from '../support/check-frames.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { createGatedSockets, Gate } from './gate.ts';
import type { Intents } from './intents.ts';
import { chatsIn, type Journal } from './journal.ts';
import { Observer } from './observer.ts';
import type { Random } from './random.ts';

export type Connect = typeof connect;

export interface PhoneOptions {
  name: string;
  person: Actor;
  /** Of the node it talks to, `http://…`. */
  url: () => string;
  random: Random;
  journal: Journal;
  intents: Intents;
  /** That of the sources, or of a copy of them with a bug. */
  connect: Connect;
}

/** A storage that stays when its client ends, and can be lost from some moment on, as when a process is killed. */
class PhoneStorage implements Storage {
  readonly values: Map<string, string>;
  isLost = false;

  constructor(values = new Map<string, string>()) {
    this.values = values;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    if (!this.isLost) this.values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    if (!this.isLost) this.values.delete(key);
    return Promise.resolve();
  }
}

/** What goes wrong on bad networks and with bad luck, and is no mistake of anybody's. */
const harmless = new Set(
  'offline connection_lost timeout stopped unavailable draining overloaded depends_missing not_authenticated'.split(
    ' ',
  ),
);
/** What the server may refuse because somebody else was quicker. */
const refused = new Set(
  `no_chat no_message deleted access_denied blocked not_a_group owner_stays no_user conflict
  too_many_reactions too_many_pins too_many_edits too_many_pinned too_many_members`.split(/\s+/),
);

export const outcomeOf = (error: unknown): 'refused' | 'unknown' =>
  refused.has((error as MessengerError).code) ? 'refused' : 'unknown';

/** A client of the SDK on a road of its own, over as many runs as it takes. */
export class Phone implements AsyncDisposable {
  readonly name: string;
  readonly person: Actor;
  readonly random: Random;
  readonly proxy: TcpProxy;
  readonly gate = new Gate();
  readonly breaches: string[] = [];
  readonly #options: PhoneOptions;
  #storage = new PhoneStorage();
  #client!: Messenger;
  #observer!: Observer;
  /** Messages of this phone in the order in which it sent them, by client_id. */
  readonly order: string[] = [];

  private constructor(options: PhoneOptions, proxy: TcpProxy) {
    this.#options = options;
    this.name = options.name;
    this.person = options.person;
    this.random = options.random;
    this.proxy = proxy;
    this.#begin();
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    return new Phone(options, await TcpProxy.to(options.url));
  }

  get client(): Messenger {
    return this.#client;
  }

  get observer(): Observer {
    return this.#observer;
  }

  #begin(): void {
    const { person, random, journal, intents } = this.#options;
    const client = this.#options.connect({
      url: this.proxy.url,
      auth: { identifier: person.email, password: person.password },
      WebSocket: createGatedSockets(this.gate),
      storage: this.#storage,
      random: () => random.next(),
      requestTimeoutMs: 4_000,
      memory: { perChat: 250, total: 2_000 },
      onError: (error) => this.#takeError('meanwhile', error),
    });
    this.#client = client;
    checkFrames(client, (error) => this.#takeError('meanwhile', error));
    this.#observer = new Observer(this.name, client);
    if (journal.hearsFrames)
      this.#observer.onFrame = (direction, text) =>
        journal.note(`${this.name} ${direction} ${text.slice(0, 400)}`, chatsIn(text)[0]);
    client.on('sent', ({ ack }) => {
      const wrong = intents.acknowledge(ack.client_id, ack);
      if (wrong !== undefined) this.breaches.push(`${this.name}: ${wrong}`);
    });
    client.on('failed', ({ pending, error }) => {
      journal.note(`${this.name} failed to send: ${error.code}`, pending.chat_id);
      const intent = intents.sends.get(pending.client_id);
      if (intent) intent.isLost = true;
      this.#takeError(`send`, error);
      client.outbox.drop(pending.client_id);
    });
    client.on('session_ended', ({ error }) => this.breaches.push(`${this.name} lost its session: ${error.code}`));
  }

  #takeError(what: string, error: unknown): void {
    const { code, message, cause } = error as MessengerError;
    if (harmless.has(code) || refused.has(code)) return;
    const more = cause instanceof Error ? (cause.stack ?? cause.message) : '';
    this.breaches.push(`${this.name} ${what}: ${code ?? (error as Error).name}: ${message} ${more}`);
  }

  /** Does something and takes what may go wrong; answers how it ended. */
  async try(what: string, chatId: string | undefined, act: () => unknown): Promise<'done' | 'refused' | 'unknown'> {
    const { journal } = this.#options;
    journal.note(`${this.name} ${what}`, chatId);
    try {
      await act();
      return 'done';
    } catch (error) {
      journal.note(`${this.name} ${what}: ${(error as MessengerError).code}`, chatId);
      this.#takeError(what, error);
      return outcomeOf(error);
    }
  }

  /** Chats it knows. */
  get chats(): readonly ChatView[] {
    return this.#client.store.get('chats');
  }

  /** Ends the client and begins another one with its storage. `crash`: what it wrote from now on is lost. */
  async restart({ crash = false } = {}): Promise<void> {
    const old = this.#storage;
    old.isLost = crash;
    this.breaches.push(...this.#observer.breaches);
    await this.#client.close();
    this.#storage = new PhoneStorage(old.values);
    this.#begin();
  }

  /** All that was found wrong so far. */
  takeBreaches(): string[] {
    return [...this.breaches.splice(0), ...this.#observer.breaches.splice(0)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.proxy[Symbol.asyncDispose]();
  }
}
