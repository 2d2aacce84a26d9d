/** One chat, as whoever uses the SDK acts in it. */
import type { Chat, Role } from '../protocol/chats.ts';
import type { FullClientType } from '../protocol/full.ts';
import type { EarlierText, Mention, Message, Reading } from '../protocol/message.ts';
import type { Outgoing } from './outbox.ts';
import type { Fields } from './socket.ts';
import type { ChatHandle, HistoryPage, HistoryPlace, OwnSettingsInput } from './types.ts';
import type { ChatView, Content, MessagesView, Sending, StoreView } from './views.ts';
import { randomUuid } from './uuid.ts';
import type { AnswerTo } from './wire.ts';

/** Others are told at most so often. */
const typingEveryMs = 3_000;

/** What a chat needs of its messenger. */
export interface ChatParts {
  store: StoreView;
  now(): number;
  request<T extends FullClientType>(type: T, fields: Fields<T>): Promise<AnswerTo<T>>;
  /** Sends if there is a connection now, and does not care for the answer. */
  cast(type: 'typing', fields: Fields<'typing'>): void;
  send(frame: Outgoing): Sending;
  mark(type: 'mark_read' | 'mark_delivered', chatId: string, seq: number): Promise<void>;
  open(chatId: string): Promise<void>;
  close(chatId: string): void;
  getChat(chatId: string): Promise<Chat>;
  history(chatId: string, place: HistoryPlace): Promise<HistoryPage>;
  peek(chatId: string, place: HistoryPlace): Promise<HistoryPage>;
}

type InChat = 'edit' | 'delete' | 'react' | 'pin' | 'mark_unread' | 'set_draft' | 'update_own' | 'update_group';
type OfMembers = 'delete_group' | 'add_members' | 'remove_member' | 'leave' | 'set_role';

export class OneChat implements ChatHandle {
  readonly id: string;
  readonly #parts: ChatParts;
  #typedAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, parts: ChatParts) {
    this.id = id;
    this.#parts = parts;
  }

  get view(): ChatView | undefined {
    return this.#parts.store.get(`chat:${this.id}`);
  }

  get messages(): MessagesView {
    return this.#parts.store.get(`messages:${this.id}`);
  }

  open(): Promise<void> {
    return this.#parts.open(this.id);
  }

  close(): void {
    this.#parts.close(this.id);
  }

  get(): Promise<Chat> {
    return this.#parts.getChat(this.id);
  }

  history(place: HistoryPlace): Promise<HistoryPage> {
    return this.#parts.history(this.id, place);
  }

  peek(place: HistoryPlace): Promise<HistoryPage> {
    return this.#parts.peek(this.id, place);
  }

  async listEdits(seq: number): Promise<EarlierText[]> {
    return (await this.#parts.request('list_edits', { chat_id: this.id, seq })).rows;
  }

  async listReads(seq: number): Promise<Reading[]> {
    return (await this.#parts.request('list_reads', { chat_id: this.id, seq })).rows;
  }

  async listPins(): Promise<Message[]> {
    return (await this.#parts.request('list_pins', { chat_id: this.id })).rows;
  }

  send(content: string | Content): Sending {
    const { text, replyTo, mentions, forward, clientId }: Content =
      typeof content === 'string' ? { text: content } : content;
    return this.#parts.send({
      chat_id: this.id,
      client_id: clientId ?? randomUuid(),
      timestamp: new Date(this.#parts.now()).toISOString(),
      ...(text !== undefined && { text }),
      ...(replyTo !== undefined && { reply_to: replyTo }),
      ...(mentions !== undefined && { mentions: [...mentions] }),
      ...(forward !== undefined && { forward: { chat_id: forward.chatId, seq: forward.seq } }),
    });
  }

  async #do<T extends InChat | OfMembers>(type: T, fields: Omit<Fields<T>, 'chat_id'>): Promise<void> {
    await this.#parts.request(type, { chat_id: this.id, ...fields } as unknown as Fields<T>);
  }

  edit(seq: number, content: string | { text: string; mentions?: readonly Mention[] }): Promise<void> {
    const { text, mentions } = typeof content === 'string' ? { text: content } : content;
    return this.#do('edit', { seq, text, ...(mentions !== undefined && { mentions: [...mentions] }) });
  }

  delete(seq: number): Promise<void> {
    return this.#do('delete', { seq });
  }

  react(seq: number, emoji: string, on = true): Promise<void> {
    return this.#do('react', { seq, emoji, on });
  }

  pin(seq: number, on = true): Promise<void> {
    return this.#do('pin', { seq, on });
  }

  markRead(seq = this.view?.own.last_seq ?? 0): Promise<void> {
    return seq === 0 ? Promise.resolve() : this.#parts.mark('mark_read', this.id, seq);
  }

  markDelivered(seq = this.view?.own.last_seq ?? 0): Promise<void> {
    return seq === 0 ? Promise.resolve() : this.#parts.mark('mark_delivered', this.id, seq);
  }

  markUnread(on = true): Promise<void> {
    return this.#do('mark_unread', { on });
  }

  typing(): void {
    const now = this.#parts.now();
    if (now - this.#typedAt < typingEveryMs) return;
    this.#typedAt = now;
    this.#parts.cast('typing', { chat_id: this.id });
  }

  setDraft(draft: string | { text: string; reply_to?: number | undefined } | null): Promise<void> {
    if (draft === null) return this.#do('set_draft', { text: null });
    const { text, reply_to: replyTo } = typeof draft === 'string' ? { text: draft } : draft;
    return this.#do('set_draft', { text, ...(replyTo !== undefined && { reply_to: replyTo }) });
  }

  updateOwn({ mutedUntil, archived, pinned }: Partial<OwnSettingsInput>): Promise<void> {
    return this.#do('update_own', {
      ...(mutedUntil !== undefined && { muted_until: mutedUntil }),
      ...(archived !== undefined && { archived }),
      ...(pinned !== undefined && { pinned }),
    });
  }

  updateGroup(fields: { name?: string; description?: string | null }): Promise<void> {
    return this.#do('update_group', fields);
  }

  deleteGroup(): Promise<void> {
    return this.#do('delete_group', {});
  }

  addMembers(userIds: readonly string[]): Promise<void> {
    return this.#do('add_members', { user_ids: [...userIds] });
  }

  removeMember(userId: string): Promise<void> {
    return this.#do('remove_member', { user_id: userId });
  }

  leave(): Promise<void> {
    return this.#do('leave', {});
  }

  setRole(userId: string, role: Role): Promise<void> {
    return this.#do('set_role', { user_id: userId, role });
  }
}
