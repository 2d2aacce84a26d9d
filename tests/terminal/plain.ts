import type { ChatView, Message, OwnState, PendingMessage } from '../../src/client/index.ts';
import type { Look } from '../../scripts/chat/look.ts';
import { ascii, toPaint } from '../../scripts/chat/look.ts';
import type { Block, Screen } from '../../scripts/chat/screen.ts';
import type { Shown } from '../../scripts/chat/show-messages.ts';
import { languages } from '../../scripts/chat/texts/texts.ts';

/** Alice looks on; everything is plain state. */
export const ids = {
  alice: 'a0000000-0000-4000-8000-000000000001',
  bob: 'b0000000-0000-4000-8000-000000000002',
  carol: 'c0000000-0000-4000-8000-000000000003',
  chat: 'd0000000-0000-4000-8000-000000000004',
};

export const nowMs = Date.parse('2026-11-21T12:30:00Z');

export const toLook = (overrides: Partial<Look> = {}): Look => ({
  language: 'en',
  t: languages.en,
  marks: ascii,
  paint: toPaint(false),
  now: () => nowMs,
  timeZone: 'UTC',
  ...overrides,
});

export const toNames = (called: Record<string, string> = { [ids.bob]: 'Bob', [ids.carol]: 'Carol' }) => {
  const nameOf = (id: string): string => (id === ids.alice ? 'You' : (called[id] ?? '?'));
  return {
    ownId: ids.alice,
    nameOf,
    fullNameOf: nameOf,
    findOther: ({ type, members }: Pick<ChatView, 'type' | 'members'>) =>
      type === 'group' ? undefined : members.find(({ user_id }) => user_id !== ids.alice)?.user_id,
    titleOf: ({ name, members }: Pick<ChatView, 'name' | 'members'>) => name ?? nameOf(members[1]?.user_id ?? ''),
  };
};

export const toMessage = (overrides: Partial<Message> = {}): Message => ({
  id: 'e0000000-0000-4000-8000-000000000005',
  chat_id: ids.chat,
  seq: 14,
  version: 20,
  sender_id: ids.bob,
  client_id: 'f0000000-0000-4000-8000-000000000006',
  text: 'Hello',
  timestamp: '2026-11-21T12:04:00Z',
  ...overrides,
});

export const toPending = (overrides: Partial<PendingMessage> = {}): PendingMessage => ({
  client_id: 'f0000000-0000-4000-8000-000000000006',
  chat_id: ids.chat,
  text: 'Hello',
  timestamp: '2026-11-21T12:04:00Z',
  status: 'queued',
  ...overrides,
});

export const toShown = (overrides: Partial<Shown> = {}): Shown => ({
  look: toLook(),
  names: toNames(),
  progressOf: () => 'stored',
  find: () => undefined,
  ...overrides,
});

export const toOwn = (overrides: Partial<OwnState> = {}): OwnState => ({
  chat_id: ids.chat,
  version: 20,
  last_seq: 14,
  role: 'member',
  delivered_seq: 14,
  read_seq: 14,
  unread_count: 0,
  unread_mentions: 0,
  marked_unread: false,
  muted_until: null,
  archived: false,
  pinned: false,
  draft: null,
  ...overrides,
});

export const toChat = (overrides: Partial<ChatView> = {}): ChatView => ({
  id: ids.chat,
  type: 'group',
  name: 'Group 1',
  description: null,
  avatar_url: null,
  avatar_small_url: null,
  group_id: null,
  creator_id: null,
  history: 'all',
  seen_seq: 0,
  active_at: '2026-11-21T12:04:00Z',
  version: 20,
  own: toOwn(),
  members: [
    { user_id: ids.alice, role: 'owner' },
    { user_id: ids.bob, role: 'member' },
  ],
  more_members: false,
  last_message: toMessage(),
  open: false,
  ...overrides,
});

/** A screen that keeps what it was told to print; the last block can be shown anew if it is a terminal. */
export class PaperScreen implements Screen {
  readonly isTerminal: boolean;
  readonly blocks: Block[] = [];

  constructor({ isTerminal }: { isTerminal: boolean }) {
    this.isTerminal = isTerminal;
  }

  get text(): string {
    return this.blocks.flatMap(({ lines }) => lines).join('\n');
  }

  print(...lines: string[]): Block {
    const block = { lines };
    if (lines.length > 0) this.blocks.push(block);
    return block;
  }

  replace(block: Block, lines: string[]): boolean {
    if (!this.isTerminal || this.blocks.at(-1) !== block) return false;
    (block as { lines: readonly string[] }).lines = lines;
    return true;
  }

  async *lines(): AsyncGenerator<string> {}
  setPrompt(): void {}
  prefill(): void {}
  askSecret(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  close(): void {}
}
