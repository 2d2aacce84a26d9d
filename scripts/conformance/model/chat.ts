import { randomUUID } from 'node:crypto';
import type {
  FullChangeFrame,
  FullChangeType,
  FullServerFrame,
  OwnState,
  Position,
} from '../../../src/protocol/full.ts';
import type { Message } from '../../../src/protocol/message.ts';

export type Change = FullChangeFrame;
type Role = 'owner' | 'admin' | 'member';

/** What a change says besides its chat and version. */
type Told<T extends FullChangeType> = Omit<FullChangeFrame<T>, 'type' | 'chat_id' | 'version' | 'after'>;

export interface Stored {
  message: Message;
  change: FullChangeFrame<'message'>;
}

const now = (): string => new Date().toISOString();

/** A group as the protocol has it, kept in memory: every change raises its version and is answered as it is told. */
export class ModelChat {
  readonly id = randomUUID();
  readonly groupId = randomUUID();
  name: string;
  version = 0;
  readonly messages: Message[] = [];
  /** Of those who left the role is null. */
  readonly members = new Map<string, { role: Role | null; changed: number }>();
  readonly positions = new Map<string, Position>();
  readonly createdAt = now();
  #groupChanged = 0;

  constructor(name: string) {
    this.name = name;
  }

  get lastSeq(): number {
    return this.messages.length;
  }

  change<T extends FullChangeType>(type: T, told: (version: number) => Told<T>): FullChangeFrame<T> {
    const version = ++this.version;
    return { type, chat_id: this.id, version, ...told(version) } as unknown as FullChangeFrame<T>;
  }

  isMember(userId: string): boolean {
    return (this.members.get(userId)?.role ?? null) !== null;
  }

  #setRole(userId: string, role: Role | null): void {
    this.members.set(userId, { role, changed: this.version });
    if (!this.positions.has(userId)) this.positions.set(userId, { user_id: userId, delivered_seq: 0, read_seq: 0 });
  }

  create(owner: string, others: readonly string[]): Change {
    const user_ids = [...new Set([owner, ...others])];
    const change = this.change('group_created', () => ({
      group: { id: this.groupId, name: this.name, creator_id: owner },
      user_ids,
    }));
    for (const id of user_ids) this.#setRole(id, id === owner ? 'owner' : 'member');
    this.#groupChanged = this.version;
    return change;
  }

  add(userIds: readonly string[]): Change {
    const change = this.change('members_added', () => ({ user_ids: [...userIds] }));
    for (const id of userIds) this.#setRole(id, 'member');
    return change;
  }

  remove(user_id: string): Change {
    const change = this.change('member_removed', () => ({ user_id }));
    this.#setRole(user_id, null);
    return change;
  }

  rename(name: string): Change {
    this.name = name;
    const change = this.change('group_changed', () => ({ group: this.group }));
    this.#groupChanged = this.version;
    return change;
  }

  store(sent: Pick<Message, 'sender_id' | 'text'> & Partial<Message>): Stored {
    const message: Message = {
      id: randomUUID(),
      client_id: randomUUID(),
      timestamp: now(),
      ...sent,
      chat_id: this.id,
      seq: this.lastSeq + 1,
      version: this.version + 1,
    };
    this.messages.push(message);
    return { message, change: this.change('message', () => ({ message: { ...message } })) };
  }

  /** Changes a message; undefined when it says that nothing is to change. */
  mend(seq: number, how: (message: Message) => Message | undefined): Change | undefined {
    const mended = how({ ...this.messages[seq - 1]! });
    if (!mended) return undefined;
    return this.change('message_changed', (version) => {
      const message = (this.messages[seq - 1] = { ...mended, changed_version: version });
      return { message: { ...message } };
    });
  }

  get group(): FullServerFrame<'group_changed'>['group'] {
    return { id: this.groupId, name: this.name, description: null, avatar_url: null, avatar_small_url: null };
  }

  own(userId: string): OwnState {
    const { delivered_seq, read_seq } = this.positions.get(userId) ?? { delivered_seq: 0, read_seq: 0 };
    const unread = this.messages.filter(
      ({ seq, sender_id, deleted_at }) => seq > read_seq && sender_id !== userId && deleted_at === undefined,
    );
    return {
      chat_id: this.id,
      version: this.version,
      last_seq: this.lastSeq,
      role: this.members.get(userId)?.role ?? 'member',
      delivered_seq,
      read_seq,
      unread_count: unread.length,
      unread_mentions: unread.filter(({ mentions }) => mentions?.some((one) => one.user_id === userId)).length,
      marked_unread: false,
      muted_until: null,
      archived: false,
      pinned: false,
      draft: null,
    };
  }

  /** A page of `sync`: new messages by their version, older ones by the version that changed them last. */
  page(
    userId: string,
    { after, after_seq, limit }: { after: number; after_seq: number; limit: number },
  ): Omit<FullServerFrame<'changes'>, 'type' | 'ref'> {
    const keyOf = (message: Message): number =>
      message.seq > after_seq ? message.version : (message.changed_version ?? 0);
    const rows = this.messages.filter((row) => row.seq > after_seq || keyOf(row) > after);
    rows.sort((a, b) => keyOf(a) - keyOf(b));
    const more = rows.length > limit;
    rows.splice(limit);
    const to = more ? keyOf(rows.at(-1)!) : this.version;
    return {
      chat_id: this.id,
      after,
      to,
      to_seq: more ? Math.max(after_seq, ...rows.map(({ seq }) => seq)) : this.lastSeq,
      more,
      rows,
      members: [...this.members]
        .filter(([, { changed }]) => changed > after && changed <= to)
        .map(([user_id, { role }]) => ({ user_id, role })),
      group: this.#groupChanged > after && this.#groupChanged <= to ? this.group : null,
      positions: more ? [] : [...this.positions.values()].filter(({ user_id }) => this.isMember(user_id)),
      own: this.own(userId),
    };
  }
}
