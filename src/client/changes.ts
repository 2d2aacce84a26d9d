/** What each change does to the store. */
import type { FullChangeFrame, FullChangeType } from '../protocol/full.ts';
import type { Message } from '../protocol/message.ts';
import type { Change, ChangesPage } from './feeds.ts';
import type { Store } from './store.ts';
import { keyOf } from './window.ts';

/** True: the chat's own state cannot be told from the change and has to be read again. */
type Apply<T extends FullChangeType> = (store: Store, change: FullChangeFrame<T>) => boolean;

const nothing = (): boolean => false;
const asMembers = (store: Store, chatId: string, userIds: readonly string[]): boolean => {
  const known = new Set(store.chat(chatId)?.members.map((member) => member.user_id));
  const added = userIds.filter((userId) => !known.has(userId));
  store.setRoles(
    chatId,
    added.map((user_id) => ({ user_id, role: 'member' as const })),
  );
  return false;
};

/** Being a member begins with the chat's row, so what makes a chat says nothing new. */
const appliers: { [T in FullChangeType]: Apply<T> } = {
  message: (store, { message }) => store.putMessage(message, true),
  message_changed: (store, { message }) => store.putMessage(message, false),
  unseen_changed: nothing,
  direct_opened: nothing,
  group_created: nothing,
  members_added: (store, { chat_id: chatId, user_ids: userIds }) => asMembers(store, chatId, userIds),
  member_removed(store, { chat_id: chatId, user_id }) {
    store.setRoles(chatId, [{ user_id, role: null }]);
    return false;
  },
  role_changed(store, { chat_id: chatId, members }) {
    store.setRoles(chatId, members);
    return false;
  },
  group_changed(store, { chat_id: chatId, group }) {
    store.setGroup(chatId, group);
    return false;
  },
  chat_deleted: nothing,
};

/** Applies a live change; what it answers is said at `Apply`. */
export function applyChange(store: Store, change: Change): boolean {
  if (change.type === 'unknown_change') return false;
  return (appliers[change.type] as Apply<FullChangeType>)(store, change);
}

/** A message of a page, and whether the watermark had not reached it before. */
export interface AppliedRow {
  message: Message;
  isNew: boolean;
}

/** Applies of a page what is above the watermark, oldest first; the rows that were. */
export function applyPage(
  store: Store,
  page: ChangesPage,
  { above, afterSeq }: { above: number | undefined; afterSeq: number },
): AppliedRow[] {
  const chatId = page.chat_id;
  const applied: AppliedRow[] = [];
  if (above !== undefined) {
    for (const message of page.rows.filter((row) => keyOf(row) > above)) {
      const isNew = message.seq > afterSeq;
      store.putMessage(message, isNew);
      applied.push({ message, isNew });
    }
    store.setRoles(chatId, page.members);
    if (page.group) store.setGroup(chatId, page.group);
  }
  store.putPositions(chatId, page.positions);
  return applied;
}
