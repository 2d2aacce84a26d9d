import type { ChatHandle, ChatView, Message } from '../../src/client/index.ts';
import type { Actor } from '../support/cast.ts';
import type { Intents } from './intents.ts';
import type { Journal } from './journal.ts';
import type { Phone } from './phone.ts';
import type { Random } from './random.ts';

/** What an operation has at hand. */
export interface Scene {
  phone: Phone;
  random: Random;
  people: readonly Actor[];
  intents: Intents;
  journal: Journal;
  /** A chat in which everybody stays, as plain clients write to it. */
  lastingChatId: string;
}

/** A chat to act in. */
export interface Place {
  view: ChatView;
  chat: ChatHandle;
}

/** Chats with messages come up more often. */
export function pickPlace(
  { phone, random }: Scene,
  isMeant: (view: ChatView) => boolean = () => true,
): Place | undefined {
  const chats = phone.chats.filter(isMeant);
  const open = chats.filter((view) => view.open);
  const view = random.pick(open.length > 0 && random.chance(0.8) ? open : chats);
  return view && { view, chat: phone.client.chat(view.id) };
}

/** Mostly one of the newest: where everybody acts at once. */
export function pickMessage(
  { random }: Scene,
  { chat }: Place,
  isMeant: (message: Message) => boolean = () => true,
): Message | undefined {
  const rows = chat.messages.rows.slice(random.chance(0.7) ? -12 : 0).filter(isMeant);
  return random.pick(rows);
}

export const isGroup = (view: ChatView): boolean => view.type === 'group';

/** One may do what owner and admins do; nobody is taken out of the lasting chat. */
export const canManage =
  ({ lastingChatId }: Scene) =>
  (view: ChatView): boolean =>
    isGroup(view) && view.own.role !== 'member' && view.id !== lastingChatId;

export const placeOf = (chatId: string, seq: number): string => `${chatId} ${seq}`;
