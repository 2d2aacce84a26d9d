import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { limits } from '../protocol/limits.ts';
import { mountAccounts } from './accounts/routes.ts';
import { mountChats } from './chats/routes.ts';
import type { Config } from './config.ts';
import { isMigrated } from './db/migrate.ts';
import { mountActions } from './dialects/actions-routes.ts';
import { mountDirectAndLobby } from './dialects/old-routes.ts';
import { mountRooms } from './dialects/rooms-routes.ts';
import { createHttpApp } from './http/app.ts';
import { mountOn } from './http/mount.ts';
import { mountWeb } from './http/web.ts';
import { mountMedia } from './media/routes.ts';
import { mountMessageChanges } from './messages/change-routes.ts';
import { mountMessages } from './messages/routes.ts';
import { mountAvatars } from './users/avatars.ts';
import { mountUsers } from './users/routes.ts';
import { startHousekeeping, type Warn } from './housekeeping.ts';
import { listenToOthers } from './other-nodes.ts';
import { createParts, type Parts, type ServerOptions } from './parts.ts';
import { createGateway } from './sockets.ts';

export interface Server {
  /** Where it listens, as a client writes it. */
  url: string;
  /** Stops new work, finishes what was accepted, tells clients when to come back, closes everything. */
  drain(): Promise<void>;
}

/** Builds a node from its parts, starts it, and takes it apart again in reverse. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const parts = createParts(options);
  const warn: Warn = (text) => (error) => options.log.warn({ err: error }, text);
  let draining = false;
  const isDraining = (): boolean => draining;
  const app = createHttp(options, parts, isDraining);
  const http = createServer(
    {
      headersTimeout: limits.http.headersMs,
      // That of uploads; how long another body may take is looked at where it is read.
      requestTimeout: limits.http.uploadMs,
      keepAliveTimeout: limits.http.keepAliveMs,
    },
    app,
  );
  const gateway = createGateway(options, parts, app, isDraining);
  http.on('upgrade', (request, stream, head) => void gateway.upgrade(request, stream, head));
  const housekeeping = startHousekeeping(parts, warn);
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
      parts.waits[Symbol.dispose]();
      await drainHttp(http, () => parts.hub.drain());
      await close();
    },
  };
}

function createHttp(
  { config, log, unsafeDurability = false }: ServerOptions,
  parts: Parts,
  isDraining: () => boolean,
): Express {
  const { metrics, sql, accounts, rateLimits, chats, groups, drafts, writer, marks, pages, media, uploads, users } =
    parts;
  return createHttpApp({
    config,
    log,
    metrics,
    node: { isDraining, isMigrated: () => isMigrated(sql), unsafeDurability },
    mountRoutes(router) {
      const { authenticate } = accounts;
      const { countStranger } = rateLimits;
      const mount = mountOn(router, { authenticate, countStranger, receiveUpload: uploads.receive });
      // The hottest first: a request is tried against each route before its own.
      mountMessages(mount, { sql, writer, marks, pages, config });
      mountRooms(mount, { sql, writer, marks });
      mountMessageChanges(mount, parts);
      mountChats(mount, { sql, chats, groups, drafts, media, rateLimits });
      mountMedia(mountOn(router, { authenticate }), { media, countStranger });
      mountAvatars(mount, { sql, media });
      mountActions(mount, { sql, chats, groups, accounts, config });
      mountAccounts(mount, { accounts, config });
      mountUsers(mount, { sql, users, rateLimits, passwordPolicy: accounts.passwordPolicy });
      mountDirectAndLobby(mount, { sql, accounts, users, media, rateLimits, config });
      mountWeb(router);
    },
  });
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
