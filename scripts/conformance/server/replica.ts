/**
 * What a client knows of one chat, by the rules of the protocol and no others: the watermark is contiguous, a change at
 * or below it is dropped, one beyond the next version is a gap. Two replicas that were fed in different ways must be equal.
 */
import type { FullChangeFrame, FullChangeType, FullServerFrame } from '../../../src/protocol/full.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { Broken, demand, toCanonical } from '../rule.ts';
import { toTyped, type ChangeFrame, type Peer } from './peer.ts';

type Page = FullServerFrame<'changes'>;

interface GroupState {
  name: string;
  description: string | null;
}

export class Replica {
  version = 0;
  lastSeq = 0;
  messages = new Map<number, Message>();
  roles = new Map<string, string>();
  group: GroupState | undefined;

  clone(): Replica {
    const copy = new Replica();
    copy.version = this.version;
    copy.lastSeq = this.lastSeq;
    copy.messages = new Map(this.messages);
    copy.roles = new Map(this.roles);
    copy.group = this.group && { ...this.group };
    return copy;
  }

  #put(message: Message): void {
    const known = this.messages.get(message.seq);
    if ((known?.changed_version ?? 0) <= (message.changed_version ?? 0)) this.messages.set(message.seq, message);
    this.lastSeq = Math.max(this.lastSeq, message.seq);
  }

  readonly #appliers: { [T in FullChangeType]: (change: FullChangeFrame<T>) => void } = {
    message: ({ message }) => this.#put(message),
    message_changed: ({ message }) => this.#put(message),
    unseen_changed: () => undefined,
    direct_opened: ({ user_ids }) => this.#join(user_ids),
    group_created: ({ group, user_ids }) => {
      this.#join(user_ids);
      this.roles.set(group.creator_id, 'owner');
      this.group = { name: group.name, description: null };
    },
    members_added: ({ user_ids }) => this.#join(user_ids),
    member_removed: ({ user_id }) => void this.roles.delete(user_id),
    role_changed: ({ members }) => members.forEach(({ user_id, role }) => this.roles.set(user_id, role)),
    group_changed: ({ group: { name, description } }) => void (this.group = { name, description }),
    chat_deleted: () => this.roles.clear(),
  };

  #join(userIds: readonly string[]): void {
    for (const id of userIds) this.roles.set(id, 'member');
  }

  /** Applies a change; Broken when it leaves a gap, false when it is known already. */
  apply(frame: ChangeFrame): boolean {
    const { version, after = version - 1 } = frame;
    if (version <= this.version) return false;
    if (after > this.version)
      throw new Broken(`version ${version} came after ${this.version}: a gap in the live stream`);
    const type = frame.type as FullChangeType;
    (this.#appliers[type] as (change: unknown) => void)(toTyped(type, frame));
    this.version = version;
    return true;
  }

  /** The next version by an ack: the message that this socket sent itself, with all that an ack does not tell. */
  applyOwn(message: Message): void {
    demand(message.version === this.version + 1, `the ack of version ${message.version} came after ${this.version}`);
    this.#put(message);
    this.version = message.version;
  }

  applyPage(page: Page): void {
    demand(page.to >= this.version, `a page of changes leads to ${page.to}, behind ${this.version} where it began`);
    page.rows.forEach((row) => this.#put(row));
    for (const { user_id, role } of page.members)
      if (role === null) this.roles.delete(user_id);
      else this.roles.set(user_id, role);
    if (page.group) this.group = { name: page.group.name, description: page.group.description };
    this.version = page.to;
    this.lastSeq = Math.max(this.lastSeq, page.to_seq);
  }

  /** All that one knows, as text. */
  get state(): string {
    return toCanonical({
      version: this.version,
      messages: [...this.messages.values()].toSorted((a, b) => a.seq - b.seq),
      roles: Object.fromEntries(this.roles),
      group: this.group ?? null,
    });
  }
}

const maxPages = 1_000;

/** Catches a replica up by sync; the pages it took. */
export async function catchUp(peer: Peer, chat_id: string, replica: Replica, limit?: number): Promise<Page[]> {
  const pages: Page[] = [];
  for (;;) {
    const page = await peer.get('changes', {
      type: 'sync',
      chat_id,
      after: replica.version,
      after_seq: replica.lastSeq,
      ...(limit !== undefined && { limit }),
    });
    demand(!page.more || page.to > replica.version, 'a page that has more must get ahead');
    replica.applyPage(page);
    pages.push(page);
    if (!page.more) return pages;
    demand(pages.length < maxPages, 'sync never ends');
  }
}
