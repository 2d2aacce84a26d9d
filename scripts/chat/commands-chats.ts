import type { OwnSettingsInput } from '../../src/client/index.ts';
import { requireOpen, requireSeq, usage, type Commands, type Desk } from './command.ts';
import { Complaint } from './complaint.ts';
import { getChat, getPerson } from './find.ts';
import { toDuration } from './times.ts';
import { showChatLine, toListed, toUnread } from './show-chats.ts';

/** Shows the list and numbers it anew. */
export function showChats(desk: Desk, withArchived: boolean): void {
  const { messenger, look, names } = desk;
  const chats = toListed(messenger.store.get('chats'), withArchived);
  desk.listed = chats.map(({ id }) => id);
  if (chats.length === 0) return desk.print(look.t.noChats);
  const unread = chats.filter((chat) => toUnread(chat) !== '').length;
  desk.print(look.paint.dim(look.t.yourChats(chats.length, unread)));
  desk.print(...chats.map((chat, i) => showChatLine(chat, i + 1, names, look)));
}

async function learnPeople({ messenger, names }: Desk): Promise<void> {
  const chats = messenger.store.get('chats');
  await names.learn(
    chats.flatMap((chat) => [names.findOther(chat), chat.last_message?.sender_id].filter((id) => id !== undefined)),
  );
}

async function setOwn(desk: Desk, settings: Partial<OwnSettingsInput>, text: string): Promise<void> {
  await requireOpen(desk).chat.updateOwn(settings);
  desk.print(text);
}

export const pinChat = (desk: Desk, pinned: boolean): Promise<void> =>
  setOwn(desk, { pinned }, pinned ? desk.look.t.chatPinned : desk.look.t.chatUnpinned);

async function mute(desk: Desk, rest: string): Promise<void> {
  const { t, now } = desk.look;
  if (rest === 'off') return setOwn(desk, { mutedUntil: null }, t.unmuted);
  if (rest === '') return setOwn(desk, { mutedUntil: 'forever' }, t.muted);
  const waitMs = toDuration(rest);
  if (waitMs === undefined) throw usage(desk, 'mute');
  return setOwn(desk, { mutedUntil: new Date(now() + waitMs).toISOString() }, t.muted);
}

async function setDraft(desk: Desk, rest: string): Promise<void> {
  const { chat } = requireOpen(desk);
  const { t } = desk.look;
  const draft = chat.view?.own.draft;
  if (rest === '') return desk.print(draft ? `${desk.look.marks.draft} ${draft.text}` : t.noDraft);
  await chat.setDraft(rest === 'off' ? null : rest);
  desk.print(rest === 'off' ? t.noDraft : t.draftKept);
}

/** The list of chats, and what one sets for oneself in the open one. */
export const chatCommands: Commands<
  'chats' | 'open' | 'close' | 'direct' | 'read' | 'unread' | 'mute' | 'archive' | 'draft'
> = {
  chats: {
    aliases: ['c', 'list'],
    async run(desk, rest) {
      if (rest !== '' && rest !== 'all') throw usage(desk, 'chats');
      await learnPeople(desk);
      showChats(desk, rest === 'all');
    },
  },
  open: {
    aliases: ['o'],
    opens: true,
    async run(desk, rest) {
      if (rest === '') throw usage(desk, 'open');
      await learnPeople(desk);
      await desk.openChat(getChat(rest, desk).id);
    },
  },
  close: {
    run(desk) {
      requireOpen(desk);
      desk.closeChat();
    },
  },
  direct: {
    aliases: ['d'],
    opens: true,
    async run(desk, rest) {
      if (rest === '') throw usage(desk, 'direct');
      const { id } = await desk.messenger.openDirect(await getPerson(rest, desk));
      await desk.openChat(id);
    },
  },
  read: {
    async run(desk, rest) {
      const { chat } = requireOpen(desk);
      const seq = rest === '' ? (chat.view?.own.last_seq ?? 0) : requireSeq(desk, 'read', rest);
      if (seq === 0) throw new Complaint(desk.look.t.startOfChat);
      await chat.markRead(seq);
      desk.print(desk.look.t.readUpTo(seq));
    },
  },
  unread: {
    async run(desk) {
      await requireOpen(desk).chat.markUnread();
      desk.print(desk.look.t.markedUnread);
    },
  },
  mute: { run: mute },
  archive: {
    async run(desk, rest) {
      if (rest !== '' && rest !== 'off') throw usage(desk, 'archive');
      const { t } = desk.look;
      await setOwn(desk, { archived: rest === '' }, rest === '' ? t.archived : t.unarchived);
    },
  },
  draft: { run: setDraft },
};
