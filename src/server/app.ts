import { createServer, type Server as HttpServer } from 'node:http';
import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import type { Logger } from 'pino';
import proxyAddress from 'proxy-addr';
import { limits } from '../protocol/limits.ts';
import { createAccounts } from './accounts/accounts.ts';
import { openCredentials } from './accounts/credentials.ts';
import { mountResetPage } from './accounts/reset-page.ts';
import { mountAccounts } from './accounts/routes.ts';
import { createChatCommands } from './chats/commands.ts';
import { Comparison } from './chats/comparison.ts';
import { mountChats } from './chats/routes.ts';
import { Subscriptions } from './chats/subscriptions.ts';
import type { Config } from './config.ts';
import { openBusPool, openDatabase, openPool } from './db/client.ts';
import { Lanes } from './db/lanes.ts';
import { isMigrated } from './db/migrate.ts';
import { findPlainDialect } from './dialects/plain.ts';
import { createHttpApp } from './http/app.ts';
import { mountOn } from './http/mount.ts';
import { createRateLimits } from './http/rate-limit.ts';
import { findSeen, Marks } from './messages/marks.ts';
import { PageCache } from './messages/page-cache.ts';
import { mountMessages } from './messages/routes.ts';
import { Writer } from './messages/writer.ts';
import { createMetrics } from './metrics.ts';
import { Bus, type BusListener } from './realtime/bus.ts';
import type { Connection } from './realtime/connection.ts';
import { createDispatch } from './realtime/dispatch.ts';
import { touchedBy, type ServerEvent } from './realtime/events.ts';
import { Gateway } from './realtime/gateway.ts';
import { Hub } from './realtime/hub.ts';
import { createLogins } from './realtime/logins.ts';
import { Pace } from './realtime/pace.ts';

export interface ServerOptions {
  config: Config;
  /** A PostgreSQL with all migrations. */
  databaseUrl: string;
  signingKey: KeyObject;
  log: Logger;
  /** The database does not keep what it acknowledged, and the operator said that this is fine. */
  unsafeDurability?: boolean;
}

export interface Server {
  /** Where it listens, as a client writes it. */
  url: string;
  /** Stops new work, finishes what was accepted, tells clients when to come back, closes everything. */
  drain(): Promise<void>;
}

const hourMs = 3_600_000;

/** Logs what failed where nobody waits for it. */
type Warn = (text: string) => (error: unknown) => void;

