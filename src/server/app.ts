import { createServer, type Server as HttpServer } from 'node:http';
import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import proxyAddress from 'proxy-addr';
import { limits } from '../protocol/limits.ts';
import { createAccounts } from './accounts/accounts.ts';
import { openCredentials } from './accounts/credentials.ts';
import { mountResetPage } from './accounts/reset-page.ts';
import { mountAccounts } from './accounts/routes.ts';
import { createChatCommands } from './chats/commands.ts';
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
import { Bus } from './realtime/bus.ts';
import { createDispatch } from './realtime/dispatch.ts';
import { touchedBy, type ServerEvent } from './realtime/events.ts';
import { Gateway } from './realtime/gateway.ts';
import { Hub } from './realtime/hub.ts';
import { createLogins } from './realtime/logins.ts';
import { SendPace } from './realtime/pace.ts';

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

type Trust = (address: string, hops: number) => boolean;

/** Builds a node from its parts, starts it, and takes it apart again in reverse. The only place that knows all parts. */
export async function startServer({ config, databaseUrl, signingKey, log, unsafeDurability = false }: ServerOptions): Promise<Server> {
  const metrics = createMetrics();
  const sql = openPool(databaseUrl);
  const database = openDatabase(databaseUrl, 4);
  const lanes = new Lanes(databaseUrl);
  const credentials = openCredentials({ cost: config.bcryptCost });
  const rateLimits = createRateLimits(config);
  const bus = new Bus({
    listening: openBusPool(databaseUrl, 'messenger bus'),
    sql: openBusPool(databaseUrl, 'messenger bus teller'),
    log,
  });
  const hub = new Hub({ metrics });
  const subscriptions = new Subscriptions({ sql, hub, log });
  const pages = new PageCache({ sql });

  const publish = (events: ServerEvent[]): void => {
    pages.take(events);
    subscriptions.publish(events);
    tellOthers(bus, events);
  };
  const reread = (chatIds: string[], userIds: string[]): void => {
    for (const chatId of chatIds) {
      pages.drop(chatId);
      subscriptions.hear(chatId);
    }
    subscriptions.hearOfPeople(userIds);
  };
  const accounts = createAccounts({
    db: database.db,
    sql,
    config,
    signingKey,
    credentials,
    rateLimits,
    clock: Date.now,
    onRevoked: ({ sessionIds }) => {
      hub.endSessions(sessionIds);
      bus.tellSessionsEnded(sessionIds);
    },
  });
  const writer = new Writer({
    lanes,
    log,
    metrics,
    publish,
    uncertain: (chatIds) => reread(chatIds, []),
  });
  const marks = new Marks({ sql, lanes, log, publish });
  const chats = createChatCommands({
    lanes,
    publish,
    uncertain: (chatIds, userIds) => {
      chatIds.forEach((chatId) => subscriptions.hear(chatId));
      subscriptions.hearOfPeople(userIds);
    },
    config,
  });

  const endSessions = (sessionIds: string[]): void => {
    accounts.dropSessions(sessionIds);
    hub.endSessions(sessionIds);
  };
  const tellSeen = async (messageIds: string[]): Promise<void> => {
    if (messageIds.length > 0) subscriptions.publish(await findSeen(sql, messageIds).catch(() => []));
  };
  await bus.start({
    onHint({ chats: reached = [], users = [], sessions = [], seen = [] }) {
      endSessions(sessions);
      for (const [chatId, version] of reached) {
        pages.drop(chatId);
        subscriptions.hear(chatId, version);
      }
      subscriptions.hearOfPeople(users);
      void tellSeen(seen.filter(([, senderId]) => hub.findPerson(senderId)).map(([id]) => id));
    },
    onGap() {
      pages.clear();
      subscriptions.compareAll();
    },
    onTick() {
      void subscriptions.compareSome();
      accounts.listEndedLately().then(endSessions, () => undefined);
    },
  });

  const logins = createLogins({
    hub,
    begin: (login) => accounts.logInPlain(login),
    end: (sessionId) => accounts.closeSocketSession(sessionId),
    subscribe: (person) => subscriptions.attach(person),
    unsubscribe: (person) => subscriptions.detach(person),
    maxSocketsPerUser: config.rateLimits ? limits.counts.socketsPerUser : Infinity,
  });
  const dispatch = createDispatch({
    logIn: logins.logInPlain,
    send: (message) => writer.send(message),
    createGroup: (group) => chats.createGroup(group),
    markMessage: (mark) => marks.markMessage(mark),
  });
  const pace = new SendPace(Date.now);
  let draining = false;
  const gateway = new Gateway({
    hub,
    log,
    host: {
      dispatch: (connection, command) => {
        metrics.framesIn.inc({ dialect: connection.dialect.name });
        return dispatch(connection, command);
      },
      flushLater: (connection) => hub.flushLater(connection),
      paceSend: (userId) => (config.rateLimits ? pace.take(userId) : 0),
      closed: (connection) => {
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
    isDraining: () => draining,
  });
  const app = createHttpApp({
    config,
    log,
    metrics,
    node: { isDraining: () => draining, isMigrated: () => isMigrated(sql), unsafeDurability },
    mountRoutes(router) {
      const mount = mountOn(router, accounts.authenticate);
      mountAccounts(mount, { accounts, config, rateLimits });
      mountResetPage(router);
      mountChats(mount, { sql, chats });
      mountMessages(mount, { sql, writer, marks, pages, config });
    },
  });
  const http = createServer(
    { headersTimeout: limits.http.headersMs, requestTimeout: limits.http.requestMs, keepAliveTimeout: limits.http.keepAliveMs },
    app,
  );
  http.on('upgrade', (request, stream, head) => void gateway.upgrade(request, stream, head));
  await listen(http, config);
  const housekeeping = setInterval(() => void accounts.forgetEnded().catch(() => undefined), 3_600_000);
  housekeeping.unref();

  return {
    url: urlOf(http, config.host),
    async drain() {
      draining = true;
      clearInterval(housekeeping);
      const closed = new Promise((resolve) => http.close(resolve));
      const closeIdle = setInterval(() => http.closeIdleConnections(), 100);
      await hub.drain();
      await Promise.race([closed, sleep(limits.drain.sendsMs)]);
      clearInterval(closeIdle);
      http.closeAllConnections();
      hub[Symbol.dispose]();
      await lanes[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await credentials[Symbol.asyncDispose]();
      await database.close();
      await sql.end({ timeout: 5 });
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

/** A server that listens on all interfaces is reached on this machine by its loopback address. */
function urlOf(http: HttpServer, host: string): string {
  const { port } = http.address() as AddressInfo;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
