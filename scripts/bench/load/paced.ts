import type { Socket } from 'node:net';
import { quantile } from '../support/result.ts';
import { forEachNumber, openSocket } from './frames.ts';
import { speeches } from './speech.ts';

export interface PacedInput {
  ms: number;
  sendsPerSecond: number;
  loginsPerSecond: number;
}

export interface Paced {
  sends: number;
  logins: number;
  p50Ms: number;
  p99Ms: number;
}

interface Sender {
  socket: Socket;
  next: () => Buffer;
  sentAt: number[];
}

const tickMs = 2;

/** People who send at a fixed rate, whatever the answers do, and others who log in meanwhile. */
export class PacedLoad {
  readonly #senders: Sender[] = [];
  #acks: number[] = [];
  #port = 0;

  /** Person n sends into chat n. */
  async open({ port, people }: { port: number; people: number }): Promise<void> {
    this.#port = port;
    const { handshake, createMessages } = speeches.plain;
    await forEachNumber(people, 20, async (person) => {
      const sentAt: number[] = [];
      let isLoggedIn = false;
      const onFrame = (): void => {
        const at = sentAt.shift();
        if (isLoggedIn && at !== undefined) this.#acks.push(performance.now() - at);
        isLoggedIn = true;
      };
      const socket = await openSocket(handshake(port, person), { onFrame });
      this.#senders.push({ socket, next: createMessages(person, person), sentAt });
    });
  }

  async run({ ms, sendsPerSecond, loginsPerSecond }: PacedInput): Promise<Paced> {
    this.#acks = [];
    const logins: Promise<void>[] = [];
    let sends = 0;
    const startedAt = performance.now();
    for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
      for (; sends < (elapsed * sendsPerSecond) / 1_000; sends++) this.#send(sends);
      while (logins.length < (elapsed * loginsPerSecond) / 1_000) logins.push(this.#logIn(logins.length));
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    while (this.#acks.length < sends) await new Promise((resolve) => setTimeout(resolve, tickMs));
    const [p50Ms, p99Ms] = [quantile(this.#acks, 0.5), quantile(this.#acks, 0.99)];
    await Promise.all(logins);
    return { sends, logins: logins.length, p50Ms, p99Ms };
  }

  #send(turn: number): void {
    const { socket, next, sentAt } = this.#senders[turn % this.#senders.length]!;
    sentAt.push(performance.now());
    socket.write(next());
  }

  async #logIn(turn: number): Promise<void> {
    const email = `person${turn % this.#senders.length}@example.com`;
    const response = await fetch(`http://127.0.0.1:${this.#port}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'the password of everybody' }),
    });
    const body = await response.text();
    if (!response.ok) throw new Error(`no login: ${response.status} ${body}`);
  }
}
