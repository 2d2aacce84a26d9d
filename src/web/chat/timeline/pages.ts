/** Reads the pages of a chat's history that the list comes near to. */
import type { ChatHandle, HistoryPage, HistoryPlace } from '../../../client/index.ts';

const pageRows = 100;
const aroundRows = 60;
/** After a page that could not be read. */
const againMs = 2_000;

export class Pages {
  readonly #chat: ChatHandle;
  readonly #onFailed: () => void;
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onFailed` is called when it may be worth asking again. */
  constructor(chat: ChatHandle, onFailed: () => void) {
    this.#chat = chat;
    this.#onFailed = onFailed;
  }

  /** One at a time; the list asks again when it has grown. */
  #read(place: HistoryPlace): void {
    if (this.#isReading || this.#timer !== undefined) return;
    this.#isReading = true;
    this.#chat.history(place).then(
      () => (this.#isReading = false),
      () => {
        this.#isReading = false;
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#onFailed();
        }, againMs);
      },
    );
  }

  older(seq: number): void {
    this.#read({ before: seq, limit: pageRows });
  }

  newer(seq: number): void {
    this.#read({ after: seq, limit: pageRows });
  }

  /** A message with those around it. Where the page joins what is held, the side of the message is the one that stays. */
  around(seq: number): Promise<HistoryPage> {
    const first = this.#chat.messages.rows[0]?.seq ?? 0;
    const place =
      seq < first
        ? { before: seq + Math.ceil(aroundRows / 2) }
        : { after: Math.max(0, seq - 1 - Math.floor(aroundRows / 2)) };
    return this.#chat.history({ ...place, limit: aroundRows });
  }

  newest(): Promise<HistoryPage> {
    return this.#chat.history({ before: 'end', limit: aroundRows });
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
