/**
 * Messages on their way that one connection has not answered, at most: at 100 ms there and back still 640 a second, more than
 * a server lets one person send for long, and few enough that what a late answer makes be sent again costs little.
 */
export const maxOnTheWay = 64;

/** The messages that the connection of this moment carries and has not answered, also those whose time is over. */
export class OnTheWay {
  /** Their chats, by client_id. */
  readonly #chatIds = new Map<string, string>();

  /** Whether this message may be said: there is room, or it has its place from an earlier try. */
  hasRoomFor(clientId: string): boolean {
    return this.#chatIds.size < maxOnTheWay || this.#chatIds.has(clientId);
  }

  add(clientId: string, chatId: string): void {
    this.#chatIds.set(clientId, chatId);
  }

  /** True: it had a place. */
  remove(clientId: string): boolean {
    return this.#chatIds.delete(clientId);
  }

  /** There is another connection, or none. */
  clear(): void {
    this.#chatIds.clear();
  }

  /** Chats in the order in which they may use what room there is: first those that use the least. */
  order(chatIds: Iterable<string>): string[] {
    const counts = new Map<string, number>();
    for (const chatId of this.#chatIds.values()) counts.set(chatId, (counts.get(chatId) ?? 0) + 1);
    return [...chatIds].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
  }
}
