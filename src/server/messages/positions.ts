import { limits } from '../../protocol/limits.ts';
import type { MemberPosition, ServerEvent } from '../realtime/events.ts';
import { Throttle } from '../realtime/throttle.ts';

/**
 * Tells the members of a chat how far others have got: at once, then at most every `limits.positions.everyMs` a chat, with
 * the newest position of each member and at most `limits.positions.maxRows` of them. Positions are absolute and only grow,
 * so that leaving out those in between loses nothing.
 */
export class Positions {
  readonly #publish: (events: ServerEvent[]) => void;
  /** Positions that are not told yet, by chat and member, in the order in which they began to wait. */
  readonly #waiting = new Map<string, Map<string, MemberPosition>>();
  readonly #throttle: Throttle<string>;

  constructor({ publish }: { publish(events: ServerEvent[]): void }) {
    this.#publish = publish;
    this.#throttle = new Throttle({
      everyMs: limits.positions.everyMs,
      act: (chatId) => {
        this.#tell(chatId);
        if (this.#waiting.has(chatId)) this.#throttle.ask(chatId);
      },
    });
  }

  /** Takes positions in, after their commit. */
  moved(chatId: string, rows: MemberPosition[]): void {
    if (rows.length === 0) return;
    const waiting = this.#waiting.get(chatId) ?? new Map<string, MemberPosition>();
    this.#waiting.set(chatId, waiting);
    for (const row of rows) waiting.set(row.userId, furthest(row, waiting.get(row.userId)));
    this.#throttle.ask(chatId);
  }

  #tell(chatId: string): void {
    const waiting = this.#waiting.get(chatId);
    if (!waiting) return;
    const rows = [...waiting.values()].slice(0, limits.positions.maxRows);
    for (const { userId } of rows) waiting.delete(userId);
    if (waiting.size === 0) this.#waiting.delete(chatId);
    this.#publish([{ kind: 'positions', chatId, rows }]);
  }

  /** Tells what waits, and nothing more. */
  [Symbol.dispose](): void {
    this.#throttle[Symbol.dispose]();
    for (const chatId of this.#waiting.keys()) while (this.#waiting.has(chatId)) this.#tell(chatId);
  }
}

const furthest = (row: MemberPosition, before: MemberPosition | undefined): MemberPosition => ({
  userId: row.userId,
  deliveredSeq: Math.max(row.deliveredSeq, before?.deliveredSeq ?? 0),
  readSeq: Math.max(row.readSeq, before?.readSeq ?? 0),
});
