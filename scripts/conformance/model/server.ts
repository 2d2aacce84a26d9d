/**
 * A small server of messenger.v1 on a loopback port, all in memory. It tells the truth, unless it is told to lie: what a
 * client says and what it is told both pass through hooks, which may change, hold, double or drop frames.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { closeCodes } from '../../../src/protocol/close-codes.ts';
import { ProtocolError } from '../../../src/protocol/errors.ts';
import {
  fullClientFrames,
  type FullClientFrame,
  type FullClientType,
  type FullServerFrame,
  type Person,
  type Ref,
} from '../../../src/protocol/full.ts';
import { subprotocol } from '../../../src/protocol/version.ts';
import { limits } from '../../../src/protocol/limits.ts';
import { wireVersion } from '../../../src/protocol/version.ts';
import { answers, tokenOf, type Asked, type World } from './answers.ts';
import type { Change, ModelChat } from './chat.ts';

/** Any frame, also one that the protocol does not know. */
export type AnyFrame = { type: string; ref?: Ref | undefined } & Record<string, unknown>;

/** One socket of a client. */
export interface ModelSocket {
  id: number;
  ws: WebSocket;
  /** The stream below the socket. */
  stream: Duplex;
  userId: string | undefined;
}

export interface Hooks {
  /** Every frame of a client, before anything else; true when it needs no answer of the model. */
  heard?: (socket: ModelSocket, frame: AnyFrame, text: string) => boolean;
  /** What is said instead of a frame; by default the frame. */
  saying?: (socket: ModelSocket, frame: AnyFrame) => AnyFrame[];
  opened?: (socket: ModelSocket, protocols: ReadonlySet<string>) => void;
  closed?: (socket: ModelSocket, code: number) => void;
  /** HTTP on the same port; false when it is none of its business. */
  request?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface ModelOptions extends Hooks {
  /** In milliseconds, as `ready` tells it. */
  heartbeatMs?: number;
  port?: number;
  /** Who a login is; undefined refuses it. */
  authenticate: (login: FullClientFrame<'login'>) => string | undefined;
}

const toError = (error: ProtocolError, clientId: unknown): AnyFrame => ({
  type: 'error',
  code: error.code,
  message: error.message,
  retry: error.retry,
  ...(typeof clientId === 'string' && { client_id: clientId }),
});

export class ModelServer implements AsyncDisposable {
  readonly world: World;
  readonly sockets = new Set<ModelSocket>();
  readonly #options: ModelOptions;
  readonly #http: Server;
  readonly #wss: WebSocketServer;
  #lastId = 0;

