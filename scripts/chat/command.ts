import type { ChatView, Messenger } from '../../src/client/index.ts';
import { Complaint } from './complaint.ts';
import type { Conversation } from './conversation.ts';
import type { CommandName } from './command-names.ts';
import type { Look } from './look.ts';
import type { Names } from './names.ts';
import { toSeq } from './parse-line.ts';
import type { Screen } from './screen.ts';

/** What commands work with. */
export interface Desk {
  readonly messenger: Messenger;
  readonly screen: Screen;
  readonly look: Look;
  readonly names: Names;
  /** The ids of the chats as the list that was shown last numbers them. */
  listed: readonly string[];
  /** The ids of the people whom the last search found. */
  found: readonly string[];
  /** The chat that is open. */
  readonly conversation: Conversation | undefined;
  showsFrames: boolean;
  print(...lines: string[]): void;
  openChat(chatId: string): Promise<void>;
  closeChat(): void;
  logInAs(identifier: string): Promise<void>;
  /** Ends the session and forgets it. */
  logOut(): Promise<void>;
  quit(): void;
}

export interface Command {
  aliases?: readonly string[];
  /** It is to open a chat. */
  opens?: true;
  run(desk: Desk, rest: string): Promise<void> | void;
}
export type Commands<N extends CommandName = CommandName> = Record<N, Command>;

/** The chat that is open. @throws Complaint when none is. */
export function requireOpen({ conversation, look }: Desk): Conversation {
  if (conversation === undefined) throw new Complaint(look.t.noneOpen);
  return conversation;
}

/** The open chat, which is a group. @throws Complaint */
export function requireGroup(desk: Desk): { conversation: Conversation; view: ChatView } {
  const conversation = requireOpen(desk);
  const { view } = conversation.chat;
  if (view?.type !== 'group') throw new Complaint(desk.look.t.notGroup);
  return { conversation, view };
}

export const usage = ({ look }: Desk, name: CommandName): Complaint =>
  new Complaint(look.t.usage(name, look.t.commands[name][0]));

/** The place that a word names. @throws Complaint when it names none. */
export function requireSeq(desk: Desk, name: CommandName, word: string): number {
  const seq = toSeq(word);
  if (seq === undefined) throw usage(desk, name);
  return seq;
}

/** @throws Complaint unless `yes` was typed. */
export function requireYes({ look }: Desk, name: CommandName, rest: string): void {
  if (rest !== 'yes') throw new Complaint(look.t.confirm(name));
}
