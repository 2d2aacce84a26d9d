import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { limits } from '../protocol/limits.ts';
import { createAccounts } from './accounts/accounts.ts';
import { ConnectionRecorder } from './accounts/connections.ts';
import { openCredentials } from './accounts/credentials.ts';
import { createChatCommands } from './chats/commands.ts';
import { Comparison } from './chats/comparison.ts';
import { createDrafts } from './chats/drafts.ts';
import { createGroupCommands } from './chats/group-commands.ts';
import { OwnStates } from './chats/own-states.ts';
import { Subscriptions } from './chats/subscriptions.ts';
import type { Config } from './config.ts';
import { openBusPool, openDatabase, openPool } from './db/client.ts';
import { Lanes } from './db/lanes.ts';
import { createRateLimits } from './http/rate-limit.ts';
import { createUploads } from './http/uploads.ts';
import { createMedia } from './media/media.ts';
import { openStorage } from './media/open-storage.ts';
import { listUsedPictures } from './media/references.ts';
import { ChangeWaits } from './messages/change-waits.ts';
import { Marks } from './messages/marks.ts';
import { createMessageCommands } from './messages/message-commands.ts';
import { PageCache } from './messages/page-cache.ts';
import { Writer } from './messages/writer.ts';
import { createMetrics } from './metrics.ts';
import { Presence } from './presence/presence.ts';
import { Bus } from './realtime/bus.ts';
import { isChatEvent, touchedBy, type SeenEvent, type ServerEvent } from './realtime/events.ts';
import { Hub } from './realtime/hub.ts';
import { createUserCommands } from './users/commands.ts';
import { Names } from './users/names.ts';

export interface ServerOptions {
  config: Config;
  /** A PostgreSQL with all migrations. */
  databaseUrl: string;
  signingKey: KeyObject;
  log: Logger;
  /** The database does not keep what it acknowledged, and the operator said that this is fine. */
  unsafeDurability?: boolean;
}

export type Parts = ReturnType<typeof createParts>;

/** Everything below HTTP and the gateway: connections to the database, and the slices on them. */
export function createParts({ config, databaseUrl, signingKey, log }: ServerOptions) {
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
  const names = new Names({ sql });
  const subscriptions = new Subscriptions({ sql, hub, log, names, originOf: (id) => writer.originOf(id) });
  const pages = new PageCache({ sql });
  const waits = new ChangeWaits();
  const connections = new ConnectionRecorder({ sql, nodeId: bus.nodeId, log });
  const media = createMedia({ storage: openStorage(config), listUsed: (used) => listUsedPictures(sql, used), log });

  const ownStates = new OwnStates({ sql, hub, log });

  const publish = (events: ServerEvent[]): void => {
    pages.take(events);
    for (const event of events) if (isChatEvent(event)) waits.wake(event.chatId);
    const others = events.filter((event) => event.kind !== 'message_seen');
    subscriptions.publish(others);
    ownStates.take(others);
    presence.take(others);
    tellOthers(bus, others);
    if (others.length < events.length) publishSeen(events.filter((event) => event.kind === 'message_seen'));
  };
  /** A sender who goes from one node to another meanwhile must not be told on both (G7). */
  const publishSeen = (events: SeenEvent[]): void => {
    const tells = events.map((event) => {
      const tell = subscriptions.aimAtSender(event.message.senderId);
      return () => tell(event);
    });
    void bus.tellSeen(events.map(({ message }) => message)).then(() => tells.forEach((tell) => tell()));
  };
  const presence = new Presence({ sql, log, publish });
  const uncertain = (chatIds: string[], userIds: string[] = []): void => {
    for (const chatId of chatIds) {
      pages.drop(chatId);
      waits.wake(chatId);
      subscriptions.hear(chatId);
    }
    subscriptions.hearOfPeople(userIds);
    presence.hearOfMembers(userIds);
  };
  const writer = new Writer({ lanes, log, metrics, publish, uncertain });
  const marks = new Marks({ sql, lanes, log, publish });
  const onRevoked = ({ sessionIds }: { sessionIds: string[] }): void => {
    hub.endSessions(sessionIds);
    bus.tellSessionsEnded(sessionIds);
  };
  const accounts = createAccounts({
    db: database.db,
    sql,
    config,
    signingKey,
    credentials,
    rateLimits,
    clock: Date.now,
    onRevoked,
  });

  return {
    metrics,
    sql,
    rateLimits,
    bus,
    hub,
    names,
    publish,
    subscriptions,
    ownStates,
    presence,
    comparison: new Comparison({ sql, subscriptions, log }),
    pages,
    waits,
    connections,
    media,
    uploads: createUploads({
      folder: join(config.dataDir, 'uploads'),
      maxPerPerson: config.rateLimits ? limits.uploads.maxPerPerson : Infinity,
    }),
    accounts,
    users: createUserCommands({
      sql,
      config,
      accounts,
      rateLimits,
      renamed(userId) {
        names.drop([userId]);
        bus.tellRenamed([userId]);
      },
      // Not in the chats' lanes: heard of here as another node's changes are.
      left(userId, chats) {
        uncertain(
          chats.map(([chatId]) => chatId),
          [userId],
        );
        for (const [chatId, version] of chats) bus.tellChat(chatId, version, [userId]);
      },
      forgetPicture: (name) => media.forget(name),
      shown: (userIds) => publish(userIds.map((userId) => ({ kind: 'presence', userId, online: false }))),
    }),
    writer,
    marks,
    drafts: createDrafts({ sql, publish, config }),
    messages: createMessageCommands({ lanes, publish, uncertain, config }),
    chats: createChatCommands({ lanes, publish, uncertain, config }),
    groups: createGroupCommands({ lanes, publish, uncertain, config }),
    async close(): Promise<void> {
      hub[Symbol.dispose]();
      for (const part of [marks, subscriptions, ownStates, presence]) part[Symbol.dispose]();
      const steps = [
        () => media[Symbol.asyncDispose](),
        () => lanes[Symbol.asyncDispose](),
        () => bus[Symbol.asyncDispose](),
        () => credentials[Symbol.asyncDispose](),
        () => connections[Symbol.asyncDispose](),
        () => database.close(),
        () => sql.end({ timeout: 5 }),
      ];
      // One that fails must not leave the rest open.
      for (const step of steps)
        await step().then(undefined, (error: unknown) => log.warn({ err: error }, 'closing a part failed'));
    },
  };
}

/** Hints for other nodes: the latest version of each chat, and whose memberships changed. */
function tellOthers(bus: Bus, events: Exclude<ServerEvent, SeenEvent>[]): void {
  for (const event of events) {
    if (isChatEvent(event)) bus.tellChat(event.chatId, event.version, touchedBy(event));
    else bus.tellLive(event);
  }
}
