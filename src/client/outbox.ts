/**
 * Own messages that the server has not acknowledged. Each is in the storage before it is sent for the first time, and is sent
 * again under the same `client_id`, which makes it one message however often that is, until there is an answer that counts.
 *
 * The order of a chat holds without waiting for acks: a message names the one before it (`after`), and the server stores it
 * only when that one is stored (`depends_missing` otherwise). Whatever is not stored is then sent again from the first one
 * on. A message that was refused for good stands aside, and the next one names the one before it. No more than
 * `maxOnTheWay` wait for their acks at a time, over all chats.
 */
import { pauseMs } from './connector.ts';
import { MessengerError, toMessengerError } from './errors.ts';
import { OnTheWay } from './on-the-way.ts';
import { ofTheConnection, toPending, type Item, type Outgoing, type SendFrame } from './outbox-item.ts';
import type { Clock, Storage } from './platform.ts';
import type { Ack, PendingMessage, Sending } from './views.ts';

export type { Outgoing } from './outbox-item.ts';

interface Promised {
  resolve(ack: Ack): void;
  reject(error: MessengerError): void;
}

interface OutboxOptions {
  /** Absent: nothing survives the process. */
  storage: Storage | undefined;
  key: string;
  clock: Clock;
  random: () => number;
  /** Sends now, in the order of the calls; rejects when there is no connection. */
  send(frame: SendFrame): Promise<Ack>;
  /** Everything that `change` does is told at its end. */
  batch(change: () => void): void;
  /** What waits in this chat has changed. */
  onChange(chatId: string): void;
  onSent(ack: Ack, frame: Outgoing): void;
  onFailed(pending: PendingMessage, error: MessengerError): void;
  onError(error: MessengerError): void;
}

