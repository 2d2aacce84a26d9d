import { randomUUID } from 'node:crypto';
import type { FullClientInput, FullServerFrame } from '../../../src/protocol/full.ts';
import type { Peer } from './peer.ts';

type SendInput = Omit<FullClientInput<'send'>, 'ref' | 'type' | 'chat_id'>;

/** A frame that sends a text. */
export const sending = (
  chat_id: string,
  text: string,
  more: Partial<SendInput> = {},
): Omit<FullClientInput<'send'>, 'ref'> & { client_id: string } => ({
  type: 'send',
  chat_id,
  client_id: randomUUID(),
  text,
  ...more,
});

/** Sends a text and waits for its ack. */
export const sendText = (
  peer: Peer,
  chatId: string,
  text: string,
  more: Partial<SendInput> = {},
): Promise<FullServerFrame<'ack'>> => peer.get('ack', sending(chatId, text, more));

/** Sends `count` texts without waiting in between; their acks in the order in which they came. */
export async function sendMany(peer: Peer, chatId: string, count: number): Promise<FullServerFrame<'ack'>[]> {
  const frames = Array.from({ length: count }, (_, i) => ({ ref: peer.newRef(), ...sending(chatId, `text ${i + 1}`) }));
  for (const frame of frames) peer.say(frame);
  return Promise.all(frames.map(({ client_id }) => peer.hear('ack', (ack) => ack.client_id === client_id)));
}

/** One of each change that a group knows, in turn; ends with the version of the last. */
export async function changeEverything(
  { alice, bob, carol, chat }: { alice: Peer; bob: Peer; carol: Peer; chat: string },
  { adds = carol.ready!.user.id } = {},
): Promise<number> {
  const chat_id = chat;
  const first = await sendText(alice, chat, 'first');
  const second = await sendText(bob, chat, 'second', { reply_to: first.seq });
  const at = { chat_id, seq: first.seq };
  await alice.get('done', { type: 'edit', ...at, text: 'first, mended' });
  await bob.get('done', { type: 'react', ...at, emoji: '👍' });
  await carol.get('done', { type: 'react', ...at, emoji: '👍' });
  await carol.get('done', { type: 'react', ...at, emoji: '👍', on: false });
  await alice.get('done', { type: 'pin', chat_id, seq: second.seq });
  await alice.get('done', { type: 'update_group', chat_id, name: 'Renamed', description: 'What it is about' });
  await alice.get('done', { type: 'set_role', chat_id, user_id: bob.ready!.user.id, role: 'admin' });
  await bob.get('done', { type: 'remove_member', chat_id, user_id: adds });
  const third = await sendText(bob, chat, 'third', { forward: { chat_id, seq: first.seq }, text: undefined });
  await alice.get('done', { type: 'delete', ...at });
  await bob.get('done', { type: 'add_members', chat_id, user_ids: [adds] });
  await alice.get('done', { type: 'pin', chat_id, seq: second.seq, on: false });
  await bob.get('done', { type: 'react', chat_id, seq: third.seq, emoji: '❤️' });
  return (await sendText(alice, chat, 'the last word')).version;
}
