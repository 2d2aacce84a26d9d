/**
 * The order of one socket's frames.
 *
 * G4: frames are handled in the order sent. Sends are pipelined, so that many share a batch; any other frame waits until
 * all before it are answered, and those after it wait for it. Replies leave in the order of the frames they answer: each
 * frame takes a slot when it is begun, and slots are written from the front.
 */
import type { ParsedFrame } from './dialect.ts';

interface Slot {
  text: string | undefined;
  done: boolean;
}

interface PipelineOptions {
  /** Carries a frame out and says its reply, undefined where there is none. What it throws is a bug. */
  answer(frame: ParsedFrame): Promise<string | undefined>;
  write(reply: string): void;
  /** Whether a question may be answered now: what may be much waits until the client has read what it was sent before. */
  mayAsk(): boolean;
  /** Something was answered. */
  onAnswered(): void;
  onBug(error: unknown): void;
}

const isSend = (frame: ParsedFrame): boolean => 'command' in frame && frame.command.kind === 'send';
const isAsk = (frame: ParsedFrame): boolean => 'command' in frame && frame.command.kind === 'ask';

export class Pipeline {
  readonly #options: PipelineOptions;
  #inbox: { frame: ParsedFrame; bytes: number }[] = [];
  #inboxBytes = 0;
  #slots: Slot[] = [];
  /** A frame that is not a send is being handled: nothing else is, meanwhile. */
  #exclusive = false;
  #pumping = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Frames that were taken and are not answered. */
  get unanswered(): number {
    return this.#slots.length + this.#inbox.length;
  }

  /** Of frames that nothing was begun with. */
  get waitingBytes(): number {
    return this.#inboxBytes;
  }

  take(frame: ParsedFrame, bytes: number): void {
    this.#inbox.push({ frame, bytes });
    this.#inboxBytes += bytes;
    this.pump();
  }

  /** Begins nothing until `act` is done. */
  async holdDuring(act: () => Promise<void>): Promise<void> {
    this.#exclusive = true;
    await act();
    this.#exclusive = false;
    this.pump();
  }

  /** Forgets what nothing was begun with. */
  clear(): void {
    this.#inbox = [];
    this.#inboxBytes = 0;
  }

  /** Starts whatever may start now. A frame answered at once comes back here: then the loop goes on, not the stack. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#inbox.length > 0 && !this.#exclusive) {
      const { frame, bytes } = this.#inbox[0]!;
      if (!isSend(frame) && (this.#slots.length > 0 || (isAsk(frame) && !this.#options.mayAsk()))) break;
      this.#inbox.shift();
      this.#inboxBytes -= bytes;
      const slot: Slot = { text: undefined, done: false };
      this.#slots.push(slot);
      this.#exclusive = !isSend(frame);
      this.#carryOut(frame, slot).catch((error: unknown) => this.#options.onBug(error));
    }
    this.#pumping = false;
  }

  async #carryOut(frame: ParsedFrame, slot: Slot): Promise<void> {
    slot.text = await this.#options.answer(frame);
    slot.done = true;
    if (!isSend(frame)) this.#exclusive = false;
    this.#writeReplies();
    this.pump();
    this.#options.onAnswered();
  }

  #writeReplies(): void {
    let written = 0;
    while (written < this.#slots.length && this.#slots[written]!.done) {
      const { text } = this.#slots[written++]!;
      if (text !== undefined) this.#options.write(text);
    }
    this.#slots.splice(0, written);
  }
}
