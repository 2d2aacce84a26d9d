/**
 * What a list of messages shows and where its reader is. The place is what counts: after every change of the rows or their
 * heights the layout is brought back to it, and only scrolling and jumps move it.
 */
import type { ChatHandle, ChatView, Message, MessagesView, Messenger, StoreView } from '../../../client/index.ts';
import { toErrorText } from '../../app/error-text.ts';
import { toast } from '../../ui/toast.tsx';
import { keepPlace, placeOf } from './places.ts';
import { Pages } from './pages.ts';
import { aheadOf, follow, rangeAt, rangeAtEnd, rowsOf, type Range } from './range.ts';
import { Reader } from './reader.ts';
import { Scroller, type Position, type Sight } from './scroller.ts';
import { isWatched } from './watched.ts';

/** Where a jump leads: into the middle of the screen, or to its upper part. */
type Aim = 'center' | 'top';

const flashMs = 2_000;
/** What is seen above the first unread message. */
const unreadTop = 0.2;

const isKnown = ({ rows, atStart, atEnd }: MessagesView): boolean => rows.length > 0 || (atStart && atEnd);

export class TimelineModel {
  readonly chat: ChatHandle;
  /** It also knows what the last visit saw, which the chat itself does not. */
  readonly #store: StoreView;
  readonly #render: () => void;
  readonly #pages: Pages;
  readonly #reader: Reader;
  #scroller: Scroller | undefined;
  #list: HTMLElement | undefined;
  #scrollTop = -1;
  #range: Range | undefined;
  #position: Position = 'end';
  /** A jump whose message is rendered, but not yet at its place. */
  #aim: { seq: number; aim: Aim } | undefined;
  #jumps = 0;
  #flashTimer: ReturnType<typeof setTimeout> | undefined;
  #newestPending: string | undefined;
  /** What is shown was kept from the last visit. */
  #isOfMemory = false;
  /** The stored messages on the page. */
  shown: readonly Message[] = [];
  unreadFrom: number | undefined;
  /** The message that is pointed at. */
  flashed: number | undefined;
  /** A jump is on its way. */
  isJumping = false;
  isAtEnd = true;

  constructor(messenger: Messenger, chatId: string, render: () => void) {
    this.chat = messenger.chat(chatId);
    this.#store = messenger.store;
    this.#render = render;
    this.#pages = new Pages(this.chat, () => this.lookAgain());
    this.#reader = new Reader(this.chat);
    this.#newestPending = this.#messages.pending.at(-1)?.client_id;
  }

