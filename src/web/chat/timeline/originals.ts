/** Messages that others answer and that are not held: read once, quietly, and kept up to date. */
import { signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Message, Messenger } from '../../../client/index.ts';
import { useMessenger } from '../../app/slices.ts';

/** Undefined: not known yet; null: one cannot see it. */
export type Original = Message | null | undefined;

class Originals {
  readonly #messenger: Messenger;
  readonly #known = new Map<string, Signal<Original>>();
  readonly #wanted: { chatId: string; seq: number }[] = [];
  #isReading = false;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
    messenger.on('message_changed', ({ message }) => {
      const known = this.#known.get(`${message.chat_id}/${message.seq}`);
      if (known) known.value = message;
    });
  }

  of(chatId: string, seq: number): Signal<Original> {
    const key = `${chatId}/${seq}`;
    let known = this.#known.get(key);
    if (!known) this.#known.set(key, (known = signal<Original>(undefined)));
    return known;
  }

  want(chatId: string, seq: number): void {
    if (this.of(chatId, seq).peek() !== undefined) return;
    if (this.#wanted.some((one) => one.chatId === chatId && one.seq === seq)) return;
    this.#wanted.push({ chatId, seq });
    if (!this.#isReading) void this.#read();
  }

  /** One after the other; who scrolls past many of them sees the newest first. */
  async #read(): Promise<void> {
    this.#isReading = true;
    for (let next = this.#wanted.pop(); next; next = this.#wanted.pop()) {
      const { chatId, seq } = next;
      try {
        const { rows } = await this.#messenger.chat(chatId).peek({ around: seq, limit: 1 });
        this.of(chatId, seq).value = rows.find((row) => row.seq === seq) ?? null;
      } catch {
        // It is asked for again when it is next shown.
      }
    }
    this.#isReading = false;
  }
}

const all = new WeakMap<Messenger, Originals>();

/** The message that another one answers; `held`: it is known already. */
export function useOriginal(chatId: string, seq: number, held: Message | undefined): Original {
  const messenger = useMessenger();
  let originals = all.get(messenger);
  if (!originals) all.set(messenger, (originals = new Originals(messenger)));
  useEffect(() => {
    if (!held) originals.want(chatId, seq);
  }, [originals, chatId, seq, held === undefined]);
  const read = originals.of(chatId, seq).value;
  return held ?? read;
}
