import type { Sql } from '../db/client.ts';
import type { Entrance } from '../realtime/gateway.ts';
import type { Names } from '../users/names.ts';
import { createActionsEntrance } from './actions.ts';
import { createDirectEntrance } from './direct.ts';
import { createLobbyEntrance } from './lobby.ts';
import { findPlainEntrance } from './plain.ts';
import { createRoomsEntrance } from './rooms.ts';

/** Where sockets of each dialect come in: the first that knows an address has it. */
export function createDialects(parts: { sql: Sql; names: Names }): { entranceOf(url: URL): Entrance | undefined } {
  const entrances: ((url: URL) => Entrance | undefined)[] = [
    findPlainEntrance,
    createActionsEntrance(parts.names),
    createRoomsEntrance(parts),
    createDirectEntrance(parts),
    createLobbyEntrance(parts),
  ];
  return {
    entranceOf(url) {
      for (const find of entrances) {
        const entrance = find(url);
        if (entrance) return entrance;
      }
      return undefined;
    },
  };
}
