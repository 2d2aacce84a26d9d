import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { subprotocol } from '../../../src/protocol/version.ts';

type Frame = Record<string, unknown> & { type: string; ref?: number };
type Answer = (frame: Frame, socket: WebSocket) => Record<string, unknown> | undefined;

export const userId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a1';
const user = { id: userId, name: 'Alice', username: null, avatar_url: null, avatar_small_url: null, deleted: false };

/** The other end of the wire, saying what a test wants it to say; by default a server on which nothing ever happens. */
export class ScriptedServer implements AsyncDisposable {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  /** Frames that came, and requests over HTTP by their paths. */
  readonly frames: Frame[] = [];
  readonly requests: string[] = [];
  readonly tokens: unknown[] = [];
  connections = 0;
  /** The status of the next answers over HTTP, 200 when there is none. */
  readonly statuses: number[] = [];
  heartbeatMs = 25_000;
  readonly answers: Record<string, Answer> = {
    login: (frame) => {
      this.tokens.push(frame['token']);
      return this.ready();
    },
    ping: () => ({ type: 'pong' }),
    list_chats: () => ({ type: 'chats', rows: [], next: null }),
    resume: () => ({ type: 'changed', resume: 'token', chats: [], left: [] }),
  };

  private constructor() {
    this.#http = createServer((request, response) => {
      this.requests.push(request.url!);
      const status = this.statuses.shift() ?? 200;
      const ok = { access_token: `access ${this.requests.length}`, refresh_token: `refresh ${this.requests.length}` };
      const body = status === 200 ? { ...ok, expires_in: 1_800 } : status === 401 ? { code: 'not_authenticated' } : {};
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    this.#sockets = new WebSocketServer({ server: this.#http, handleProtocols: () => subprotocol });
    this.#sockets.on('connection', (socket) => this.#talk(socket));
  }

  static async open(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  ready(): Record<string, unknown> {
    return {
      type: 'ready',
      user,
      session_id: userId,
      protocol: '1',
      resume: 'token',
      heartbeat_ms: this.heartbeatMs,
      limits: {},
    };
  }

  #talk(socket: WebSocket): void {
    this.connections++;
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      this.frames.push(frame);
      const answer = this.answers[frame.type]?.(frame, socket);
      if (answer) socket.send(JSON.stringify({ ...answer, ref: frame.ref }));
    });
  }

  say(frame: Record<string, unknown>): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify(frame));
  }

  closeAll(code: number): void {
    for (const socket of this.#sockets.clients) socket.close(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
  }
}
