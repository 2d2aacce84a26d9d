/** What one has written and not sent. The server keeps it for all devices of a person; until it says so, this does. */
import { MessengerError, type Messenger } from '../../../client/index.ts';

/** Of one chat; null: nothing. */
export type DraftValue = { text: string; replyTo: number | undefined } | null;

export const isSameDraft = (a: DraftValue, b: DraftValue): boolean => a?.text === b?.text && a?.replyTo === b?.replyTo;

/** How many of one's own earlier drafts may come back as an echo. */
const maxEchoes = 20;

class Drafts {
  readonly #messenger: Messenger;
  /** What the server has not told back; null: nothing is written any more. */
  readonly #unsaved = new Map<string, DraftValue>();
  /** What was sent and has not come back yet, by chat. */
  readonly #echoes = new Map<string, DraftValue[]>();

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
    messenger.on('state', ({ state }) => {
      if (state === 'online') for (const [chatId, value] of this.#unsaved) void this.#send(chatId, value);
    });
  }

  /** What the field of a chat begins with. */
  get(chatId: string): DraftValue {
    const unsaved = this.#unsaved.get(chatId);
    return unsaved === undefined ? this.ofServer(chatId) : unsaved;
  }

  /** What the server has said last. */
  ofServer(chatId: string): DraftValue {
    const draft = this.#messenger.store.get(`chat:${chatId}`)?.own.draft;
    return draft ? { text: draft.text, replyTo: draft.reply_to } : null;
  }

  /** Whether the server does not have yet what was written here. */
  isUnsaved(chatId: string): boolean {
    return this.#unsaved.has(chatId);
  }

  save(chatId: string, value: DraftValue): void {
    if (isSameDraft(value, this.get(chatId))) return;
    this.#unsaved.set(chatId, value);
    this.#echoes.set(chatId, [...(this.#echoes.get(chatId) ?? []), value].slice(-maxEchoes));
    void this.#send(chatId, value);
  }

  /** Whether what the server says now is what this device has told it; asked once for each thing that it says. */
  takeEcho(chatId: string, value: DraftValue): boolean {
    const echoes = this.#echoes.get(chatId) ?? [];
    const at = echoes.findIndex((sent) => isSameDraft(sent, value));
    // Those before it are not told any more.
    echoes.splice(0, at + 1);
    return at >= 0;
  }

  async #send(chatId: string, value: DraftValue): Promise<void> {
    const before = this.ofServer(chatId);
    try {
      await this.#messenger
        .chat(chatId)
        .setDraft(value && { text: value.text, ...(value.replyTo !== undefined && { reply_to: value.replyTo }) });
    } catch (error) {
      // It is sent again with the next connection.
      if (this.#messenger.state !== 'online' || (error instanceof MessengerError && error.retry === 'same')) return;
      this.#forget(chatId, value);
      return;
    }
    this.#forgetWhenTold(chatId, value, before);
  }

  /** The server tells of a draft apart from its answer, and it may come earlier or later. */
  #forgetWhenTold(chatId: string, value: DraftValue, before: DraftValue): void {
    const { store } = this.#messenger;
    const look = (): boolean => {
      const now = this.ofServer(chatId);
      // What it says of an earlier one is on its way as well.
      if (!isSameDraft(now, value) && (isSameDraft(now, before) || this.#isOwn(chatId, now))) return false;
      this.#forget(chatId, value);
      return true;
    };
    if (look()) return;
    const off = store.subscribe(`chat:${chatId}`, () => {
      if (look()) off();
    });
  }

  #isOwn(chatId: string, value: DraftValue): boolean {
    return this.#echoes.get(chatId)?.some((sent) => isSameDraft(sent, value)) ?? false;
  }

  #forget(chatId: string, value: DraftValue): void {
    if (this.#unsaved.get(chatId) === value) this.#unsaved.delete(chatId);
  }
}

const known = new WeakMap<Messenger, Drafts>();

/** The drafts of who has logged in. */
export function draftsOf(messenger: Messenger): Drafts {
  let drafts = known.get(messenger);
  if (!drafts) known.set(messenger, (drafts = new Drafts(messenger)));
  return drafts;
}
