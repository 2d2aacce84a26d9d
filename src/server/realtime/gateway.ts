import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toUnavailable } from '../db/failure.ts';
import { toErrorBody } from '../http/errors.ts';
import { Connection, type ConnectionHost, type Speaker } from './connection.ts';
import type { Dialect, Talk } from './dialect.ts';
import type { Hub } from './hub.ts';

/** Whom a handshake speaks for. */
export type Claimant = Omit<Speaker, 'ownSession'>;

/** How one address lets sockets in. */
export interface Entrance {
  dialect: Dialect;
  talk: Talk;
  /** The token that the address itself carries. Absent: a Bearer token or a cookie counts, and nobody is fine too. */
  token?: string;
  /** A claimant who may not come in is answered with an HTTP error, or let in, told why and closed. */
  refusesBy?: 'http' | 'socket';
  /** The subprotocol that is agreed on; absent: the first that was offered, if any. */
  subprotocol?: string;
  /** What everybody who comes in here is closed with at once. */
  turnsAway?: { code: number; reason: string };
  /** Throws ProtocolError for a claimant who has no business at this address. */
  admit?(claimant: Claimant): Promise<void>;
  /** What is done for a socket right after its login, before its first frame. */
  welcome?(connection: Connection): Promise<void>;
}

export interface GatewayOptions {
  hub: Hub;
  log: Logger;
  host: ConnectionHost;
  /**
   * The way in at an address for a client that offers these subprotocols, or undefined when no sockets live there; throws
   * ProtocolError when it names nothing.
   */
  entranceOf(url: URL, offered: readonly string[]): Entrance | undefined;
  /** Who the handshake's headers prove to be; throws ProtocolError when what they carry is refused. */
  authenticate(request: IncomingMessage): Promise<Claimant | undefined>;
  /** Whom a token speaks for; throws `not_authenticated` and `session_revoked`. */
  authenticateToken(token: string): Promise<Claimant>;
  /** Makes ready for that person's socket, before its handshake is answered; answers what takes that back. */
  prepare?(claimant: Claimant): Promise<() => void>;
  /** Makes the connection that person's, and says so in its dialect. */
  logIn(connection: Connection, claimant: Claimant): Promise<void>;
  addressOf(request: IncomingMessage): string;
  isDraining(): boolean;
}

/** No compression: it costs a quarter of a megabyte per socket. The bounds keep a hostile peer's memory small. */
const socketOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: limits.json.maxBytes,
  maxFragments: limits.sockets.maxFragments,
  maxBufferedChunks: limits.sockets.maxBufferedChunks,
  maxPendingAutoPongs: limits.sockets.maxPendingAutoPongs,
  closeTimeout: 5_000,
};

/**
 * Where sockets come in: refuses what may not become one with an HTTP answer, and makes connections of the rest. The
 * dialect is fixed here, by the address.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  /** What was agreed on with handshakes under way. */
  readonly #agreed = new WeakMap<IncomingMessage, string>();
  readonly #server = new WebSocketServer({
    ...socketOptions,
    handleProtocols: (offered, request) => this.#agreed.get(request) ?? [...offered][0] ?? false,
  });

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** For the HTTP server's `upgrade` event. */
  async upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const ignore = (): void => undefined;
    stream.on('error', ignore);
    // Once the client has gone nobody knows it any more.
    const address = this.#options.addressOf(request);
    try {
      const entrance = this.#findEntrance(request);
      if (entrance.subprotocol !== undefined) this.#agreed.set(request, entrance.subprotocol);
      const claim = entrance.turnsAway ? undefined : await this.#claim(entrance, request);
      const isClaimant = claim && !(claim instanceof ProtocolError);
      const release = isClaimant ? await this.#options.prepare?.(claim) : undefined;
      stream.off('error', ignore);
      let greeting: Promise<void> | undefined;
      try {
        // A handshake that is malformed, or whose client has gone, calls nobody back.
        this.#server.handleUpgrade(request, stream, head, (socket) => {
          const connection = this.#connect(entrance, { request, stream, socket, address });
          this.#options.hub.add(connection, { mustLogIn: !claim });
          if (entrance.turnsAway) connection.close(entrance.turnsAway.code, entrance.turnsAway.reason);
          else if (claim instanceof ProtocolError) connection.refuse(claim);
          else if (claim) greeting = this.#greet(connection, entrance, claim);
        });
        await greeting;
      } finally {
        release?.();
      }
    } catch (error) {
      refuse(stream, this.#toProtocolError(error, 'an upgrade failed'));
    }
  }

  #connect(
    { dialect, talk }: Entrance,
    {
      request,
      stream,
      socket,
      address,
    }: { request: IncomingMessage; stream: Duplex; socket: WebSocket; address: string },
  ): Connection {
    const { host } = this.#options;
    const userAgent = request.headers['user-agent']?.slice(0, limits.text.maxUserAgentCodePoints);
    return new Connection({ host, socket, stream, dialect, talk, address, userAgent });
  }

  #findEntrance(request: IncomingMessage): Entrance {
    if (this.#options.isDraining()) throw new ProtocolError('draining');
    let url: URL;
    try {
      url = new URL(request.url ?? '', 'ws://localhost');
    } catch {
      throw new ProtocolError('not_found');
    }
    const entrance = this.#options.entranceOf(url, listOffered(request));
    if (!entrance) throw new ProtocolError('not_found');
    if (this.#options.hub.size >= limits.sockets.perProcess) throw new ProtocolError('overloaded', { afterMs: 5_000 });
    return entrance;
  }

  /** Whom the handshake speaks for; an error where that is told through the socket. */
  async #claim(entrance: Entrance, request: IncomingMessage): Promise<Claimant | ProtocolError | undefined> {
    if (entrance.token === undefined) return this.#options.authenticate(request);
    try {
      const claimant = await this.#options.authenticateToken(entrance.token);
      await entrance.admit?.(claimant);
      return claimant;
    } catch (error) {
      if (entrance.refusesBy !== 'socket') throw error;
      return this.#toProtocolError(error, 'a claim could not be looked at');
    }
  }

  async #greet(connection: Connection, entrance: Entrance, claimant: Claimant): Promise<void> {
    try {
      await connection.logIn(async () => {
        await this.#options.logIn(connection, claimant);
        await entrance.welcome?.(connection);
      });
    } catch (error) {
      connection.refuse(this.#toProtocolError(error, 'a login by handshake failed'));
    }
  }

  #toProtocolError(error: unknown, what: string): ProtocolError {
    const known = error instanceof ProtocolError ? error : toUnavailable(error);
    if (!known) this.#options.log.error({ err: error }, what);
    return known ?? new ProtocolError('internal');
  }
}

/** The subprotocols that a handshake offers; whether it does so well is for ws to judge. */
const listOffered = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').flatMap((name) => name.trim() || []);

/** Answers a handshake with an HTTP error and closes. */
function refuse(stream: Duplex, error: ProtocolError): void {
  if (stream.destroyed) return;
  const body = JSON.stringify(toErrorBody(error));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.status === 503 ? [`Retry-After: ${Math.ceil((error.afterMs ?? 1_000) / 1_000)}`] : []),
    ...(error.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
  ];
  stream.once('finish', () => stream.destroy());
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
