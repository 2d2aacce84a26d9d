import pino from 'pino';
import { Comparison } from '../../src/server/chats/comparison.ts';
import { Subscriptions } from '../../src/server/chats/subscriptions.ts';
import { openBusPool, openPool } from '../../src/server/db/client.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { Bus } from '../../src/server/realtime/bus.ts';
import type { Connection } from '../../src/server/realtime/connection.ts';
import type { ServerEvent } from '../../src/server/realtime/events.ts';
import { Hub } from '../../src/server/realtime/hub.ts';
import { Names } from '../../src/server/users/names.ts';

/** Another node, on which people have one socket each that keeps every event it is told. */
export interface Ear extends AsyncDisposable {
  listen(userId: string): Promise<ServerEvent[]>;
}

/** `deaf`: hints are lost, so what happens is only found by comparing. */
export async function openEar(databaseUrl: string, { deaf = false } = {}): Promise<Ear> {
  const log = pino({ level: 'silent' });
  const sql = openPool(databaseUrl, 4);
  const hub = new Hub({ metrics: createMetrics() });
  const subscriptions = new Subscriptions({ sql, hub, log, names: new Names({ sql }), originOf: () => undefined });
  const comparison = new Comparison({ sql, subscriptions, log });
  const bus = new Bus({ open: (name) => openBusPool(databaseUrl, name), log });
  await bus.start({
    onHint({ chats = [], users = [] }) {
      if (deaf) return;
      for (const [chatId, version] of chats) subscriptions.hear(chatId, version);
      subscriptions.hearOfPeople(users);
    },
    onGap: () => undefined,
    onTick: () => void comparison.compareSome(),
  });
  return {
    async listen(userId) {
      const heard: ServerEvent[] = [];
      const dialect = {
        encodeEvent(event: ServerEvent): undefined {
          heard.push(event);
        },
      };
      const person = hub.enter(userId);
      person.connections.add({ dialect, talk: {}, deliver: () => undefined } as unknown as Connection);
      await subscriptions.attach(person);
      return heard;
    },
    async [Symbol.asyncDispose]() {
      subscriptions[Symbol.dispose]();
      hub[Symbol.dispose]();
      await bus[Symbol.asyncDispose]();
      await sql.end({ timeout: 5 });
    },
  };
}
