import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketLike } from '../../src/client/index.ts';

type Frame = Record<string, unknown>;
type Matches = (frame: Frame) => boolean;

interface Rule {
  matches: Matches;
  /** Answers whether the frame is taken out of the stream. */
  take: (deliver: () => void) => boolean;
}

export interface HeldFrame {
  /** Resolves when there is such a frame. */
  caught: Promise<void>;
  /** Lets the frame through, after all that came meanwhile. */
  release(): void;
}

/** What one frame of the server's meets on its way to a client: it is lost or late while others get through. */
export class Gate {
  #rules: Rule[] = [];

  #add(matches: Matches, act: (deliver: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const rule: Rule = {
        matches,
        take: (deliver) => {
          this.#rules = this.#rules.filter((one) => one !== rule);
          act(deliver);
          resolve();
          return true;
        },
      };
      this.#rules.push(rule);
    });
  }

  /** The next such frame is lost; resolves when it is. */
  lose(matches: Matches): Promise<void> {
    return this.#add(matches, () => undefined);
  }

  /** The next such frame waits until it is let through. */
  hold(matches: Matches): HeldFrame {
    let deliver = (): void => undefined;
    const caught = this.#add(matches, (late) => void (deliver = late));
    return { caught, release: () => deliver() };
  }

  pass(text: string, deliver: () => void): void {
    const frame = this.#rules.length > 0 ? (JSON.parse(text) as Frame) : {};
    if (!this.#rules.find((rule) => rule.matches(frame))?.take(deliver)) deliver();
  }
}

/** Sockets whose frames go through a gate. */
export function createGatedSockets(gate: Gate): WebSocketConstructor {
  return class implements WebSocketLike {
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onclose: WebSocketLike['onclose'] = null;
    onerror: WebSocketLike['onerror'] = null;
    readonly #ws: WebSocket;

    constructor(url: string, protocols: string[]) {
      this.#ws = new WebSocket(url, protocols);
      this.#ws.on('open', () => this.onopen?.({} as never));
      this.#ws.on('message', (data) => this.#hear((data as Buffer).toString()));
      this.#ws.on('close', (code, reason) => this.onclose?.({ code, reason: reason.toString() } as unknown as never));
      this.#ws.on('error', () => this.onerror?.({} as never));
    }

    #hear(data: string): void {
      gate.pass(data, () => this.onmessage?.({ data } as unknown as never));
    }

    send(text: string): void {
      this.#ws.send(text);
    }

    close(code?: number, reason?: string): void {
      this.#ws.close(code, reason);
    }

    terminate(): void {
      this.#ws.terminate();
    }
  };
}
