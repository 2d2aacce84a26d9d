import { once } from 'node:events';
import { WebSocket } from 'ws';

/** How long a test waits for something that must happen. */
const patienceMs = 40_000;

export type Frame = Record<string, unknown> & { type?: string; detail?: Record<string, unknown> | null };

/** A client's socket: what came is kept in order until a test asks for it. */
export class TestSocket {
  readonly ws: WebSocket;
  /** Everything that came, as text. */
  readonly received: string[] = [];
  closeCode: number | undefined;
  #read = 0;
  #wake: (() => void)[] = [];

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => {
      this.received.push((data as Buffer).toString());
      this.#notify();
    });
    ws.on('close', (code) => {
      this.closeCode = code;
      this.#notify();
    });
    ws.on('error', () => undefined);
  }

  static async open(url: string, headers: Record<string, string> = {}, protocols: string[] = []): Promise<TestSocket> {
    const ws = new WebSocket(url, protocols, { headers });
    const socket = new TestSocket(ws);
    await once(ws, 'open');
    return socket;
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Waits until `condition` holds, looking again at each frame and at the close. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!condition()) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0)
        throw new Error(`${what} did not happen in ${patienceMs} ms; received: ${this.received.slice(-5).join('\n')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The next frame that nobody asked for yet. */
  async next(): Promise<Frame> {
    await this.until('another frame', () => this.received.length > this.#read || this.closeCode !== undefined);
    const text = this.received[this.#read++];
    if (text === undefined) throw new Error(`the socket was closed with ${this.closeCode} instead of a frame`);
    return JSON.parse(text) as Frame;
  }

  /** Sends a frame and waits for the next one. */
  ask(frame: unknown): Promise<Frame> {
    this.send(frame);
    return this.next();
  }

  /** Frames that came and nobody asked for. */
  get unread(): string[] {
    return this.received.slice(this.#read);
  }

  /**
   * Proves that nothing else is on its way: asks something harmless, whose answer leaves after everything the server had
   * for this socket before, and sees that only that answer comes.
   */
  async expectNothingElse(): Promise<void> {
    const answer = await this.ask({ 'nothing else': true });
    if (answer.type !== 'error') throw new Error(`unexpected frame: ${JSON.stringify(answer)}`);
  }

  async closed(): Promise<number> {
    await this.until('the close', () => this.closeCode !== undefined);
    return this.closeCode!;
  }

  async close(): Promise<void> {
    if (this.closeCode !== undefined) return;
    this.ws.close();
    await this.closed();
  }
}
