import type { FullServerFrame, FullServerType } from '../../src/protocol/full.ts';
import { subprotocol } from '../../src/protocol/version.ts';
import type { Actor } from './cast.ts';
import { TestSocket } from './socket.ts';

type Said<T extends FullServerType> = FullServerFrame<T> & { ref?: number };

/** A device that speaks messenger.v1: it tells answers from what it is told unasked, and keeps all of it. */
export class FullDevice implements AsyncDisposable {
  readonly socket: TestSocket;
  #asked = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  static async open({ wsUrl }: { wsUrl: string }, { authorization }: Actor): Promise<FullDevice> {
    const device = new FullDevice(await TestSocket.open(`${wsUrl}/ws`, authorization, [subprotocol]));
    await device.socket.until('the greeting', () => device.listHeard('ready').length > 0);
    return device;
  }

  /** All frames so far, in order. */
  get frames(): Record<string, unknown>[] {
    return this.socket.received.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  /** The frames of a type so far, in order. */
  listHeard<T extends FullServerType>(type: T): Said<T>[] {
    return this.frames.filter((frame) => frame['type'] === type) as unknown as Said<T>[];
  }

  /** Says something and waits for the answer. */
  async ask(frame: Record<string, unknown>): Promise<Record<string, unknown>> {
    const ref = ++this.#asked;
    this.socket.send({ ...frame, ref });
    const find = () => this.frames.find((answer) => answer['ref'] === ref);
    await this.socket.until(`the answer to ${JSON.stringify(frame)}`, () => find() !== undefined);
    return find()!;
  }

  /** Waits for a frame of a type that fits, and answers the last such one. */
  async hear<T extends FullServerType>(type: T, fits: (frame: Said<T>) => boolean = () => true): Promise<Said<T>> {
    const find = () => this.listHeard(type).findLast(fits);
    await this.socket.until(`a frame ${type}`, () => find() !== undefined);
    return find()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket.close();
  }
}
