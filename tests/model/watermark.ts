/**
 * The contiguous-watermark rule as docs/protocol.md states it, followed from outside on the frames that a client gets. It
 * knows how far the client may be at most: a client that is further has passed a change that it was never told of.
 *
 * It imports nothing of the client: a mistake there cannot be repeated here.
 */
interface Span {
  after: number;
  version: number;
}

type Frame = Record<string, unknown>;

export class WatermarkBounds {
  readonly #bounds = new Map<string, number>();
  readonly #held = new Map<string, Span[]>();

  /** How far a client may be in a chat; undefined where it was told nothing of it yet. */
  find(chatId: string): number | undefined {
    return this.#bounds.get(chatId);
  }

  /** Takes that a client begins with what it knew before. */
  begin(chatId: string, version: number): void {
    this.#bounds.set(chatId, version);
  }

  forget(chatId: string): void {
    this.#bounds.delete(chatId);
    this.#held.delete(chatId);
  }

  /** Takes a frame of the server; answers the chat whose bound it may have raised. */
  take(frame: Frame): void {
    if (typeof frame['version'] === 'number' && typeof frame['chat_id'] === 'string' && isChange(frame))
      this.#takeChange(frame['chat_id'], frame);
    else if (frame['type'] === 'changes') this.#takePage(frame);
    else for (const { chatId, version } of listSnapshots(frame)) this.#raise(chatId, version);
  }

  #takeChange(chatId: string, frame: Frame): void {
    const version = frame['version'] as number;
    const after = (frame['after'] as number | undefined) ?? version - 1;
    // A chat one has just come into begins with the change that says so.
    const bound = this.#bounds.get(chatId);
    if (bound === undefined || after <= bound) this.#raise(chatId, version);
    else this.#held.set(chatId, [...(this.#held.get(chatId) ?? []), { after, version }]);
  }

  #takePage(frame: Frame): void {
    const chatId = frame['chat_id'] as string;
    const [after, to] = [frame['after'] as number, frame['to'] as number];
    if (after <= (this.#bounds.get(chatId) ?? 0)) this.#raise(chatId, to);
  }

  #raise(chatId: string, version: number): void {
    let bound = Math.max(version, this.#bounds.get(chatId) ?? 0);
    const held = this.#held.get(chatId) ?? [];
    for (let fits = true; fits;) {
      const known = bound;
      bound = Math.max(bound, ...held.filter(({ after }) => after <= known).map((span) => span.version));
      fits = bound > known;
    }
    this.#bounds.set(chatId, bound);
    this.#held.set(
      chatId,
      held.filter((span) => span.version > bound),
    );
  }
}

/** Whatever its kind, also one that came after this was written. An ack stands for one's own message. */
const isChange = (frame: Frame): boolean => frame['ref'] === undefined || frame['type'] === 'ack';

/** Whole chats, as they are at a version. */
function listSnapshots(frame: Frame): { chatId: string; version: number }[] {
  const rows = frame['type'] === 'chats' ? (frame['rows'] as Frame[]) : frame['type'] === 'chat' ? [frame['chat']] : [];
  return (rows as { id: string; version: number }[]).map(({ id, version }) => ({ chatId: id, version }));
}
