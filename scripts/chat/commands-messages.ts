import type { Content, Message, Person } from '../../src/client/index.ts';
import { toEmoji } from '../../src/protocol/message.ts';
import { requireOpen, requireSeq, usage, type Commands, type Desk } from './command.ts';
import { pinChat } from './commands-chats.ts';
import { Complaint } from './complaint.ts';
import type { Conversation } from './conversation.ts';
import { getChat } from './find.ts';
import { findMentions } from './mentions.ts';
import { splitFirst } from './parse-line.ts';
import { toSafeLine, toSafeLines } from './safe-text.ts';
import { showMessages, showPending } from './show-messages.ts';
import { toWhen } from './times.ts';

const shortNames: Record<string, string> = {
  '+1': '👍',
  '-1': '👎',
  heart: '❤️',
  joy: '😂',
  tada: '🎉',
  fire: '🔥',
  eyes: '👀',
  ok: '👌',
  pray: '🙏',
  cry: '😢',
};

/** A typed text with the members that it names. */
export function toContent({ names }: Desk, { chat }: Conversation, text: string): Content {
  const members = (chat.view?.members ?? []).map(({ user_id }) => names.findPerson(user_id));
  const mentions = findMentions(
    text,
    members.filter((person): person is Person => person !== undefined),
  );
  return mentions.length === 0 ? { text } : { text, mentions };
}

/** `-` is the newest message that fits. */
function getSeq(desk: Desk, name: 'edit' | 'reply' | 'delete', word: string): number {
  if (word !== '-') return requireSeq(desk, name, word);
  const isOwn = ({ sender_id }: Message): boolean => sender_id === desk.names.ownId;
  const found = requireOpen(desk).findNewest((message) => isOwn(message) === (name !== 'reply'));
  if (found === undefined) throw new Complaint(name === 'reply' ? desk.look.t.startOfChat : desk.look.t.noOwnMessage);
  return found.seq;
}

async function edit(desk: Desk, rest: string): Promise<void> {
  const [word, text] = splitFirst(rest);
  const conversation = requireOpen(desk);
  const seq = getSeq(desk, 'edit', word);
  if (text === '') {
    if (!desk.screen.isTerminal) throw usage(desk, 'edit');
    return desk.screen.prefill(`/edit ${seq} ${(await conversation.get(seq)).text}`);
  }
  const { mentions = [] } = toContent(desk, conversation, text);
  await conversation.chat.edit(seq, { text, mentions });
}

/** Gives the emoji, or takes it back where one has given it. */
async function react(desk: Desk, rest: string): Promise<void> {
  const [word, typed] = splitFirst(rest);
  const conversation = requireOpen(desk);
  const seq = requireSeq(desk, 'react', word);
  if (typed === '') throw usage(desk, 'react');
  const emoji = shortNames[typed.replaceAll(':', '')] ?? toEmoji(typed);
  if (emoji === undefined) throw new Complaint(desk.look.t.notEmoji(typed));
  const { reactions = [] } = await conversation.get(seq);
  const ownId = desk.names.ownId ?? '';
  const isOn = reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(ownId));
  await conversation.chat.react(seq, emoji, !isOn);
}

const pin = (on: boolean) => async (desk: Desk, rest: string) => {
  if (rest === '') return pinChat(desk, on);
  await requireOpen(desk).chat.pin(requireSeq(desk, on ? 'pin' : 'unpin', rest), on);
};

async function showPins(desk: Desk): Promise<void> {
  const conversation = requireOpen(desk);
  const pins = await conversation.chat.listPins();
  if (pins.length === 0) return desk.print(desk.look.t.noPins);
  await desk.names.learn(pins.map(({ sender_id }) => sender_id));
  desk.print(...showMessages(pins, conversation.shown).lines);
}

async function showEdits(desk: Desk, rest: string): Promise<void> {
  const conversation = requireOpen(desk);
  const seq = requireSeq(desk, 'edits', rest);
  const edits = await conversation.chat.listEdits(seq);
  if (edits.length === 0) return desk.print(desk.look.t.noEdits);
  for (const { text, written_at } of edits) {
    const [first = '', ...more] = toSafeLines(text);
    desk.print(
      `  ${desk.look.paint.dim(toWhen(desk.look, written_at))} ${first}`,
      ...more.map((line) => `      | ${line}`),
    );
  }
}

