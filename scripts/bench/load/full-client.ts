import type { Socket } from 'node:net';
import type { FullClientInput, FullClientType, FullServerFrame } from '../../../src/protocol/full.ts';
import { subprotocol } from '../../../src/protocol/version.ts';
import { createTokenOf } from '../support/world.ts';
import { openSocket, toClientFrame } from './frames.ts';

type Answer = FullServerFrame & { ref?: number };

interface Waiter {
  resolve(answer: FullServerFrame): void;
  reject(error: Error): void;
}

export const tokenOf = createTokenOf();

/** A client of the full protocol that only asks: it takes each answer apart, as every client must, and keeps nothing. */
export class FullClient {
  readonly #waiting = new Map<number, Waiter>();
  #socket: Socket | undefined;
  #last = 0;
  /** Frames that came, the answer to the login among them. */
  frames = 0;

  /** Opens a socket and logs in by a frame, as browsers have to. Answers what the server greets with. */
  async open({ port, token }: { port: number; token: string }): Promise<FullServerFrame<'ready'>> {
    this.#socket = await openSocket(
      { port, path: '/ws', subprotocol },
      { onText: (text) => this.#hear(text), onClose: (code) => this.#end(new Error(`the server closed: ${code}`)) },
    );
    return (await this.ask('login', { token })) as FullServerFrame<'ready'>;
  }

  #hear(text: string): void {
    this.frames++;
    const { ref, ...frame } = JSON.parse(text) as Answer;
    const waiter = ref === undefined ? undefined : this.#waiting.get(ref);
    if (ref === undefined || !waiter) return;
    this.#waiting.delete(ref);
    if (frame.type === 'error') waiter.reject(new Error(`${frame.code}: ${frame.message}`));
    else waiter.resolve(frame);
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  ask<T extends FullClientType>(type: T, fields: Omit<FullClientInput<T>, 'type' | 'ref'>): Promise<FullServerFrame> {
    const ref = ++this.#last;
    const answer = new Promise<FullServerFrame>((resolve, reject) => this.#waiting.set(ref, { resolve, reject }));
    this.#socket!.write(toClientFrame(JSON.stringify({ type, ref, ...fields })));
    return answer;
  }

  /** Goes without a word, as a phone does that lost its network. */
  drop(): void {
    this.#waiting.clear();
    this.#socket?.destroy();
  }
}
