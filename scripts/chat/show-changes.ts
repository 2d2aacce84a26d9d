import type { FullChangeFrame, Message } from '../../src/client/index.ts';
import type { Names } from './names.ts';
import { toReactions, type Shown } from './show-messages.ts';
import { toSafeLine, toSafeLines } from './safe-text.ts';
import type { Look } from './look.ts';

const sayReactions = (message: Message): string =>
  JSON.stringify((message.reactions ?? []).map(({ emoji, user_ids }) => [emoji, [...user_ids].toSorted()]));

/** What has become of a message, against how it was shown before; a line for each thing. */
export function showMessageChange(before: Message | undefined, after: Message, shown: Shown): string[] {
  const { look, names } = shown;
  const { t, marks, paint } = look;
  const place = `#${after.seq}`;
  if (after.deleted_at !== undefined)
    return before?.deleted_at === undefined ? [paint.dim(`* ${place} ${t.wasDeleted}`)] : [];
  const lines: string[] = [];
  if (after.edited_at !== undefined && after.edited_at !== before?.edited_at) {
    const [first = '', ...more] = toSafeLines(after.text);
    lines.push(`* ${place} ${t.wasEdited(names.nameOf(after.sender_id))}: ${first}`);
    lines.push(...more.map((line) => `      | ${line}`));
  }
  if (after.pinned_at !== undefined && before?.pinned_at === undefined)
    lines.push(`* ${marks.pinned} ${place} ${t.wasPinned(names.nameOf(after.pinned_by ?? after.sender_id))}`);
  if (after.pinned_at === undefined && before?.pinned_at !== undefined) lines.push(`* ${place} ${t.wasUnpinned}`);
  if (before === undefined ? after.reactions !== undefined : sayReactions(before) !== sayReactions(after)) {
    const reactions = toReactions(after.reactions ?? [], names.ownId, look);
    lines.push(`* ${place} ${reactions === '' ? t.noReactions : reactions}`);
  }
  return lines;
}

type GroupChange = Exclude<FullChangeFrame, { type: 'message' | 'message_changed' }>;
type ChangeTexts = {
  [K in GroupChange['type']]: (
    change: Extract<GroupChange, { type: K }>,
    names: Pick<Names, 'nameOf'>,
    t: Look['t'],
  ) => string[];
};

const nameAll = (userIds: readonly string[], names: Pick<Names, 'nameOf'>): string =>
  userIds
    .slice(0, 10)
    .map((id) => names.nameOf(id))
    .join(', ') + (userIds.length > 10 ? `, … (${userIds.length})` : '');

const changeTexts: ChangeTexts = {
  unseen_changed: () => [],
  direct_opened: () => [],
  group_created: ({ group }, _, t) => [t.groupMade(toSafeLine(group.name, 40))],
  members_added: ({ user_ids }, names, t) => [t.membersAdded(nameAll(user_ids, names))],
  member_removed: ({ user_id }, names, t) => [t.memberGone(names.nameOf(user_id))],
  role_changed: ({ members }, names, t) =>
    members.map(({ user_id, role }) => t.roleChanged(names.nameOf(user_id), t.roles[role])),
  group_changed: ({ group }, _, t) => [t.groupChanged(toSafeLine(group.name, 40))],
  chat_deleted: (_change, _names, t) => [t.chatDeleted],
};

/** A change of a chat's members or of the group itself, in words. */
export function showGroupChange(change: GroupChange, names: Pick<Names, 'nameOf'>, { t, paint }: Look): string[] {
  const show = changeTexts[change.type] as (
    change: GroupChange,
    names: Pick<Names, 'nameOf'>,
    t: Look['t'],
  ) => string[];
  return show(change, names, t).map((line) => paint.dim(`* ${line}`));
}

/** The people whom a change names. */
export function listPeople(change: GroupChange): string[] {
  if ('user_ids' in change) return change.user_ids;
  if ('user_id' in change) return [change.user_id];
  return 'members' in change ? change.members.map(({ user_id }) => user_id) : [];
}
