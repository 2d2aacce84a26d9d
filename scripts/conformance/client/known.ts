/**
 * What a client can know of a chat at most: the contiguous watermark, from all that it was told. A client that says it has
 * more has lost something.
 */
import type { AnyFrame } from '../model/server.ts';

interface Span {
  after: number;
  version: number;
}

export class Known {
  /** Up to here the client was told everything; 0 when it was told nothing. */
  watermark = 0;
  readonly #chatId: string;
  #spans: Span[] = [];
  #toldChanges = false;

  constructor(chatId: string) {
    this.#chatId = chatId;
  }

  /** Notes what the client was told. */
  note(frame: AnyFrame): void {
    const read = this.#readers[frame.type];
    if (read) read(frame);
    else if (frame['chat_id'] === this.#chatId && typeof frame['version'] === 'number') this.#noteChange(frame);
  }

  /** Something was answered that makes the client begin anew. */
  forget(): void {
    this.watermark = 0;
    this.#spans = [];
    this.#toldChanges = false;
  }

  #noteChange({ version, after }: AnyFrame): void {
    this.#toldChanges = true;
    const span = { version: version as number, after: (after as number | undefined) ?? (version as number) - 1 };
    this.#spans.push(span);
    this.#advance();
  }

  #advance(): void {
    for (let before = -1; before !== this.watermark;) {
      before = this.watermark;
      for (const { after, version } of this.#spans)
        if (after <= this.watermark) this.watermark = Math.max(this.watermark, version);
    }
  }

  #reach(version: unknown): void {
    this.watermark = Math.max(this.watermark, version as number);
    this.#advance();
  }

  /** Where a chat stands is a place to begin at, for who has nothing of it yet. */
  #list(rows: readonly AnyFrame[], key: string): void {
    const row = rows.find((one) => one[key] === this.#chatId);
    if (row && !this.#toldChanges) this.#reach(row['version']);
  }

  readonly #readers: Record<string, (frame: AnyFrame) => void> = {
    changes: ({ chat_id, after, to }) => {
      if (chat_id === this.#chatId && (after as number) <= this.watermark) this.#reach(to);
    },
    history: ({ chat_id, version }) => {
      if (chat_id === this.#chatId) this.#reach(version);
    },
    chats: ({ rows }) => this.#list(rows as AnyFrame[], 'id'),
    chat: ({ chat }) => this.#list([chat as AnyFrame], 'id'),
    changed: ({ chats }) => this.#list(chats as AnyFrame[], 'chat_id'),
    done: () => undefined,
  };
}
