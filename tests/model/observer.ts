import type { Messenger, MessengerEvents } from '../../src/client/index.ts';
import { WatermarkBounds } from './watermark.ts';

type Message = MessengerEvents['message']['message'];

/**
 * Looks at one run of one client from outside: that each message of an open chat is told once and in order, that a chat's
 * version never goes back, and that the client never claims to know more than it was told.
 */
export class Observer {
  /** What should not have been, as sentences. */
  readonly breaches: string[] = [];
  readonly #name: string;
  readonly #client: Messenger;
  readonly #bounds = new WatermarkBounds();
  /** The newest message told, by chat. */
  readonly #lastSeqs = new Map<string, number>();
  /** Open chats, with the message after which each one must be told. */
  readonly #openSince = new Map<string, number>();
  readonly #versions = new Map<string, number>();
  /** A page that was read before what is known already sends a client back to there, and it reads on from it. */
  readonly #mayGoBack = new Set<string>();
  /** Told of every event, for the journal. */
  onFrame: ((direction: 'in' | 'out', text: string) => void) | undefined;
  frames = 0;

  constructor(name: string, client: Messenger) {
    this.#name = name;
    this.#client = client;
    client.on('message', ({ message }) => this.#takeMessage(message));
    client.on('frame', ({ direction, text }) => {
      this.frames++;
      this.onFrame?.(direction, text);
      if (direction === 'in') this.#takeFrame(JSON.parse(text) as Record<string, unknown>);
    });
    client.on('chat_removed', ({ chatId }) => this.#forget(chatId));
    client.on('chat_added', ({ chatId }) => this.#forgetMessages(chatId));
  }

  #breach(sentence: string): void {
    if (this.breaches.length < 20) this.breaches.push(`${this.#name} ${sentence}`);
  }

  #takeMessage({ chat_id: chatId, seq }: Message): void {
    const last = this.#lastSeqs.get(chatId);
    if (last !== undefined && seq <= last) this.#breach(`was told message ${seq} after ${last} of ${chatId}`);
    const since = this.#openSince.get(chatId);
    if (since !== undefined) {
      const expected = Math.max(since, last ?? 0) + 1;
      if (seq > expected) this.#breach(`was told message ${seq} where ${expected} was due of ${chatId}`);
    }
    this.#lastSeqs.set(chatId, Math.max(seq, last ?? 0));
  }

  #takeFrame(frame: Record<string, unknown>): void {
    const chats = chatsOf(frame);
    if (frame['type'] === 'history') this.#mayGoBack.add(frame['chat_id'] as string);
    for (const chatId of chats) this.#look(chatId);
    this.#bounds.take(frame);
    for (const chatId of chats) if (this.#bounds.find(chatId) !== undefined) queueMicrotask(() => this.#look(chatId));
  }

  /** The client is at most where the frames have brought it, and never behind where it was. */
  #look(chatId: string): void {
    const version = this.#client.store.get(`chat:${chatId}`)?.version;
    if (version === undefined) return;
    const bound = this.#bounds.find(chatId);
    if (bound === undefined) this.#bounds.begin(chatId, version);
    else if (version > bound) {
      this.#breach(`says that it has version ${version} of ${chatId} and was told all up to ${bound} only`);
      this.#bounds.begin(chatId, version);
    }
    const before = this.#versions.get(chatId) ?? 0;
    if (version < before && !this.#mayGoBack.delete(chatId))
      this.#breach(`went back from version ${before} to ${version} of ${chatId}`);
    this.#versions.set(chatId, version);
  }

  /** The chat was opened: every message after those it holds now is told. */
  opened(chatId: string): void {
    const { view, messages } = this.#client.chat(chatId);
    // Who joined later may see none of those that there are.
    const last = messages.rows.at(-1)?.seq ?? view?.own.last_seq ?? 0;
    this.#openSince.set(chatId, Math.max(last, this.#lastSeqs.get(chatId) ?? 0));
  }

  closed(chatId: string): void {
    this.#openSince.delete(chatId);
  }

  #forgetMessages(chatId: string): void {
    this.#openSince.delete(chatId);
    this.#lastSeqs.delete(chatId);
  }

  #forget(chatId: string): void {
    this.#forgetMessages(chatId);
    this.#versions.delete(chatId);
    this.#bounds.forget(chatId);
  }

  /** Open chats that were not told everything up to `lastSeqOf`. */
  listBehind(lastSeqOf: (chatId: string) => number | undefined): string[] {
    const behind: string[] = [];
    for (const [chatId, since] of this.#openSince) {
      const last = Math.max(since, this.#lastSeqs.get(chatId) ?? 0);
      const due = lastSeqOf(chatId);
      if (due !== undefined && last !== due)
        behind.push(`${this.#name} was told the messages of ${chatId} up to ${last}, and there are ${due}`);
    }
    return behind;
  }
}

function chatsOf(frame: Record<string, unknown>): string[] {
  if (typeof frame['chat_id'] === 'string') return [frame['chat_id']];
  if (frame['type'] === 'chats') return (frame['rows'] as { id: string }[]).map(({ id }) => id);
  if (frame['type'] === 'chat') return [(frame['chat'] as { id: string }).id];
  return [];
}
