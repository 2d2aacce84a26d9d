import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { LiveMessage, Person, Reply, SocketTrace, Trace } from './trace.ts';

interface Pending {
  frame: string;
  settle: (reply: Reply) => void;
}

/**
 * A client as it should be: it keeps what it sends until it is acknowledged, comes back after every break, and sends the
 * same again with the same client_id. It knows the wire and nothing of the server's code.
 */
export class Device {
  readonly name: string;
  readonly person: Person;
  /** Everything heard, over all sockets. */
  readonly heard = new Map<string, LiveMessage>();
  /** Called at once for each message heard. */
  onHeard: ((message: LiveMessage) => void) | undefined;
  /** The node of its last connection. */
  at = '';
  readonly #acked = new Set<string>();
  readonly #url: () => string;
  readonly #trace: Trace;
  readonly #outbox = new Map<string, Pending>();
  #ws: WebSocket | undefined;
  #now: SocketTrace | undefined;
  #stopped = false;
  readonly #running: Promise<void>;

  constructor({ name, person, url, trace }: { name: string; person: Person; url: () => string; trace: Trace }) {
    this.name = name;
    this.person = person;
    this.#url = url;
    this.#trace = trace;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#connect().catch(() => undefined);
      if (!this.#stopped) await sleep(20 + Math.random() * 60);
    }
  }

  async #connect(): Promise<void> {
    this.at = this.#url();
    const ws = new WebSocket(`${this.at}/ws`, {
      headers: { authorization: `Bearer ${this.person.token}` },
      handshakeTimeout: 5_000,
    });
    ws.on('error', () => undefined);
    this.#ws = ws;
    ws.on('message', (data) => this.#take(JSON.parse((data as Buffer).toString()) as Record<string, unknown>));
    await once(ws, 'close');
    if (this.#now) this.#now.open = false;
    this.#now = undefined;
  }

  /** Logged in now. */
  get isReady(): boolean {
    return this.#now !== undefined;
  }

  get unacknowledged(): number {
    return this.#outbox.size;
  }

  /** Whether it has heard of a message or sent it itself. */
  knows(messageId: string): boolean {
    return this.heard.has(messageId) || this.#acked.has(messageId);
  }

  #take(frame: Record<string, unknown>): void {
    const detail = (frame['detail'] ?? {}) as Record<string, unknown>;
    if (frame['type'] === 'auth_success') this.#begin();
    else if (!this.#now) this.#trace.surprises.push(`before the login: ${JSON.stringify(frame)}`);
    else if (frame['type'] === 'message_seen') this.#now.seen.push(String(detail['id']));
    else if (frame['type'] === 'error') this.#takeError(this.#now, detail);
    else if ('client_id' in frame) this.#takeAck(this.#now, frame);
    else if ('sender_id' in frame) this.#hear(this.#now, frame);
    else if (!('user_group' in frame)) this.#trace.surprises.push(JSON.stringify(frame));
  }

  #begin(): void {
    this.#now = { device: this.name, userId: this.person.id, sent: [], replies: [], live: [], seen: [], open: true };
    this.#trace.sockets.push(this.#now);
    for (const clientId of this.#outbox.keys()) this.#write(clientId);
  }

  #takeAck(now: SocketTrace, frame: Record<string, unknown>): void {
    const reply = { clientId: String(frame['client_id']), id: String(frame['id']), seq: Number(frame['seq']) };
    now.replies.push(reply);
    this.#acked.add(reply.id);
    const pending = this.#outbox.get(reply.clientId);
    this.#outbox.delete(reply.clientId);
    pending?.settle(reply);
  }

  #takeError(now: SocketTrace, detail: Record<string, unknown>): void {
    const { client_id: clientId, code, retry } = detail;
    if (typeof clientId !== 'string') {
      // A mark that met a break: the next mark says the same.
      if (retry !== 'same') this.#trace.surprises.push(JSON.stringify(detail));
      return;
    }
    now.replies.push({ clientId, code: String(code) });
    const pending = this.#outbox.get(clientId);
    if (retry === 'same') {
      void sleep(50).then(() => this.#write(clientId));
      return;
    }
    this.#outbox.delete(clientId);
    pending?.settle({ clientId, code: String(code) });
  }

  #hear(now: SocketTrace, frame: Record<string, unknown>): void {
    const { chat_id: chatId, sender_id: senderId, id, text, seq } = frame as Record<string, string> & { seq: number };
    const message = { chatId: chatId!, senderId: senderId!, id: id!, text: text!, seq };
    now.live.push(message);
    this.heard.set(message.id, message);
    this.onHeard?.(message);
  }

  #write(clientId: string): void {
    const pending = this.#outbox.get(clientId);
    if (!pending || !this.#now || this.#ws?.readyState !== WebSocket.OPEN) return;
    this.#now.sent.push(clientId);
    this.#ws.send(pending.frame);
  }

  /** Sends a message until it is acknowledged or refused for good. */
  send(chatId: string, text: string, clientId: string = randomUUID()): Promise<Reply> {
    const sender_id = this.person.id;
    this.#trace.intents.set(clientId, { senderId: sender_id, chatId, clientId, text });
    const timestamp = new Date().toISOString();
    const frame = JSON.stringify({ client_id: clientId, sender_id, chat_id: chatId, timestamp, text });
    return new Promise((settle) => {
      this.#outbox.set(clientId, { frame, settle });
      this.#write(clientId);
    });
  }

  /** Sends once more what was acknowledged before, as a client that forgot that it was. */
  repeat(clientId: string): Promise<Reply> {
    const { chatId, text } = this.#trace.intents.get(clientId)!;
    return this.send(chatId, text, clientId);
  }

  /** Marks as read; says nothing back. */
  mark(messageId: string): void {
    if (this.isReady && this.#ws?.readyState === WebSocket.OPEN)
      this.#ws.send(JSON.stringify({ message_id: messageId }));
  }

  /** Breaks the connection off, as a network does. */
  drop(): void {
    this.#ws?.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const open = this.#now;
    this.#ws?.terminate();
    await this.#running;
    // The run has ended, and this socket stood until then.
    if (open) open.open = true;
  }
}
