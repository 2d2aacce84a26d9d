/**
 * What the SDK needs of the place where it runs, said by shape: browsers and Node have most of it, tests bring their own.
 * Node 20 has no WebSocket; that of the package `ws` fits.
 */

/** One socket. Handlers are written, never read; their event is looked at by shape. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** The constructor of sockets: that of a browser, of Node ≥ 22 or of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** Of an answer over HTTP as much as the SDK reads. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Of a request over HTTP as much as the SDK writes. */
export interface RequestLike {
  method: string;
  headers: Record<string, string>;
  body?: string;
  credentials?: 'same-origin';
}

/** `fetch` as browsers and Node ≥ 18 have it. */
export type FetchLike = (url: string, request: RequestLike) => Promise<ResponseLike>;

/**
 * Where tokens, messages that wait and the state of catching up survive a restart. A `set` that has resolved must be found
 * by a later `get`. One storage belongs to one running messenger at a time.
 */
export interface Storage {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** The clock: `now` in milliseconds since 1970, `after` calls back once and returns what takes that back. */
export interface Clock {
  now(): number;
  after(waitMs: number, callback: () => void): () => void;
}

/** A storage that forgets with the process: what `connect` takes when it is given none. */
export function memoryStorage(): Storage {
  const values = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => Promise.resolve(void values.set(key, value)),
    delete: (key) => Promise.resolve(void values.delete(key)),
  };
}

interface Timers {
  setTimeout(callback: () => void, waitMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(waitMs, callback) {
    const timers = globalThis as unknown as Timers;
    const timer = timers.setTimeout(callback, waitMs);
    return () => timers.clearTimeout(timer);
  },
};

/** What the platform itself has of what `connect` needs. */
export const platform = globalThis as unknown as { WebSocket?: WebSocketConstructor; fetch?: FetchLike };