/** Builds a node from its parts, starts it, and takes it apart again in reverse. The only place that knows all parts. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const parts = createParts(options);
  const warn: Warn = (text) => (error) => options.log.warn({ err: error }, text);
  let draining = false;
  const isDraining = (): boolean => draining;
  const app = createHttp(options, parts, isDraining);
  const http = createServer(
    {
      headersTimeout: limits.http.headersMs,
      requestTimeout: limits.http.requestMs,
      keepAliveTimeout: limits.http.keepAliveMs,
    },
    app,
  );
  const gateway = createGateway(options, parts, app, isDraining);
  http.on('upgrade', (request, stream, head) => void gateway.upgrade(request, stream, head));
  const housekeeping = setInterval(
    () => void parts.accounts.forgetEnded().catch(warn('old sessions could not be deleted')),
    hourMs,
  ).unref();
  const close = async (): Promise<void> => {
    clearInterval(housekeeping);
    await parts.close();
  };
  try {
    await parts.bus.start(listenToOthers(parts, { warn, isClosed: isDraining }));
    await listen(http, options.config);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: urlOf(http, options.config.host),
    async drain() {
      draining = true;
      await drainHttp(http, () => parts.hub.drain());
      await close();
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** Everything below HTTP and the gateway: connections to the database, and the slices on them. */
function createParts({ config, databaseUrl, signingKey, log }: ServerOptions) {
  const metrics = createMetrics();
  const sql = openPool(databaseUrl);
  const database = openDatabase(databaseUrl, limits.postgres.drizzleConnections);
  const lanes = new Lanes(databaseUrl);
  const credentials = openCredentials({ cost: config.bcryptCost });
  const rateLimits = createRateLimits(config);
  const bus = new Bus({ open: (name) => openBusPool(databaseUrl, name), log });
  const hub = new Hub({
    metrics,
    anonymousPerAddress: config.rateLimits ? limits.sockets.anonymousPerAddress : Infinity,
  });
  const subscriptions = new Subscriptions({ sql, hub, log });
  const pages = new PageCache({ sql });

  const publish = (events: ServerEvent[]): void => {
    pages.take(events);
    subscriptions.publish(events);
    tellOthers(bus, events);
  };
  const uncertain = (chatIds: string[], userIds: string[] = []): void => {
    for (const chatId of chatIds) {
      pages.drop(chatId);
      subscriptions.hear(chatId);
    }
    subscriptions.hearOfPeople(userIds);
  };
  const onRevoked = ({ sessionIds }: { sessionIds: string[] }): void => {
    hub.endSessions(sessionIds);
    bus.tellSessionsEnded(sessionIds);
  };

  return {
    metrics,
    sql,
    rateLimits,
    bus,
    hub,
    subscriptions,
    comparison: new Comparison({ sql, subscriptions, log }),
    pages,
    accounts: createAccounts({
      db: database.db,
      sql,
      config,
      signingKey,
      credentials,
      rateLimits,
      clock: Date.now,
      onRevoked,
    }),
    writer: new Writer({ lanes, log, metrics, publish, uncertain }),
    marks: new Marks({ sql, lanes, log, publish }),
    chats: createChatCommands({ lanes, publish, uncertain, config }),
    async close(): Promise<void> {
      hub[Symbol.dispose]();
      subscriptions[Symbol.dispose]();
      const steps = [
        () => lanes[Symbol.asyncDispose](),
        () => bus[Symbol.asyncDispose](),
        () => credentials[Symbol.asyncDispose](),
        () => database.close(),
        () => sql.end({ timeout: 5 }),
      ];
      // One that fails must not leave the rest open.
      for (const step of steps)
        await step().then(undefined, (error: unknown) => log.warn({ err: error }, 'closing a part failed'));
    },
  };
}

function createHttp(
  { config, log, unsafeDurability = false }: ServerOptions,
  parts: Parts,
  isDraining: () => boolean,
): Express {
  const { metrics, sql, accounts, rateLimits, chats, writer, marks, pages } = parts;
  return createHttpApp({
    config,
    log,
    metrics,
    node: { isDraining, isMigrated: () => isMigrated(sql), unsafeDurability },
    mountRoutes(router) {
      const mount = mountOn(router, { authenticate: accounts.authenticate, countStranger: rateLimits.countStranger });
      // The hottest first: a request is tried against each route before its own.
      mountMessages(mount, { sql, writer, marks, pages, config });
      mountChats(mount, { sql, chats });
      mountAccounts(mount, { accounts, config });
      mountResetPage(router);
    },
  });
}

type Trust = (address: string, hops: number) => boolean;

