import type { Ack, Message, PendingMessage } from '../../src/client/index.ts';
import type { Look } from './look.ts';
import type { Block, Screen } from './screen.ts';
import { toMark, type Progress } from './show-messages.ts';
import { toSafeLine } from './safe-text.ts';

const maxTracked = 200;
const maxClipLength = 30;

type ProgressOf = (message: Message) => Progress;

interface Tracked {
  message: Message;
  /** Where it stands, if it was shown in this run. */
  block: Block | undefined;
  /** The last step that was shown. */
  progress: Progress;
}

/** Own messages on their way: handed over, stored, delivered, seen by all. Each step is shown once. */
export class OwnMessages {
  readonly #screen: Screen;
  readonly #look: Look;
  readonly #show: (message: Message) => string[];
  readonly #handedOver = new Map<string, { pending: PendingMessage; block: Block }>();
  /** Those that the server has stored and not everybody has read, by seq. */
  readonly #tracked = new Map<number, Tracked>();
  /** Client ids of those that are shown as stored and have not come back as messages yet. */
  readonly #stored = new Set<string>();

  constructor({ screen, look, show }: { screen: Screen; look: Look; show: (message: Message) => string[] }) {
    this.#screen = screen;
    this.#look = look;
    this.#show = show;
  }

  handOver(pending: PendingMessage, block: Block): void {
    this.#handedOver.set(pending.client_id, { pending, block });
  }

  /** Own messages whose further steps are to be shown. */
  track(messages: readonly Message[], progressOf: ProgressOf, block?: Block): void {
    for (const message of messages) {
      const progress = progressOf(message);
      if (progress !== 'seen') this.#tracked.set(message.seq, { message, block, progress });
    }
    while (this.#tracked.size > maxTracked) this.#tracked.delete(this.#tracked.keys().next().value!);
  }

  onAck({ chat_id, client_id, id, seq, version, timestamp }: Ack, ownId: string): void {
    const held = this.#handedOver.get(client_id);
    if (held === undefined) return;
    const { text, reply_to, mentions, forward } = held.pending;
    // The text of a forward is the server's to say: it comes with the message.
    if (forward !== undefined) return;
    this.#stored.add(client_id);
    this.#showStored({
      id,
      chat_id,
      seq,
      version,
      sender_id: ownId,
      client_id,
      text,
      timestamp,
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(mentions === undefined ? {} : { mentions: [...mentions] }),
    });
  }

  /** Whether the message is one of those handed over here, and therefore on the screen. */
  settle(message: Message): boolean {
    const wasShown = this.#stored.delete(message.client_id);
    if (!wasShown && !this.#handedOver.has(message.client_id)) return false;
    if (!wasShown) this.#showStored(message);
    return true;
  }

  #showStored(message: Message): void {
    const { block } = this.#handedOver.get(message.client_id)!;
    this.#handedOver.delete(message.client_id);
    this.#tracked.set(message.seq, { message, block, progress: 'stored' });
    if (this.#screen.replace(block, this.#show(message))) return;
    this.#say('stored', `#${message.seq} ${toSafeLine(message.text, maxClipLength)}`);
  }

  onFailed(pending: PendingMessage, reason: string, show: (pending: PendingMessage) => string[]): void {
    const held = this.#handedOver.get(pending.client_id);
    if (held) this.#screen.replace(held.block, show(pending));
    const clip = toSafeLine(pending.text, maxClipLength);
    this.#screen.print(this.#look.paint.red(`${this.#look.marks.failed} ${this.#look.t.notSent(clip, reason)}`));
  }

  /** Some position has moved: shows for each step the newest message that it holds for. */
  onProgress(progressOf: ProgressOf): void {
    const newest = new Map<Progress, Tracked>();
    for (const tracked of this.#tracked.values()) {
      const progress = progressOf(tracked.message);
      if (progress === tracked.progress) continue;
      tracked.progress = progress;
      newest.set(progress, tracked);
      if (progress === 'seen') this.#tracked.delete(tracked.message.seq);
    }
    for (const [progress, { message, block }] of newest) {
      if (block && this.#screen.replace(block, this.#show(message))) continue;
      this.#say(progress, `#${message.seq}`);
    }
  }

  #say(progress: Progress, what: string): void {
    const { paint, t } = this.#look;
    this.#screen.print(`${toMark(progress, this.#look)} ${paint.dim(`${what} ${t.progress[progress]}`)}`);
  }
}
