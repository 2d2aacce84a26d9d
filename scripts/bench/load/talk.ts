import type { Socket } from 'node:net';
import { forEachNumber, openSocket } from './frames.ts';
import { speeches, type Speech } from './speech.ts';

/** People in chats of equal size: person n is in chat n / members. The first `senders` of each chat send. */
export interface TalkInput {
  speech: keyof typeof speeches;
  port: number;
  chats: number;
  members: number;
  senders: number;
  /** How many messages of a sender may be without an ack. */
  window: number;
}

export interface Talked {
  acks: number;
  deliveries: number;
  /** From the first send to the last delivery. */
  ms: number;
}

/** Shorter frames are acks, longer ones messages: in both speeches. */
const maxAckBytes = 160;
const patienceMs = 30_000;

interface Talker {
  socket: Socket;
  next: (() => Buffer) | undefined;
}

/** A crowd that talks for as long as it is told, each sender with a window of messages under way. */
export class Talk {
  readonly #input: TalkInput;
  readonly #speech: Speech;
  readonly #talkers: Talker[] = [];
  #loggedIn = 0;
  #acks = 0;
  #deliveries = 0;
  #sent = 0;
  #talking = false;
  #wake: () => void = () => undefined;

  constructor(input: TalkInput) {
    this.#input = input;
    this.#speech = speeches[input.speech];
  }

  async open(): Promise<void> {
    const { chats, members } = this.#input;
    await forEachNumber(chats * members, 20, async (person) => {
      this.#talkers[person] = await this.#connect(person);
    });
    await this.#until(
      () => this.#loggedIn === chats * members,
      () => `${this.#loggedIn} of ${chats * members} are logged in`,
    );
  }

  async #connect(person: number): Promise<Talker> {
    const { port, members, senders } = this.#input;
    const sends = person % members < senders;
    const next = sends ? this.#speech.createMessages(person, Math.floor(person / members)) : undefined;
    let frames = 0;
    let acked = 0;
    const opened: { socket?: Socket } = {};
    const onFrame = (bytes: number): void => {
      frames++;
      if (bytes === 1 && this.#speech.heartbeat) opened.socket?.write(this.#speech.heartbeat);
      else if (frames === this.#speech.framesOfLogin) this.#loggedIn++;
      else if (frames < this.#speech.framesOfLogin) return;
      else if (bytes < maxAckBytes) acked++;
      else this.#deliveries++;
    };
    const onChunk = (): void => {
      if (acked > 0) {
        this.#acks += acked;
        if (this.#talking && opened.socket) this.#send({ socket: opened.socket, next }, acked);
        acked = 0;
      }
      this.#wake();
    };
    const socket = await openSocket(this.#speech.handshake(port, person), { onFrame, onChunk });
    opened.socket = socket;
    const greeting = this.#speech.greeting(person);
    if (greeting) socket.write(greeting);
    return { socket, next };
  }

  #send({ socket, next }: Talker, count: number): void {
    if (!next) return;
    this.#sent += count;
    socket.write(count === 1 ? next() : Buffer.concat(Array.from({ length: count }, next)));
  }

  async talk(ms: number): Promise<Talked> {
    this.#acks = this.#deliveries = this.#sent = 0;
    const startedAt = performance.now();
    this.#talking = true;
    for (const talker of this.#talkers) this.#send(talker, this.#input.window);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#talking = false;
    const others = this.#input.members - 1;
    await this.#until(
      () => this.#acks === this.#sent && this.#deliveries === this.#sent * others,
      () =>
        `${this.#sent} messages are acked (${this.#acks}) and delivered (${this.#deliveries} of ${this.#sent * others})`,
    );
    return { acks: this.#acks, deliveries: this.#deliveries, ms: performance.now() - startedAt };
  }

  /** Waits for a condition, which is looked at whenever something came. */
  async #until(condition: () => boolean, toState: () => string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`${this.#input.speech} waited too long: ${toState()}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
    this.#wake = () => undefined;
  }
}
