import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { subprotocol } from '../../../src/protocol/version.ts';
import { quantile } from '../support/result.ts';
import { idOf } from '../support/world.ts';
import { forEachNumber, openSocket, toClientFrame } from './frames.ts';
import { tokenOf } from './full-client.ts';

/** Chats in a row from `firstChat`, of `members` people each from `firstPerson` on: the first of each sends, the others hear. */
export interface LiveInput {
  port: number;
  firstPerson: number;
  firstChat: number;
  chats: number;
  members: number;
}

export interface Heard {
  /** Deliveries, and how long each took from the send. */
  deliveries: number;
  p50Ms: number;
  p99Ms: number;
}

interface LiveChat {
  id: string;
  sender: Socket;
  sentAt: number[];
}

/** No message is shorter, and no ack as long. */
const minMessageBytes = 300;
const text = 'How are you? It has been a while since we last talked.';
const tickMs = 2;
const patienceMs = 30_000;

/** Sockets of the full dialect that talk at a fixed rate, whatever becomes of it; what is measured is when others hear it. */
export class Live {
  readonly #input: LiveInput;
  readonly #chats: LiveChat[] = [];
  #paused: Socket[] = [];
  #sent = 0;
  #heardMs: number[] = [];

  constructor(input: LiveInput) {
    this.#input = input;
  }

  async open(): Promise<void> {
    const { firstPerson, firstChat, chats, members } = this.#input;
    await forEachNumber(chats, 4, async (n) => {
      const person = firstPerson + n * members;
      const sender = await this.#connect(person, () => undefined);
      const chat: LiveChat = { id: idOf('chat', firstChat + n), sender, sentAt: [] };
      this.#chats.push(chat);
      await forEachNumber(members - 1, 20, async (other) => {
        let heard = 0;
        await this.#connect(person + 1 + other, (bytes) => {
          if (bytes >= minMessageBytes) this.#heardMs.push(performance.now() - chat.sentAt[heard++]!);
        });
      });
    });
  }

  /** A socket that is logged in: its first frame is the greeting. */
  async #connect(person: number, onFrame: (bytes: number) => void): Promise<Socket> {
    let greeted: () => void = () => undefined;
    const greeting = new Promise<void>((resolve) => (greeted = resolve));
    let isGreeted = false;
    const hear = (bytes: number): void => {
      if (isGreeted) return onFrame(bytes);
      isGreeted = true;
      greeted();
    };
    const handshake = { port: this.#input.port, path: '/ws', token: tokenOf(person), subprotocol };
    const socket = await openSocket(handshake, { onFrame: hear });
    await greeting;
    return socket;
  }

  /** Sends so many a second, in the chats by turns, and waits until everybody has heard everything. */
  async run({ ms, perSecond }: { ms: number; perSecond: number }): Promise<Heard> {
    this.#heardMs = [];
    this.#sent = 0;
    const startedAt = performance.now();
    for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
      while (this.#sent < (elapsed * perSecond) / 1_000) this.#send();
      await sleep(tickMs);
    }
    await this.#untilHeard(performance.now() + patienceMs);
    return {
      deliveries: this.#heardMs.length,
      p50Ms: quantile(this.#heardMs, 0.5),
      p99Ms: quantile(this.#heardMs, 0.99),
    };
  }

  #send(): void {
    const { id, sender, sentAt } = this.#chats[this.#sent++ % this.#chats.length]!;
    sentAt.push(performance.now());
    sender.write(toClientFrame(JSON.stringify({ type: 'send', chat_id: id, client_id: randomUUID(), text })));
  }

  async #untilHeard(deadline: number): Promise<void> {
    const expected = this.#sent * (this.#input.members - 1);
    while (this.#heardMs.length < expected) {
      if (performance.now() > deadline) throw new Error(`${this.#heardMs.length} of ${expected} were heard`);
      await sleep(tickMs);
    }
  }

  /** Sockets of so many people from `person` on that are logged in and read nothing from then on. */
  async pause({ person, count }: { person: number; count: number }): Promise<void> {
    await forEachNumber(count, 20, async (n) => {
      const socket = await this.#connect(person + n, () => undefined);
      socket.pause();
      this.#paused.push(socket);
    });
  }

  /** So many long messages into a chat by the first sender, as fast as they are taken. */
  async fill({ chat, messages, text: long }: { chat: number; messages: number; text: string }): Promise<void> {
    const { sender } = this.#chats[0]!;
    for (let n = 0; n < messages; n++) {
      const frame = { type: 'send', chat_id: idOf('chat', chat), client_id: randomUUID(), text: long };
      if (!sender.write(toClientFrame(JSON.stringify(frame)))) await once(sender, 'drain');
    }
  }

  /** Those that read nothing go. */
  async dropPaused(): Promise<void> {
    for (const socket of this.#paused) socket.destroy();
    this.#paused = [];
    await sleep(200);
  }
}
