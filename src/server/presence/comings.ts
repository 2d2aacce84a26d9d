import { limits } from '../../protocol/limits.ts';

/**
 * Who has sockets on this node. Somebody comes with their first one, and goes a while after their last one
 * (`limits.presence.lingerMs`): who comes back meanwhile was never gone, so that a break of the network is no news to anybody.
 */
export class Comings {
  readonly #tell: (userId: string, came: boolean) => void;
  readonly #lingerMs: number;
  readonly #userOf = new Map<object, string>();
  readonly #sockets = new Map<string, number>();
  /** Who has no socket any more and is still there, and since when. */
  readonly #lingering = new Map<string, { timer: NodeJS.Timeout; sinceMs: number }>();

  /** `tell` hears of everybody who came or went. */
  constructor({
    tell,
    lingerMs = limits.presence.lingerMs,
  }: {
    tell(userId: string, came: boolean): void;
    lingerMs?: number;
  }) {
    this.#tell = tell;
    this.#lingerMs = lingerMs;
  }

  isHere(userId: string): boolean {
    return this.#sockets.has(userId) || this.#lingering.has(userId);
  }

  /** Whose socket it is now; undefined: nobody's any more. */
  note(socket: object, userId: string | undefined): void {
    const former = this.#userOf.get(socket);
    if (former === userId) return;
    if (userId === undefined) {
      this.#userOf.delete(socket);
    } else {
      this.#userOf.set(socket, userId);
      this.#enter(userId);
    }
    if (former !== undefined) this.#leave(former);
  }

  #enter(userId: string): void {
    const sockets = this.#sockets.get(userId) ?? 0;
    this.#sockets.set(userId, sockets + 1);
    if (sockets > 0) return;
    const lingering = this.#lingering.get(userId);
    clearTimeout(lingering?.timer);
    this.#lingering.delete(userId);
    // Other nodes find them there by their last socket for most of this time, and by the new one a moment from now.
    const awayMs = lingering ? performance.now() - lingering.sinceMs : Infinity;
    if (awayMs > this.#lingerMs / 2) this.#tell(userId, true);
  }

  #leave(userId: string): void {
    const sockets = this.#sockets.get(userId)! - 1;
    if (sockets > 0) {
      this.#sockets.set(userId, sockets);
      return;
    }
    this.#sockets.delete(userId);
    const timer = setTimeout(() => {
      this.#lingering.delete(userId);
      this.#tell(userId, false);
    }, this.#lingerMs).unref();
    this.#lingering.set(userId, { timer, sinceMs: performance.now() });
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#lingering.values()) clearTimeout(timer);
    this.#lingering.clear();
  }
}
