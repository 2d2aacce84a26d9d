import type { Entrance } from '../realtime/gateway.ts';
import { findPlainEntrance } from './plain.ts';

/** Where sockets of each dialect come in: the first that knows an address has it. */
export function createDialects(): { entranceOf(url: URL): Entrance | undefined } {
  const entrances: ((url: URL) => Entrance | undefined)[] = [findPlainEntrance];
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
