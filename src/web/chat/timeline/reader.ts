/** Marks as read what has really been on the screen of somebody who looks at it. */
import type { ChatHandle } from '../../../client/index.ts';
import { isWatched } from './watched.ts';

const gatherMs = 300;

export class Reader {
  readonly #chat: ChatHandle;
  #seen = 0;
  #marked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The person wanted to come back to this chat, and has. */
  #isReturn: boolean | undefined;

  constructor(chat: ChatHandle) {
    this.#chat = chat;
  }

  /** `seq`: the last message that is wholly on the screen. */
  saw(seq: number): void {
    if (seq <= this.#marked || !isWatched()) return;
    this.#isReturn ??= this.#chat.view?.own.marked_unread;
    this.#seen = Math.max(this.#seen, seq);
    this.#timer ??= setTimeout(() => this.#mark(), gatherMs);
  }

  #mark(): void {
    this.#timer = undefined;
    const seq = this.#seen;
    if (seq <= (this.#chat.view?.own.read_seq ?? 0) && !this.#isReturn) return;
    this.#isReturn = false;
    this.#marked = seq;
    this.#chat.markRead(seq).catch(() => (this.#marked = 0));
  }

  /** What was seen until now counts. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#mark();
  }
}
