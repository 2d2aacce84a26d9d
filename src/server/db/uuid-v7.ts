import { randomFillSync } from 'node:crypto';

const idBytes = 16;
/** Random bytes are fetched for many ids at once: a call of the system costs more than the rest of an id. */
const pool = Buffer.allocUnsafe(idBytes * 256);
let used = pool.length;

/**
 * A new UUID of version 7 (RFC 9562): its first 48 bits are the time in milliseconds, so neighbours in time are neighbours
 * in an index; 74 bits are random. It is an id, never an order: the clocks of nodes differ.
 */
export function uuidV7(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.writeUIntBE(now, used, 6);
  pool[used + 6] = 0x70 | (pool[used + 6]! & 0x0f);
  pool[used + 8] = 0x80 | (pool[used + 8]! & 0x3f);
  const hex = pool.toString('hex', used, used + idBytes);
  used += idBytes;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