/** What waits to be stored, of one person. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Whose it is, once what they left behind is here. */
  #userId: string | undefined;
  #owner: { id: string; taken: Promise<void> } | undefined;
  #online = false;
  /** By chat, in the order of sending. */
  readonly #chats = new Map<string, Item[]>();
  readonly #promised = new Map<string, Promised>();
  readonly #onTheWay = new OnTheWay();
  /** Chats whose sending waits, and what ends the wait. */
  readonly #pauses = new Map<string, () => void>();
  #isDirty = false;
  /** What was written last is in the storage. */
  #isStored = false;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** All that waits, chat by chat. */
  get pending(): PendingMessage[] {
    return [...this.#chats.values()].flat().map(toPending);
  }

  /** Whose it is: takes what an earlier run of theirs left behind. What somebody else left is theirs no more. */
  belongTo(userId: string): Promise<void> {
    if (this.#owner?.id !== userId) this.#owner = { id: userId, taken: this.#take(userId) };
    return this.#owner.taken;
  }

  async #take(userId: string): Promise<void> {
    let items: Item[] = [];
    try {
      items = await this.#readLeft(this.#options.storage, userId);
    } finally {
      this.#userId = userId;
      for (const item of items.reverse()) this.#chatOf(item.frame.chat_id).unshift({ ...item, saved: true });
      this.#save();
      for (const chatId of this.#chats.keys()) this.#options.onChange(chatId);
    }
  }

  async #readLeft(storage: Storage | undefined, userId: string): Promise<Item[]> {
    const text = await storage?.get(this.#options.key);
    const left = text === undefined ? undefined : (JSON.parse(text) as { user_id: string; items: Item[] });
    if (left?.user_id !== userId) return [];
    return left.items.map((item) => ({
      ...item,
      status: item.status === 'failed' ? 'failed' : 'queued',
      saved: false,
      tries: 0,
    }));
  }

  /**
   * Takes over what a messenger of the same person that runs no more left in its storage, behind what waits here. It is
   * deleted there when it is in the storage here, and only then: who dies in between has it in both, and it is still one
   * message.
   */
  async adopt(storage: Storage): Promise<void> {
    await this.#owner?.taken;
    if (this.#userId === undefined) return;
    const items = await this.#readLeft(storage, this.#userId);
    for (const item of items) if (!this.#find(item.frame.client_id)) this.#chatOf(item.frame.chat_id).push(item);
    if (items.length === 0) return;
    this.#save();
    for (const chatId of new Set(items.map((item) => item.frame.chat_id))) this.#options.onChange(chatId);
    while (this.#writing) await this.#writing;
    if (this.#isStored) await storage.delete(this.#options.key);
  }

  /** What waits already under the same `client_id` is the same message; one that failed is tried again. */
  add(frame: Outgoing): Sending {
    const { client_id: clientId, chat_id: chatId } = frame;
    const earlier = this.#promised.get(clientId);
    const stored = new Promise<Ack>((resolve, reject) => {
      if (this.#isClosed) return reject(new MessengerError('stopped'));
      this.#promised.set(clientId, { resolve, reject });
    });
    stored.catch(() => undefined);
    if (earlier) stored.then(earlier.resolve, earlier.reject);
    if (this.#isClosed) return { clientId, stored };
    if (this.#find(clientId)) this.retry(clientId);
    else {
      this.#chatOf(chatId).push({ frame, status: 'queued', saved: false, tries: 0 });
      this.#options.onChange(chatId);
      this.#save();
    }
    return { clientId, stored };
  }

  connected(): void {
    this.#online = true;
    for (const chatId of this.#chats.keys()) this.#resume(chatId);
  }

  disconnected(): void {
    this.#online = false;
    this.#onTheWay.clear();
    for (const [chatId, items] of this.#chats) {
      for (const item of items) if (item.status === 'sent') item.status = 'queued';
      this.#options.onChange(chatId);
    }
  }

  retry(clientId: string): void {
    const item = this.#find(clientId);
    if (item?.status !== 'failed') return;
    const items = this.#chatOf(item.frame.chat_id);
    items.splice(items.indexOf(item), 1);
    items.push({ frame: item.frame, status: 'queued', saved: false, tries: 0 });
    this.#options.onChange(item.frame.chat_id);
    this.#save();
  }

  drop(clientId: string): void {
    const item = this.#remove(clientId);
    if (item) this.#promised.get(clientId)?.reject(new MessengerError('stopped', { message: 'It was dropped.' }));
    this.#promised.delete(clientId);
    this.#answered(clientId);
  }

  /** The message is stored: by an ack, or it was seen in its chat. */
  settle(ack: Ack): void {
    this.#options.batch(() => {
      const item = this.#remove(ack.client_id);
      if (!item) return;
      this.#promised.get(ack.client_id)?.resolve(ack);
      this.#promised.delete(ack.client_id);
      this.#options.onSent(ack, item.frame);
    });
    this.#answered(ack.client_id);
  }

  #answered(clientId: string): void {
    if (this.#onTheWay.remove(clientId)) this.#pumpAll();
  }

  /** There is room for others. */
  #pumpAll(): void {
    for (const chatId of this.#onTheWay.order(this.#chats.keys())) this.#pump(chatId);
  }

  /** Chats of which one is no member any more keep what waits: the server says what becomes of it. */
  #remove(clientId: string): Item | undefined {
    const item = this.#find(clientId);
    if (!item) return undefined;
    const { chat_id: chatId } = item.frame;
    const rest = this.#chatOf(chatId).filter((one) => one !== item);
    if (rest.length > 0) this.#chats.set(chatId, rest);
    else this.#chats.delete(chatId);
    this.#options.onChange(chatId);
    this.#save();
    return item;
  }

  #find(clientId: string): Item | undefined {
    for (const items of this.#chats.values())
      for (const item of items) if (item.frame.client_id === clientId) return item;
    return undefined;
  }

  #chatOf(chatId: string): Item[] {
    const items = this.#chats.get(chatId) ?? [];
    this.#chats.set(chatId, items);
    return items;
  }

  /** Sends what may be sent of a chat, in order, each naming the one before it. */
  #pump(chatId: string): void {
    if (!this.#online || this.#pauses.has(chatId)) return;
    let before: Item | undefined;
    for (const item of this.#chats.get(chatId) ?? []) {
      if (item.status === 'failed') continue;
      if (!item.saved) return;
      if (item.status === 'queued') {
        if (!this.#onTheWay.hasRoomFor(item.frame.client_id)) return;
        this.#send(item, before);
      }
      before = item;
    }
  }

  #send(item: Item, before: Item | undefined): void {
    item.status = 'sent';
    this.#onTheWay.add(item.frame.client_id, item.frame.chat_id);
    const after = before && { after: before.frame.client_id };
    this.#options.send({ ...item.frame, ...after }).then(
      (ack) => this.settle(ack),
      (thrown: unknown) => {
        const error = toMessengerError(thrown, 'bad_answer');
        // One whose time is over keeps its place: it may be answered yet.
        const isFree = error.code !== 'timeout' && this.#onTheWay.remove(item.frame.client_id);
        this.#refused(item, error);
        if (isFree && !ofTheConnection.has(error.code)) this.#pumpAll();
      },
    );
    this.#options.onChange(item.frame.chat_id);
  }

  #refused(item: Item, error: MessengerError): void {
    if (item.status !== 'sent') return;
    const isOver = error.retry !== 'same' && !ofTheConnection.has(error.code);
    if (isOver) return this.#fail(item, error);
    item.status = 'queued';
    this.#options.onChange(item.frame.chat_id);
    if (ofTheConnection.has(error.code)) return;
    item.tries++;
    const isLate = error.code === 'depends_missing' && item.tries < 3;
    if (isLate) this.#pump(item.frame.chat_id);
    else this.#pause(item.frame.chat_id, error.afterMs ?? pauseMs(item.tries, this.#options.random()));
  }

  #fail(item: Item, error: MessengerError): void {
    item.status = 'failed';
    item.error = { code: error.code, message: error.message };
    this.#promised.get(item.frame.client_id)?.reject(error);
    this.#promised.delete(item.frame.client_id);
    this.#options.onChange(item.frame.chat_id);
    this.#options.onFailed(toPending(item), error);
    this.#save();
  }

  #pause(chatId: string, waitMs: number): void {
    this.#pauses.get(chatId)?.();
    const stop = this.#options.clock.after(waitMs, () => this.#resume(chatId));
    this.#pauses.set(chatId, stop);
  }

  #resume(chatId: string): void {
    this.#pauses.get(chatId)?.();
    this.#pauses.delete(chatId);
    this.#pump(chatId);
  }

  /** Writes as it stands; while it is being written, changes wait for the next writing together. */
  #save(): void {
    this.#isDirty = true;
    if (this.#options.storage === undefined) this.#saved([...this.#chats.values()].flat());
    else if (this.#userId !== undefined)
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
        // What changed after the last look and before this one would else wait for the next change.
        if (this.#isDirty) this.#save();
      });
  }

  async #write(): Promise<void> {
    const { storage, key, onError } = this.#options;
    while (this.#isDirty) {
      this.#isDirty = false;
      const items = [...this.#chats.values()].flat();
      const shown = items.map(({ frame, status, error }) => ({ frame, status, error }));
      try {
        if (items.length === 0) await storage!.delete(key);
        else await storage!.set(key, JSON.stringify({ user_id: this.#userId, items: shown }));
        this.#isStored = true;
      } catch (error) {
        this.#isStored = false;
        // Better sent and perhaps lost with the process than never sent.
        onError(toMessengerError(error, 'storage'));
      }
      this.#saved(items);
    }
  }

  #saved(items: readonly Item[]): void {
    for (const item of items) item.saved = true;
    for (const chatId of new Set(items.map((item) => item.frame.chat_id))) this.#pump(chatId);
  }

  /** Stops the timers and waits until everything is in the storage. */
  async close(): Promise<void> {
    this.#online = false;
    for (const stop of this.#pauses.values()) stop();
    this.#pauses.clear();
    await this.#owner?.taken.catch(() => undefined);
    while (this.#writing) await this.#writing;
    this.#isClosed = true;
    for (const { reject } of this.#promised.values()) reject(new MessengerError('stopped'));
    this.#promised.clear();
  }

  /** Forgets everything, also in the storage. */
  async clear(): Promise<void> {
    await this.#owner?.taken.catch(() => undefined);
    this.#userId ??= '';
    for (const { client_id: clientId } of this.pending) this.drop(clientId);
    this.#save();
    await this.close();
  }
}
