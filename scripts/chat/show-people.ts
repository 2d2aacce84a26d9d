import type { ChatView, Position, Presence, StoreView } from '../../src/client/index.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { toSafeLine } from './safe-text.ts';
import { isMuted } from './show-chats.ts';
import { toAgo, toWhen } from './times.ts';

/** Whether somebody is there, else since when not, as far as one may know. */
export function showPresence(presence: Presence | undefined, look: Look): string {
  if (presence === undefined) return '';
  if (presence.online) return look.paint.green(`${look.marks.online} ${look.t.online}`);
  return presence.last_seen_at === null ? look.t.notThere : look.t.lastSeen(toAgo(look, presence.last_seen_at));
}

/** The line above a chat: what it is called, who is there, how one has set it. */
export function showHeader(
  chat: ChatView,
  names: Pick<Names, 'findOther' | 'titleOf' | 'fullNameOf'>,
  look: Look,
  store: Pick<StoreView, 'get'>,
): string[] {
  const { marks, paint, t, now } = look;
  const other = names.findOther(chat);
  const parts = [
    paint.bold(other === undefined ? names.titleOf(chat) : names.fullNameOf(other)),
    other === undefined
      ? t.members(chat.members.length, chat.more_members)
      : showPresence(store.get(`presence:${other}`), look),
    isMuted(chat, now()) ? `${marks.muted} ${showMuted(chat, look)}` : '',
  ].filter((part) => part !== '');
  const lines = [`${marks.rule} ${parts.join(' · ')} ${marks.rule}`];
  if (chat.description !== null) lines.push(paint.dim(`   ${toSafeLine(chat.description, 200)}`));
  return lines;
}

export const showMuted = ({ own }: Pick<ChatView, 'own'>, look: Look): string =>
  own.muted_until === null || own.muted_until === 'forever'
    ? look.t.muted
    : look.t.mutedUntil(toWhen(look, own.muted_until));

export interface MemberLine {
  userId: string;
  role: 'owner' | 'admin' | 'member';
  position: Position | undefined;
  presence: Presence | undefined;
}

/** A member: name, role, whether they are there, how far they have got. */
export function showMember(
  { userId, role, position, presence }: MemberLine,
  names: Pick<Names, 'fullNameOf'>,
  look: Look,
) {
  const { t, paint } = look;
  const parts = [
    role === 'member' ? '' : t.roles[role],
    showPresence(presence, look),
    position === undefined || position.read_seq === 0 ? '' : t.hasRead(position.read_seq),
    position === undefined || position.delivered_seq <= position.read_seq ? '' : t.hasGot(position.delivered_seq),
  ].filter((part) => part !== '');
  return `  ${names.fullNameOf(userId)}${parts.length === 0 ? '' : paint.dim(`  ${parts.join(' · ')}`)}`;
}
