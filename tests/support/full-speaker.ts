import { randomUUID } from 'node:crypto';
import {
  fullServerFrames,
  type FullClientInput,
  type FullClientType,
  type FullServerFrame,
  type FullServerType,
} from '../../src/protocol/full.ts';
import { subprotocol } from '../../src/protocol/version.ts';
import type { Actor } from './cast.ts';
import { TestSocket } from './socket.ts';

type Said<T extends FullServerType> = FullServerFrame<T>;

/** A socket that speaks the full protocol. Everything it is told has the form that the contract promises. */
export class FullSpeaker implements AsyncDisposable {
  readonly socket: TestSocket;
  readonly #read: Said<FullServerType>[] = [];
  #asked = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  static async open({ wsUrl }: { wsUrl: string }, headers: Record<string, string> = {}): Promise<FullSpeaker> {
    return new FullSpeaker(await TestSocket.open(`${wsUrl}/ws`, headers, [subprotocol]));
  }

  /** Logged in by the handshake; its `ready` was read. */
  static async logIn(place: { wsUrl: string }, { authorization }: Actor): Promise<FullSpeaker & { resume: string }> {
    const speaker = await FullSpeaker.open(place, authorization);
    const [ready] = await speaker.hear('ready');
    return Object.assign(speaker, { resume: ready!.resume });
  }

  /** All frames that came, in order. */
  get frames(): readonly Said<FullServerType>[] {
    for (const text of this.socket.received.slice(this.#read.length)) {
      const frame = JSON.parse(text) as { type: FullServerType };
      this.#read.push(fullServerFrames[frame.type].parse(frame));
    }
    return this.#read;
  }

  all<T extends FullServerType>(type: T): Said<T>[] {
    return this.frames.filter((frame): frame is Said<T> => frame.type === type);
  }

  /** Waits until so many frames of a type have come in all. */
  async hear<T extends FullServerType>(type: T, count = 1): Promise<Said<T>[]> {
    await this.socket.until(`${count} ${type}`, () => this.all(type).length >= count);
    return this.all(type);
  }

  /** Waits for a frame of a type that fits, and answers the last such one. */
  async hearOne<T extends FullServerType>(type: T, fits: (frame: Said<T>) => boolean = () => true): Promise<Said<T>> {
    const find = () => this.all(type).findLast(fits);
    await this.socket.until(`a fitting ${type}`, () => find() !== undefined);
    return find()!;
  }

  /** Sends a frame and waits for its answer, whatever else comes before. */
  async ask<T extends FullClientType>(type: T, fields: Omit<FullClientInput<T>, 'type' | 'ref'>) {
    return this.askRaw({ type, ...fields });
  }

  async askRaw(frame: object): Promise<Record<string, unknown> & { type: string }> {
    const ref = ++this.#asked;
    this.socket.send({ ...frame, ref });
    const find = () => this.frames.find((said) => 'ref' in said && said.ref === ref);
    await this.socket.until('an answer', () => find() !== undefined || this.socket.closeCode !== undefined);
    const answer = find();
    if (!answer) throw new Error(`closed with ${this.socket.closeCode}`);
    return answer;
  }

  say(chatId: string, text: string, more: object = {}) {
    return this.askRaw({ type: 'send', chat_id: chatId, client_id: randomUUID(), text, ...more });
  }

  /** Lets go of the frames so far. */
  forget(): void {
    this.socket.received.length = this.#read.length = 0;
  }

  close(): Promise<void> {
    return this.socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
