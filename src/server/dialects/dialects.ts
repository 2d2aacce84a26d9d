import type { Sql } from '../db/client.ts';
import type { Metrics } from '../metrics.ts';
import type { Dialect } from '../realtime/dialect.ts';
import type { Entrance } from '../realtime/gateway.ts';
import type { Names } from '../users/names.ts';
import { createActionsEntrance } from './actions.ts';
import { createDirectEntrance } from './direct.ts';
import type { FullParts } from './full/asks.ts';
import { createFullEntrance } from './full/entrance.ts';
import { createLobbyEntrance } from './lobby.ts';
import { findPlainEntrance } from './plain.ts';
import { createRoomsEntrance } from './rooms.ts';

type FindEntrance = (url: URL, offered: readonly string[]) => Entrance | undefined;

/** Where sockets of each dialect come in: the first that knows an address has it. */
export function createDialects(parts: FullParts & { sql: Sql; names: Names; metrics: Pick<Metrics, 'encodings'> }): {
  entranceOf: FindEntrance;
} {
  const entrances: FindEntrance[] = [
    createFullEntrance(parts),
    findPlainEntrance,
    createActionsEntrance(parts.names),
    createRoomsEntrance(parts),
    createDirectEntrance(parts),
    createLobbyEntrance(parts),
  ];
  const count = createCounting(parts.metrics);
  return {
    entranceOf(url, offered) {
      for (const find of entrances) {
        const entrance = find(url, offered);
        if (entrance) return { ...entrance, dialect: count(entrance.dialect) };
      }
      return undefined;
    },
  };
}

/** The same dialects, with a count of the events they encode. Each stays one object, by which its sockets are known. */
function createCounting({ encodings }: Pick<Metrics, 'encodings'>): (dialect: Dialect) => Dialect {
  const counting = new Map<Dialect, Dialect>();
  const toCounting = (dialect: Dialect): Dialect => ({
    ...dialect,
    encodeEvent(event, chat) {
      const text = dialect.encodeEvent(event, chat);
      if (text !== undefined) encodings.inc({ dialect: dialect.name });
      return text;
    },
  });
  return (dialect) => {
    const known = counting.get(dialect) ?? toCounting(dialect);
    counting.set(dialect, known);
    return known;
  };
}
