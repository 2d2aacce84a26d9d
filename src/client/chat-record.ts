/** What is known of one chat, but for its watermark. */
import type { Chat, Role } from '../protocol/chats.ts';
import type { FullServerFrame, OwnState, Position } from '../protocol/full.ts';
import type { Message } from '../protocol/message.ts';
import { OwnCount } from './own-count.ts';
import type { ChatView, LastMessage } from './views.ts';
import type { MessageWindow } from './window.ts';

type Facts = Omit<ChatView, 'version' | 'own' | 'members' | 'more_members' | 'last_message' | 'open'>;
type Group = NonNullable<FullServerFrame<'changes'>['group']>;

const factsOf = (row: Chat): Facts => ({
  id: row.id,
  type: row.type,
  name: row.name,
  description: row.description,
  avatar_url: row.avatar_url,
  avatar_small_url: row.avatar_small_url,
  group_id: row.group_id,
  creator_id: row.creator_id,
  history: row.history,
  seen_seq: row.seen_seq,
  active_at: row.active_at,
});

/** One's own state as a chat's row has it. Its `read_seq` may be larger than that of `own`: own messages count as read. */
const ownOf = (row: Chat): OwnState => ({
  chat_id: row.id,
  version: row.version,
  last_seq: row.last_seq,
  role: row.role,
  delivered_seq: row.delivered_seq,
  read_seq: row.read_seq,
  unread_count: row.unread_count,
  unread_mentions: row.unread_mentions,
  marked_unread: row.marked_unread,
  muted_until: row.muted_until,
  archived: row.archived,
  pinned: row.pinned,
  draft: row.draft,
});

const toLast = (message: Message): LastMessage => ({
  id: message.id,
  seq: message.seq,
  sender_id: message.sender_id,
  text: message.text,
  timestamp: message.timestamp,
  ...(message.deleted_at !== undefined && { deleted_at: message.deleted_at }),
});

/** A chat of which there is a row. What its methods answer with `true` cannot be told here and has to be read again. */
export class ChatRecord {
  readonly #userId: string;
  #facts: Facts;
  #own: OwnCount;
  #last: LastMessage | null = null;
  #moreMembers = false;
  readonly members = new Map<string, Role>();
  readonly positions = new Map<string, Position>();
  version: number;
  /** Of an open chat. */
  window: MessageWindow | undefined;
  /** When somebody last looked at its messages, for letting go of others first. */
  usedAt = 0;

  constructor(row: Chat, userId: string) {
    this.#userId = userId;
    this.#facts = factsOf(row);
    this.#own = new OwnCount(ownOf(row), userId);
    this.version = row.version;
    this.#takeRow(row);
  }

  #takeRow(row: Chat): void {
    this.#facts = { ...factsOf(row), seen_seq: Math.max(row.seen_seq, this.#facts.seen_seq) };
    // A list shows the first members only: it does not take away what is known of the others.
    if (!row.more_members) this.members.clear();
    for (const member of row.members) this.members.set(member.id, member.role);
    this.#moreMembers = row.more_members;
    const last = row.last_message;
    if ((last?.seq ?? 0) >= (this.#last?.seq ?? 0)) this.#last = last && toLast(last as unknown as Message);
  }

  /** A row that was read at the watermark or after it. */
  replace(row: Chat): boolean {
    this.#takeRow(row);
    return this.#own.set(ownOf(row), 'row');
  }

  get view(): ChatView {
    return {
      ...this.#facts,
      version: this.version,
      // A change of a role is told to all and comes without another `own`.
      own: { ...this.#own.current, role: this.members.get(this.#userId) ?? this.#own.current.role },
      members: [...this.members].map(([user_id, role]) => ({ user_id, role })),
      more_members: this.#moreMembers,
      last_message: this.#last,
      open: this.window !== undefined,
    };
  }

  get lastSeq(): number {
    return this.#own.current.last_seq;
  }

  setOwn(own: OwnState): boolean {
    // A state that was read before the watermark may be older than a change of the role.
    if (own.version >= this.version) this.members.set(this.#userId, own.role);
    return this.#own.set(own, 'own');
  }

  setRead(seq: number): void {
    this.#own.read(seq);
  }

  setSeen(seq: number): void {
    this.#facts = { ...this.#facts, seen_seq: Math.max(seq, this.#facts.seen_seq) };
  }

  putMessage(message: Message, isNew: boolean): boolean {
    const before = this.window?.find(message.seq);
    const isUncertain = isNew ? this.#own.add(message) : this.#own.change(message, before);
    if (message.seq >= (this.#last?.seq ?? 0)) {
      this.#last = toLast(message);
      if (isNew) this.#facts = { ...this.#facts, active_at: message.timestamp };
    }
    this.window?.put(message);
    return isUncertain;
  }

  /** A page of history may have brought a newer message than was told. */
  takeLast(): void {
    const last = this.window?.rows.at(-1);
    if (last && last.seq > (this.#last?.seq ?? 0)) this.#last = toLast(last);
  }

  /** Null: no member any more. */
  setRole(userId: string, role: Role | null): void {
    if (role === null) {
      this.members.delete(userId);
      this.positions.delete(userId);
    } else this.members.set(userId, role);
  }

  setGroup({ name, description, avatar_url, avatar_small_url }: Group): void {
    this.#facts = { ...this.#facts, name, description, avatar_url, avatar_small_url };
  }

  /** Positions only grow, in whatever order they come. */
  putPositions(rows: readonly Position[]): void {
    for (const { user_id, delivered_seq, read_seq } of rows) {
      const known = this.positions.get(user_id);
      this.positions.set(user_id, {
        user_id,
        delivered_seq: Math.max(delivered_seq, known?.delivered_seq ?? 0),
        read_seq: Math.max(read_seq, known?.read_seq ?? 0),
      });
    }
  }

  /** Of members: what was told of somebody may come after they left. */
  listPositions(): Position[] {
    return [...this.positions.values()].filter(({ user_id: id }) => this.#moreMembers || this.members.has(id));
  }

  /** How far everybody else has got with a message, as far as it is known. */
  progressOf(seq: number): 'stored' | 'delivered' | 'read' {
    if (seq <= this.#facts.seen_seq) return 'read';
    const others = [...this.members.keys()].filter((id) => id !== this.#userId);
    if (others.length === 0 || this.#moreMembers) return 'stored';
    const positions = others.map((id) => this.positions.get(id));
    if (positions.every((one) => (one?.read_seq ?? 0) >= seq)) return 'read';
    return positions.every((one) => (one?.delivered_seq ?? 0) >= seq) ? 'delivered' : 'stored';
  }
}
