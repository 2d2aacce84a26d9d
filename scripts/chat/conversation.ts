/**
 * The chat on the screen: its newest page, then everything as it happens. Each message is shown once: `#lastSeq` is the newest
 * that came as a message, and what came from the page before it is passed. An own message is shown when it is handed over and
 * shown anew with each step that it makes; where its line has scrolled away, a short line says the step.
 */
import type { ChatHandle, Content, Message, MessengerEvents, PendingMessage } from '../../src/client/index.ts';
import { Complaint } from './complaint.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { OwnMessages } from './own-messages.ts';
import type { Block, Screen } from './screen.ts';
import { listPeople, showGroupChange, showMessageChange } from './show-changes.ts';
import { showMessage, showMessages, showPending, type Shown } from './show-messages.ts';
import { showHeader } from './show-people.ts';
import { toSafeLine } from './safe-text.ts';
import { Turns } from './turns.ts';
import type { Messenger } from '../../src/client/index.ts';

const pageRows = 20;
/** Messages whose last look is remembered, to tell what a change has changed. */
const maxRemembered = 500;

export interface ConversationOptions {
  messenger: Messenger;
  screen: Screen;
  look: Look;
  names: Names;
  chatId: string;
}

const listNamed = ({ sender_id, forwarded, pinned_by }: Message): string[] =>
  [sender_id, forwarded?.sender_id, pinned_by].filter((id) => id !== undefined);

export class Conversation {
  readonly chat: ChatHandle;
  readonly #messenger: Messenger;
  readonly #screen: Screen;
  readonly #look: Look;
  readonly #names: Names;
  readonly #own: OwnMessages;
  readonly #turns = new Turns();
  readonly #remembered = new Map<number, Message>();
  #isLive = false;
  #firstSeq = 0;
  #lastSeq = 0;
  #lastDay: string | undefined;

  constructor({ messenger, screen, look, names, chatId }: ConversationOptions) {
    this.chat = messenger.chat(chatId);
    this.#messenger = messenger;
    this.#screen = screen;
    this.#look = look;
    this.#names = names;
    this.#own = new OwnMessages({ screen, look, show: (message) => showMessage(message, this.shown) });
  }

  /** It is on the screen. */
  get isLive(): boolean {
    return this.#isLive;
  }

  get id(): string {
    return this.chat.id;
  }

  get title(): string {
    const view = this.chat.view;
    return view === undefined ? '' : this.#names.titleOf(view);
  }

  /** What showing its messages needs. */
  get shown(): Shown {
    return {
      look: this.#look,
      names: this.#names,
      find: (seq) => this.find(seq),
      progressOf: (message) => {
        const progress = this.#messenger.store.progressOf(message);
        return progress === 'read' ? 'seen' : progress;
      },
    };
  }

  find(seq: number): Message | undefined {
    return this.#messenger.store.findMessage(this.id, seq) ?? this.#remembered.get(seq);
  }