  get #messages(): MessagesView {
    return this.#store.get(`messages:${this.chat.id}`);
  }

  get #own(): ChatView['own'] | undefined {
    return this.#store.get(`chat:${this.chat.id}`)?.own;
  }

  // Rendering

  /** Looks at what is there before it changes. */
  prepare(view: MessagesView): void {
    if (this.#list && this.#list.scrollTop !== this.#scrollTop && !this.#aim) this.#note();
    const newest = view.pending.at(-1)?.client_id;
    const isSent = newest !== undefined && newest !== this.#newestPending && this.#range !== undefined;
    if (isSent && !(this.#position === 'end' && this.hasEnd)) queueMicrotask(() => void this.toEnd());
    this.#newestPending = newest ?? this.#newestPending;
    this.#followUnread();
    this.#beginAnew();
    if (this.#range) this.shown = rowsOf(this.#range, view.rows, this.shown);
  }

  /** Whether the list has its first place, and the end of the chat belongs to it. */
  get isPlaced(): boolean {
    return this.#range !== undefined;
  }

  get hasEnd(): boolean {
    return this.#range?.to === Infinity && this.#messages.atEnd;
  }

  /** Whoever was away finds what came meanwhile below the line. */
  #followUnread(): void {
    const own = this.#own;
    if (!own || isWatched() || own.unread_count === 0 || (this.unreadFrom ?? 0) > own.read_seq) return;
    this.unreadFrom = own.read_seq + 1;
  }

  /** Whoever has only seen the end of what was kept is led to what has come since. */
  #beginAnew(): void {
    if (!this.#isOfMemory || !isKnown(this.chat.messages)) return;
    this.#isOfMemory = false;
    if (this.#position === 'end' && (this.#own?.unread_count ?? 0) > 0) this.#range = undefined;
  }

  /** The element that scrolls. */
  attach(list: HTMLElement): void {
    this.#list = list;
    this.#scroller = new Scroller(list);
  }

  /** The rows are laid out anew. */
  settle(): void {
    if (!this.#scroller || !this.#range) return;
    if (this.#aim && this.#scroller.find(this.#aim.seq)) {
      const { seq, aim } = this.#aim;
      this.#position =
        aim === 'center' ? this.#scroller.centerOf(seq) : { seq, top: this.#list!.clientHeight * unreadTop };
      this.#aim = undefined;
    }
    this.#scroller.settle(this.#restrained());
    this.#look();
  }

  /** While nobody looks, the end is followed only as long as the first new message is on the screen. */
  #restrained(): Position {
    if (this.#position !== 'end' || this.unreadFrom === undefined || isWatched()) return this.#position;
    if (this.unreadFrom <= (this.#own?.read_seq ?? 0)) return 'end';
    const row = this.#scroller!.find(this.unreadFrom);
    if (!row) return 'end';
    const top = this.#list!.clientHeight * unreadTop;
    const above = row.getBoundingClientRect().top - this.#list!.getBoundingClientRect().top - top;
    return this.#scroller!.distanceToEnd > above ? { seq: this.unreadFrom, top } : 'end';
  }

  // Looking

  #note(): Sight | undefined {
    const sight = this.#scroller?.look(this.hasEnd);
    this.#scrollTop = this.#list?.scrollTop ?? -1;
    if (sight) this.#position = sight.position;
    return sight;
  }

  /** The list was scrolled. By the model itself: it knows, and the layout may be newer than that. */
  scrolled(): void {
    if (this.#list?.scrollTop === this.#scrollTop) return;
    this.#list?.classList.add('timeline-moving');
    this.#look();
  }

  /** Something else than the list tells to look. What has moved since the last time is brought back first. */
  lookAgain(): void {
    if (this.#list?.scrollTop === this.#scrollTop) this.settle();
    else this.#look();
  }

  /** Something has moved: notes the place, and sees that there is enough around it. */
  #look(): void {
    if (!this.#range || this.#aim) return;
    const sight = this.#note();
    if (!sight) return;
    const view = this.#messages;
    const range = follow(this.#range, sight, view);
    const isAtEnd = sight.position === 'end';
    if (range !== this.#range || isAtEnd !== this.isAtEnd) {
      this.#range = range;
      this.isAtEnd = isAtEnd;
      this.#render();
    }
    this.#reader.saw(sight.lastWhole);
    this.#readAround(sight, view);
  }

  #readAround(sight: Sight, { rows, atStart, atEnd }: MessagesView): void {
    const first = rows[0]?.seq;
    const last = rows.at(-1)?.seq;
    if (first === undefined || last === undefined) return;
    const ahead = 3 * aheadOf(sight);
    if (sight.first < first && this.shown[0]!.seq < first) this.#pages.older(sight.last + ahead);
    else if (sight.last > last && this.shown.at(-1)!.seq > last) this.#pages.newer(Math.max(0, sight.first - ahead));
    else if (!atStart && sight.first - first < ahead) this.#pages.older(first);
    else if (!atEnd && last - sight.last < ahead) this.#pages.newer(last);
  }

  // Moving

  /** Finds the first place, as soon as something is known. `seq`: what the address points at. */
  begin(seq: number | undefined): void {
    if (this.#range || this.isJumping || !isKnown(this.#messages)) return;
    const isOfMemory = !isKnown(this.chat.messages);
    // Nothing can be read now.
    const leadsTo = (to: number): boolean => !isOfMemory || this.#holds(to);
    if (seq !== undefined && !leadsTo(seq)) return;
    this.#isOfMemory = isOfMemory;
    const own = this.#own;
    if (own && own.unread_count > 0) this.unreadFrom = own.read_seq + 1;
    const place = placeOf(this.chat.id);
    if (seq !== undefined) void this.jump(seq);
    else if (place) void this.#go(place.seq, () => (this.#position = place));
    else if (this.unreadFrom !== undefined && leadsTo(this.unreadFrom))
      void this.#go(this.unreadFrom, (at) => (this.#aim = { seq: at, aim: 'top' }));
    else this.#showEnd();
  }

  /** Shows a message in the middle of the screen and points at it. */
  async jump(seq: number): Promise<void> {
    await this.#go(seq, (at) => {
      this.#aim = { seq: at, aim: 'center' };
      this.#flash(at);
    });
  }

  #flash(seq: number): void {
    this.flashed = seq;
    clearTimeout(this.#flashTimer);
    this.#flashTimer = setTimeout(() => {
      this.flashed = undefined;
      this.#render();
    }, flashMs);
  }

  /** Has a message held and rendered. The newest jump counts. */
  async #go(seq: number, place: (seq: number) => void): Promise<void> {
    const jump = ++this.#jumps;
    if (!this.#holds(seq)) {
      if (!(await this.#read(jump, () => this.#pages.around(seq)))) return;
    }
    const { rows } = this.#messages;
    if (rows.length === 0) return this.#showEnd();
    const at = Math.min(Math.max(seq, rows[0]!.seq), rows.at(-1)!.seq);
    this.#range = rangeAt(at, this.#messages);
    this.shown = [];
    place(at);
    this.#render();
  }

  /** Reads what a jump needs. False: it leads nowhere, for another one has begun or it could not be read. */
  async #read(jump: number, read: () => Promise<unknown>): Promise<boolean> {
    this.#setJumping(true);
    try {
      await read();
      return jump === this.#jumps;
    } catch (error) {
      if (jump === this.#jumps) {
        toast(toErrorText(error));
        if (!this.#range) this.#showEnd();
      }
      return false;
    } finally {
      if (jump === this.#jumps) this.#setJumping(false);
    }
  }

  #holds(seq: number): boolean {
    const { rows } = this.#messages;
    return rows.length > 0 && seq >= rows[0]!.seq && seq <= rows.at(-1)!.seq;
  }

  #setJumping(on: boolean): void {
    if (this.isJumping === on) return;
    this.isJumping = on;
    this.#render();
  }

  /** Shows the newest messages. */
  async toEnd(): Promise<void> {
    const jump = ++this.#jumps;
    if (!this.#messages.atEnd) {
      if (!(await this.#read(jump, () => this.#pages.newest()))) return;
    }
    this.#showEnd();
  }

  /** Shows the first messages that one may see. */
  async toStart(): Promise<void> {
    await this.#go(1, (at) => (this.#aim = { seq: at, aim: 'top' }));
  }

  #showEnd(): void {
    this.#range = rangeAtEnd(this.#messages);
    this.shown = [];
    this.#position = 'end';
    this.#aim = undefined;
    this.isAtEnd = true;
    this.#render();
  }

  /** The list goes: its place is kept. */
  close(): void {
    this.#jumps++;
    clearTimeout(this.#flashTimer);
    this.#pages.close();
    this.#reader.close();
    if (this.#range) keepPlace(this.chat.id, this.#position === 'end' ? undefined : this.#position);
  }
}