  private constructor(options: ModelOptions) {
    this.#options = options;
    this.world = { people: new Map(), chats: new Map(), sent: new Map(), epoch: randomUUID().slice(0, 8) };
    this.#http = createServer((request, response) => {
      if (options.request?.(request, response)) return;
      response.writeHead(404).end();
    });
    this.#wss = new WebSocketServer({
      server: this.#http,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
      maxPayload: limits.json.maxBytes,
    });
    this.#wss.on('connection', (ws, request) => this.#connect(ws, request));
  }

  static async start(options: ModelOptions): Promise<ModelServer> {
    const server = new ModelServer(options);
    server.#http.listen(options.port ?? 0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  addPerson(name: string): Person {
    const person = { id: randomUUID(), name, username: null, avatar_url: null, avatar_small_url: null, deleted: false };
    this.world.people.set(person.id, person);
    return person;
  }

  #connect(ws: WebSocket, request: IncomingMessage): void {
    const socket: ModelSocket = { id: ++this.#lastId, ws, stream: request.socket, userId: undefined };
    const offered = new Set((request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/));
    this.sockets.add(socket);
    ws.on('message', (data, isBinary) => this.#hear(socket, data as Buffer, isBinary));
    ws.on('error', () => undefined);
    ws.on('close', (code) => {
      this.sockets.delete(socket);
      this.#options.closed?.(socket, code);
    });
    this.#options.opened?.(socket, offered);
    if (!offered.has(subprotocol)) ws.close(closeCodes.versionNotSpoken);
  }

  /** Says a frame; the hook has the last word. */
  say(socket: ModelSocket, frame: AnyFrame): void {
    for (const said of this.#options.saying?.(socket, frame) ?? [frame])
      if (socket.ws.readyState === socket.ws.OPEN) socket.ws.send(JSON.stringify(said));
  }

  /** Tells a change to everybody whom it is about. */
  tell(change: Change, except?: ModelSocket): void {
    const chat = this.world.chats.get(change.chat_id);
    const removed = change.type === 'member_removed' ? change.user_id : undefined;
    for (const socket of this.sockets)
      if (socket !== except && socket.userId !== undefined)
        if (chat?.isMember(socket.userId) || socket.userId === removed) this.say(socket, change);
  }

  #hear(socket: ModelSocket, data: Buffer, isBinary: boolean): void {
    const text = data.toString();
    let frame: AnyFrame;
    try {
      if (isBinary) throw new ProtocolError('malformed_json');
      frame = readFrame(text);
    } catch (error) {
      return this.say(socket, toError(error as ProtocolError, undefined));
    }
    if (this.#options.heard?.(socket, frame, text)) return;
    this.answer(socket, frame);
  }

  /** Answers a frame truthfully. */
  answer(socket: ModelSocket, frame: AnyFrame): void {
    const ref = frame.ref === undefined ? {} : { ref: frame.ref };
    try {
      this.say(socket, { ...ref, ...this.#answerOf(socket, frame) });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.say(socket, { ...ref, ...toError(error, frame['client_id']) });
    }
  }

  #answerOf(socket: ModelSocket, frame: AnyFrame): AnyFrame {
    if (!Object.hasOwn(fullClientFrames, frame.type)) throw new ProtocolError('invalid_request');
    const type = frame.type as FullClientType;
    const parsed = fullClientFrames[type].safeParse(frame);
    if (socket.userId === undefined && type !== 'login' && type !== 'ping')
      throw new ProtocolError('not_authenticated');
    if (!parsed.success) throw new ProtocolError('invalid_request');
    if (type === 'login') return this.#logIn(socket, parsed.data as FullClientFrame<'login'>);
    const answer = answers[type] as (asked: Asked, frame: unknown) => AnyFrame;
    return answer(this.#askedBy(socket), parsed.data);
  }

  #askedBy(socket: ModelSocket): Asked {
    return {
      world: this.world,
      userId: socket.userId!,
      tell: (change, how) => this.tell(change, how?.origin ? socket : undefined),
      push: (chat: ModelChat, frame: FullServerFrame) => {
        for (const other of this.sockets)
          if (other !== socket && other.userId !== undefined && chat.isMember(other.userId)) this.say(other, frame);
      },
    };
  }

  #logIn(socket: ModelSocket, login: FullClientFrame<'login'>): AnyFrame {
    const userId = this.#options.authenticate(login);
    const user = userId === undefined ? undefined : this.world.people.get(userId);
    if (!user) throw new ProtocolError('wrong_credentials');
    socket.userId = user.id;
    const ready: FullServerFrame<'ready'> = {
      type: 'ready',
      user,
      session_id: randomUUID(),
      protocol: wireVersion,
      resume: tokenOf(this.world),
      heartbeat_ms: this.#options.heartbeatMs ?? limits.sockets.pingEveryMs,
      limits: {
        max_text_code_points: limits.message.maxCodePoints,
        max_text_bytes: limits.message.maxBytes,
        max_frame_bytes: limits.json.maxBytes,
        max_mentions: limits.message.maxMentions,
        max_watched: limits.presence.maxWatched,
        max_members: limits.counts.membersPerGroup,
        max_page_rows: limits.page.maxRows,
        max_sync_rows: limits.sync.maxRows,
        sends_per_second: limits.rates.sends.perSecond,
        sends_burst: limits.rates.sends.burst,
      },
    };
    return ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { ws } of this.sockets) ws.terminate();
    this.#wss.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

function readFrame(text: string): AnyFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError('malformed_json');
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string')
    throw new ProtocolError('invalid_request');
  return value as AnyFrame;
}