async function showReaders(desk: Desk, rest: string): Promise<void> {
  const conversation = requireOpen(desk);
  const reads = await conversation.chat.listReads(requireSeq(desk, 'readers', rest));
  if (reads.length === 0) return desk.print(desk.look.t.noReaders);
  await desk.names.learn(reads.map(({ user_id }) => user_id));
  for (const { user_id, read_at } of reads)
    desk.print(`  ${desk.look.paint.dim(toWhen(desk.look, read_at))} ${desk.names.nameOf(user_id)}`);
}

async function forward(desk: Desk, rest: string): Promise<void> {
  const [word, query] = splitFirst(rest);
  const conversation = requireOpen(desk);
  const seq = requireSeq(desk, 'forward', word);
  if (query === '') throw usage(desk, 'forward');
  const target = getChat(query, desk);
  const content = { forward: { chatId: conversation.id, seq } };
  if (target.id === conversation.id) return conversation.send(content);
  await desk.messenger.chat(target.id).send(content).stored;
  desk.print(desk.look.t.forwardedTo(desk.names.titleOf(target)));
}

function showOutbox(desk: Desk): void {
  const { look, messenger, names } = desk;
  const pending = messenger.store.get('outbox');
  if (pending.length === 0) return desk.print(look.t.emptyOutbox);
  for (const message of pending) {
    const view = messenger.store.get(`chat:${message.chat_id}`);
    const find = (seq: number): Message | undefined => messenger.store.findMessage(message.chat_id, seq);
    desk.print(
      `[${view === undefined ? '?' : names.titleOf(view)}] ${showPending(message, { look, names, find }).join(' ')}`,
    );
    if (message.error) desk.print(`      ${look.t.errors[message.error.code]}`);
  }
}

/** Does it with every message that was refused. */
function eachFailed(desk: Desk, act: (clientId: string) => void): void {
  const failed = desk.messenger.store.get('outbox').filter(({ status }) => status === 'failed');
  if (failed.length === 0) return desk.print(desk.look.t.emptyOutbox);
  for (const { client_id } of failed) act(client_id);
}

/** What is said, and what is done to it. */
export const messageCommands: Commands<
  | 'more'
  | 'to'
  | 'reply'
  | 'edit'
  | 'delete'
  | 'react'
  | 'pin'
  | 'unpin'
  | 'pins'
  | 'edits'
  | 'readers'
  | 'forward'
  | 'outbox'
  | 'retry'
  | 'drop'
> = {
  more: {
    aliases: ['m'],
    run: (desk, rest) => {
      const count = rest === '' ? undefined : requireSeq(desk, 'more', rest);
      return requireOpen(desk).showMore(count === undefined ? undefined : Math.min(count, 200));
    },
  },
  to: { run: (desk, rest) => requireOpen(desk).showAround(requireSeq(desk, 'to', rest)) },
  reply: {
    aliases: ['r'],
    run(desk, rest) {
      const [word, text] = splitFirst(rest);
      const conversation = requireOpen(desk);
      const replyTo = getSeq(desk, 'reply', word);
      if (text === '') throw usage(desk, 'reply');
      conversation.send({ ...toContent(desk, conversation, text), replyTo });
    },
  },
  edit: { aliases: ['e'], run: edit },
  delete: {
    aliases: ['del'],
    run: (desk, rest) => requireOpen(desk).chat.delete(getSeq(desk, 'delete', rest)),
  },
  react: { run: react },
  pin: { run: pin(true) },
  unpin: { run: pin(false) },
  pins: { run: showPins },
  edits: { run: showEdits },
  readers: { run: showReaders },
  forward: { aliases: ['fwd'], run: forward },
  outbox: { run: showOutbox },
  retry: {
    run: (desk) => eachFailed(desk, (clientId) => desk.messenger.outbox.retry(clientId)),
  },
  drop: {
    run: (desk) =>
      eachFailed(desk, (clientId) => {
        const text = desk.messenger.store.get('outbox').find(({ client_id }) => client_id === clientId)?.text ?? '';
        desk.messenger.outbox.drop(clientId);
        desk.print(desk.look.paint.dim(`- ${toSafeLine(text, 60)}`));
      }),
  },
};
