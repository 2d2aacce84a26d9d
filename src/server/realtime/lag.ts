import { isChatEvent, type ServerEvent } from './events.ts';
import type { Missed } from './dialect.ts';

/** What only shows for a moment: nobody has to catch up with it. */
const fleeting: ReadonlySet<ServerEvent['kind']> = new Set(['typing', 'presence', 'lobby']);

/**
 * What a socket was left out of while it did not read.
 *
 * Promise: every durable event that was not delivered is covered by the version noted for its chat, so that a client that
 * catches up to there has missed nothing.
 */
export class Lag {
  readonly #chats = new Map<string, number>();
  #hasMissed = false;

  /** Chats and the versions up to which something happened in them. */
  get missed(): Missed {
    return this.#chats;
  }

  /** Whether anything is missed that a client has to look up. */
  get hasMissed(): boolean {
    return this.#hasMissed;
  }

  note(events: readonly ServerEvent[]): void {
    for (const event of events) {
      if (fleeting.has(event.kind)) continue;
      this.#hasMissed = true;
      if (!isChatEvent(event)) continue;
      const { chatId, version } = event;
      this.#chats.set(chatId, Math.max(version, this.#chats.get(chatId) ?? 0));
    }
  }

  /** Something without a version was left out. */
  noteLive(): void {
    this.#hasMissed = true;
  }
}