function createGateway({ config, log }: ServerOptions, parts: Parts, app: Express, isDraining: () => boolean): Gateway {
  const { hub, accounts, subscriptions, writer, chats, marks, metrics } = parts;
  const logins = createLogins({
    hub,
    begin: (login) => accounts.logInPlain(login),
    end(sessionId) {
      accounts
        .closeSocketSession(sessionId)
        .catch((error: unknown) => log.warn({ err: error }, 'a session could not be ended with its socket'));
    },
    subscribe: (person) => subscriptions.attach(person),
    unsubscribe: (person) => subscriptions.detach(person),
    maxSocketsPerUser: config.rateLimits ? limits.counts.socketsPerUser : Infinity,
  });
  const frames = new Pace<Connection>(limits.rates.frames, Date.now);
  const sends = new Pace<string>(limits.rates.sends, Date.now);
  const dispatch = createDispatch({
    logIn: logins.logInPlain,
    send: (message) => writer.send(message),
    createGroup: (group) => chats.createGroup(group),
    markMessage: (mark) => marks.markMessage(mark),
  });
  return new Gateway({
    hub,
    log,
    host: {
      dispatch: (connection, command) => {
        metrics.framesIn.inc({ dialect: connection.dialect.name });
        return dispatch(connection, command);
      },
      flushLater: (connection) => hub.flushLater(connection),
      pace(connection, isSend) {
        if (!config.rateLimits) return 0;
        const waitMs = frames.take(connection);
        return isSend && connection.speaker ? Math.max(waitMs, sends.take(connection.speaker.userId)) : waitMs;
      },
      closed: (connection) => {
        frames.forget(connection);
        logins.logOut(connection);
        hub.remove(connection);
      },
      bug: (error) => log.error({ err: error }, 'a frame failed'),
      nowMs: Date.now,
    },
    dialectOf: findPlainDialect,
    authenticate: (request) => accounts.authenticateUpgrade(request),
    logIn: logins.logInByToken,
    addressOf: (request) => proxyAddress(request, app.get('trust proxy fn') as Trust),
    isDraining,
  });
}

/** What this node does about hints of others, and what it looks for when a hint may have been lost. */
function listenToOthers(
  { accounts, comparison, hub, pages, subscriptions, sql }: Parts,
  { warn, isClosed }: { warn: Warn; isClosed: () => boolean },
): BusListener {
  const endSessions = (sessionIds: string[]): void => {
    accounts.dropSessions(sessionIds);
    hub.endSessions(sessionIds);
  };
  const tellSeen = async (messageIds: string[]): Promise<void> => {
    if (messageIds.length > 0) subscriptions.publish(await findSeen(sql, messageIds));
  };
  /** Until it succeeds: whose session ended while nothing was heard must not go on hearing. */
  const compareSessions = async (): Promise<void> => {
    for (;;) {
      try {
        endSessions(await accounts.listEnded(hub.sessionIds));
        return;
      } catch (error) {
        warn('sessions could not be compared; trying again')(error);
        await sleep(1_000, undefined, { ref: false });
        if (isClosed()) return;
      }
    }
  };
  return {
    onHint({ chats = [], users = [], loaded = [], sessions = [], seen = [] }) {
      endSessions(sessions);
      for (const [chatId, version] of chats) {
        pages.drop(chatId);
        subscriptions.hear(chatId, version);
      }
      subscriptions.hearOfPeople(users);
      subscriptions.hearOfLoaded(loaded);
      tellSeen(seen.filter(([, senderId]) => hub.findPerson(senderId)).map(([id]) => id)).catch(
        warn('messages seen by all could not be read'),
      );
    },
    onGap() {
      pages.clear();
      void comparison.compareAll();
      void compareSessions();
    },
    onTick() {
      void comparison.compareSome();
      accounts.listEndedLately().then(endSessions, warn('ended sessions could not be listed'));
    },
  };
}

/** Hints for other nodes: the latest version of each chat, and whose memberships changed. */
function tellOthers(bus: Bus, events: ServerEvent[]): void {
  for (const event of events) {
    if (event.kind === 'message_seen') bus.tellSeen(event.message);
    else bus.tellChat(event.chatId, event.version, touchedBy(event));
  }
}

function listen(http: HttpServer, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Answers what was asked, lets sockets take leave, and closes what is idle: a keep-alive connection never ends by itself. */
async function drainHttp(http: HttpServer, drainSockets: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => http.close(resolve));
  const closeIdle = setInterval(() => http.closeIdleConnections(), 100);
  await drainSockets();
  await Promise.race([closed, sleep(limits.drain.sendsMs, undefined, { ref: false })]);
  clearInterval(closeIdle);
  http.closeAllConnections();
}

/** A server that listens on all interfaces is reached on this machine by its loopback address. */
function urlOf(http: HttpServer, host: string): string {
  const { port } = http.address() as AddressInfo;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