  /** The message, read from the server where it is not held. @throws Complaint where there is none. */
  async get(seq: number): Promise<Message> {
    const held =
      this.find(seq) ?? (await this.chat.history({ around: seq, limit: 1 })).rows.find((row) => row.seq === seq);
    if (held === undefined) throw new Complaint(this.#look.t.noMessage(seq));
    return held;
  }

  /** The newest message that is known and fits. */
  findNewest(fits: (message: Message) => boolean): Message | undefined {
    return this.chat.messages.rows.findLast((message) => message.deleted_at === undefined && fits(message));
  }

  async open(): Promise<void> {
    await this.chat.open();
    const rows = this.chat.messages.rows;
    await this.#names.learn([
      ...(this.chat.view?.members ?? []).map(({ user_id }) => user_id),
      ...rows.flatMap(listNamed),
    ]);
    this.#watch();
    this.#showNewest();
  }

  /** One hears of those who are on the screen, and of nobody else. */
  #watch(): void {
    const others = (this.chat.view?.members ?? [])
      .map(({ user_id }) => user_id)
      .filter((id) => id !== this.#names.ownId);
    this.#messenger.watch(others.slice(0, this.#messenger.limits?.max_watched ?? 200)).catch(() => undefined);
  }

  #showNewest(): void {
    const view = this.chat.view;
    const { rows, pending } = this.chat.messages;
    const page = rows.slice(-pageRows);
    this.#lastSeq = rows.at(-1)?.seq ?? 0;
    this.#firstSeq = page[0]?.seq ?? 0;
    if (view !== undefined) this.#screen.print(...showHeader(view, this.#names, this.#look, this.#messenger.store));
    const readSeq = view?.own.read_seq ?? 0;
    const firstNew = page.findIndex(({ seq, sender_id }) => seq > readSeq && sender_id !== this.#names.ownId);
    this.#showPage(firstNew < 0 ? page : page.slice(0, firstNew));
    if (firstNew >= 0) {
      const { marks, paint, t } = this.#look;
      this.#screen.print(paint.yellow(`${marks.rule} ${t.newMessages(view?.own.unread_count ?? 0)} ${marks.rule}`));
      this.#showPage(page.slice(firstNew));
    }
    for (const message of pending) this.showPending(message);
    this.#isLive = true;
    this.#own.track(
      page.filter(({ sender_id }) => sender_id === this.#names.ownId),
      this.shown.progressOf,
    );
    this.#markRead();
    this.#showDraft();
  }

  #showDraft(): void {
    const draft = this.chat.view?.own.draft;
    if (!draft) return;
    if (!this.#screen.isTerminal) this.#screen.print(`${this.#look.marks.draft} ${toSafeLine(draft.text)}`);
    const command = draft.reply_to === undefined ? '' : `/reply ${draft.reply_to} `;
    this.#screen.prefill(`${command}${draft.text}`);
  }

  #showPage(rows: readonly Message[]): void {
    for (const message of rows) this.#remember(message);
    const { lines, lastDay } = showMessages(rows, this.shown, this.#lastDay);
    this.#lastDay = lastDay;
    this.#screen.print(...lines);
  }

  #remember(message: Message): void {
    this.#remembered.set(message.seq, message);
    if (this.#remembered.size > maxRemembered) this.#remembered.delete(Math.min(...this.#remembered.keys()));
  }

  #markRead(): void {
    if (this.#lastSeq > (this.chat.view?.own.read_seq ?? 0) || this.chat.view?.own.marked_unread)
      this.chat.markRead(this.#lastSeq === 0 ? undefined : this.#lastSeq).catch(() => undefined);
  }

  /** Shows what was said before the oldest message on the screen. */
  async showMore(limit = pageRows): Promise<void> {
    const { t } = this.#look;
    if (this.#firstSeq <= 1) throw new Complaint(t.startOfChat);
    const { rows } = await this.chat.history({ before: this.#firstSeq, limit });
    if (rows.length === 0) throw new Complaint(t.startOfChat);
    await this.#showApart(rows);
  }

  /** Shows a message and what stands around it. */
  async showAround(seq: number): Promise<void> {
    const { rows } = await this.chat.history({ around: seq, limit: pageRows });
    if (rows.length === 0) throw new Complaint(this.#look.t.noMessage(seq));
    await this.#showApart(rows);
  }

  /** Messages that stand elsewhere in the chat than what is being said. */
  async #showApart(rows: readonly Message[]): Promise<void> {
    const { marks, paint } = this.#look;
    await this.#names.learn(rows.flatMap(listNamed));
    const { lines } = showMessages(rows, this.shown);
    for (const message of rows) this.#remember(message);
    this.#firstSeq = rows[0]!.seq;
    this.#screen.print(
      paint.dim(`${marks.rule} #${this.#firstSeq}–#${rows.at(-1)!.seq} ${marks.rule}`),
      ...lines,
      paint.dim(marks.rule),
    );
  }

  /** Hands a message over and shows it at once. */
  send(content: Content): void {
    const sending = this.chat.send(content);
    // Whatever becomes of it is told by an event.
    sending.stored.catch(() => undefined);
    const pending = this.chat.messages.pending.find(({ client_id }) => client_id === sending.clientId);
    if (pending !== undefined) this.showPending(pending);
    if (this.chat.view?.own.draft) this.chat.setDraft(null).catch(() => undefined);
  }

  showPending(pending: PendingMessage): void {
    const block: Block = this.#screen.print(...showPending(pending, this.shown));
    this.#own.handOver(pending, block);
  }

  onMessage(message: Message): void {
    if (!this.#isLive || message.seq <= this.#lastSeq) return;
    this.#lastSeq = message.seq;
    this.#turns.take(
      () => {
        this.#remember(message);
        if (message.sender_id !== this.#names.ownId || !this.#own.settle(message)) this.#showNew(message);
        this.#markRead();
      },
      this.#names.learn(listNamed(message)),
    );
  }

  #showNew(message: Message): void {
    const { lines, lastDay } = showMessages([message], this.shown, this.#lastDay);
    this.#lastDay = lastDay;
    const block = this.#screen.print(...lines);
    if (message.sender_id === this.#names.ownId) this.#own.track([message], this.shown.progressOf, block);
  }

  onSent(ack: MessengerEvents['sent']['ack']): void {
    this.#own.onAck(ack, this.#names.ownId ?? '');
  }

  onFailed(pending: PendingMessage, reason: string): void {
    this.#own.onFailed(pending, reason, (message) => showPending(message, this.shown));
  }

  onMessageChanged(message: Message): void {
    if (!this.#isLive) return;
    this.#turns.take(
      () => {
        const before = this.#remembered.get(message.seq);
        if (before !== undefined) this.#remember(message);
        this.#screen.print(...showMessageChange(before, message, this.shown));
      },
      this.#names.learn(listNamed(message)),
    );
  }

  onChange(change: MessengerEvents['change']['change']): void {
    if (!this.#isLive) return;
    if (change.type === 'members_added') this.#watch();
    const show = (): void => void this.#screen.print(...showGroupChange(change, this.#names, this.#look));
    this.#turns.take(show, this.#names.learn(listPeople(change)));
  }

  onPositions(): void {
    this.#own.onProgress(this.shown.progressOf);
  }

  close(): void {
    this.#isLive = false;
    this.chat.close();
    this.#messenger.watch([]).catch(() => undefined);
  }
}
