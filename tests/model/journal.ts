const maxLines = 20_000;

/** What was done and what went wrong in the meantime, in short, for who has to understand a finding. */
export class Journal {
  readonly #lines: { at: number; text: string; chatId: string | undefined }[] = [];
  readonly #startedAt = Date.now();
  /** Whether everything that is said on the wire is noted, too. */
  readonly hearsFrames: boolean;

  constructor({ hearsFrames = false } = {}) {
    this.hearsFrames = hearsFrames;
  }

  note(text: string, chatId?: string): void {
    if (this.#lines.length >= maxLines) this.#lines.splice(0, maxLines / 2);
    this.#lines.push({ at: Date.now() - this.#startedAt, text, chatId });
  }

  /** The newest lines about one of these chats or about no chat at all; about everything where none is named. */
  tell(chatIds: readonly string[], maxShown = 60): string[] {
    const lines = this.#lines.filter(
      ({ chatId }) => chatIds.length === 0 || chatId === undefined || chatIds.includes(chatId),
    );
    return lines
      .slice(-maxShown)
      .map(
        ({ at, text, chatId }) => `${(at / 1_000).toFixed(3)} ${text}${chatId === undefined ? '' : ` in ${chatId}`}`,
      );
  }
}

/** The chats that a sentence names. */
export const chatsIn = (sentence: string): string[] =>
  sentence.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [];
