/** Where a run stands, kept for the next one. */
import { toMessengerError, type MessengerError } from './errors.ts';
import type { Known } from './feeds.ts';
import type { Clock, Storage } from './platform.ts';

/** Changes within this time are written together. */
const saveAfterMs = 1_000;

/** The resume token, and of each open chat up to where it was applied. */
export interface SavedPlace {
  user_id: string;
  token: string;
  chats: Record<string, Known>;
}

interface PlaceOptions {
  /** Absent: nothing survives the process. */
  storage: Storage | undefined;
  key: string;
  clock: Clock;
  /** As it is now. */
  describe(): SavedPlace;
  onError(error: MessengerError): void;
}

export class Place {
  readonly #options: PlaceOptions;
  #stopTimer: (() => void) | undefined;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  async load(): Promise<SavedPlace | undefined> {
    const text = await this.#options.storage?.get(this.#options.key);
    return text === undefined ? undefined : (JSON.parse(text) as SavedPlace);
  }

  saveLater(): void {
    if (!this.#options.storage) return;
    this.#stopTimer ??= this.#options.clock.after(saveAfterMs, () => void this.save());
  }

  async save(): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const { storage, key, describe, onError } = this.#options;
    try {
      await storage?.set(key, JSON.stringify(describe()));
    } catch (error) {
      onError(toMessengerError(error, 'storage'));
    }
  }

  /** Nothing of it holds any more. */
  async forget(): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    await this.#options.storage?.delete(this.#options.key);
  }
}
