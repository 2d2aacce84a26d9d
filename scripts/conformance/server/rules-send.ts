import { randomUUID } from 'node:crypto';
import { demand, demandEqual } from '../rule.ts';
import { sending, sendMany, sendText } from './deeds.ts';
import { isChange, toTyped } from './peer.ts';
import { idOf, type ServerRule } from './stage.ts';

export const sendRules: ServerRule[] = [
  {
    id: 'send.ack',
    says: 'A message is acked with its client_id, the next seq and the next version of the chat.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const frame = sending(chat_id, 'x');
      const first = await peer.get('ack', frame);
      const second = await sendText(peer, chat_id, 'y');
      demandEqual([first.chat_id, first.client_id, first.duplicate], [chat_id, frame.client_id, false], 'the ack');
      demandEqual([first.seq, second.seq], [1, 2], 'the seqs');
      demandEqual([first.version, second.version], [2, 3], 'the versions');
    },
  },
  {
    id: 'send.duplicate',
    says: 'The same client_id again, on any socket, is acked with the values of the first time and told to nobody.',
    async check(stage) {
      const { alice, bob, chat } = await stage.trio();
      const elsewhere = await stage.enter('alice');
      const frame = sending(chat, 'once');
      const { ref: _, ...first } = await alice.get('ack', frame);
      for (const peer of [alice, elsewhere, alice]) {
        const { ref: __, ...again } = await peer.get('ack', frame);
        demandEqual(again, { ...first, duplicate: true }, 'the ack of the same message');
      }
      const { version } = await sendText(alice, chat, 'next');
      demandEqual(version, first.version + 1, 'the version after the duplicates');
      await bob.untilVersion(chat, version);
      demandEqual(
        bob.changesOf(chat).map((change) => change.version),
        [1, first.version, version],
        'the versions that another member heard',
      );
    },
  },
  {
    id: 'send.conflict',
    says: 'Another text under a client_id that was used is a conflict, with the client_id.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const frame = sending(chat_id, 'one');
      await peer.get('ack', frame);
      const { client_id } = await peer.refused({ ...frame, text: 'another' }, 'conflict');
      demandEqual(client_id, frame.client_id, 'the client_id of the error');
      demand((await peer.get('ack', frame)).duplicate, 'the first text is no duplicate any more');
    },
  },
  {
    id: 'send.after',
    says: 'A message whose `after` is not stored is not stored either (depends_missing, the same again); in order all are.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const first = sending(chat_id, 'first');
      const second = sending(chat_id, 'second', { after: first.client_id });
      const third = sending(chat_id, 'third', { after: second.client_id });
      const refs = [second, third].map((frame) => {
        const ref = peer.newRef();
        peer.say({ ref, ...frame });
        return ref;
      });
      for (const [i, ref] of refs.entries()) {
        const error = toTyped('error', await peer.answerTo(ref));
        demandEqual([error.code, error.retry], ['depends_missing', 'same'], `the answer to message ${i + 2}`);
        demandEqual(error.client_id, [second, third][i]!.client_id, 'the client_id of the error');
      }
      const acks = [await peer.get('ack', first), await peer.get('ack', second), await peer.get('ack', third)];
      demandEqual(
        acks.map(({ seq }) => seq),
        [1, 2, 3],
        'the seqs in the right order',
      );
    },
  },
  {
    id: 'send.pipelined',
    says: 'Messages that are sent without waiting are stored, acked and told in the order in which they were sent.',
    async check(stage) {
      const { alice, bob, chat } = await stage.trio();
      const acks = await sendMany(alice, chat, 50);
      demandEqual(
        acks.map(({ seq }) => seq),
        acks.map((_, i) => i + 1),
        'the seqs of the acks',
      );
      const order = alice.received.filter(({ type }) => type === 'ack').map((frame) => toTyped('ack', frame).seq);
      demandEqual(
        order,
        order.toSorted((a, b) => a - b),
        'the acks as they came',
      );
      await bob.untilVersion(chat, acks.at(-1)!.version);
      const texts = bob.received
        .filter(({ type }) => type === 'message')
        .map((frame) => toTyped('message', frame).message.text);
      demandEqual(
        texts,
        acks.map((_, i) => `text ${i + 1}`),
        'the texts that another member heard',
      );
    },
  },
  {
    id: 'send.echo',
    says: 'The socket that sent a message gets its ack only; the sender’s other sockets get the message, with the same version.',
    async check(stage) {
      const { alice, bob, chat } = await stage.trio();
      const elsewhere = await stage.enter('alice');
      const ack = await sendText(alice, chat, 'mine');
      const { message, version } = await elsewhere.hear('message', (frame) => frame.chat_id === chat);
      demandEqual([version, message.seq, message.id], [ack.version, ack.seq, ack.id], 'the message on another socket');
      demandEqual(message.client_id, ack.client_id, 'its client_id');
      const next = await sendText(bob, chat, 'yours');
      await alice.untilVersion(chat, next.version);
      demandEqual(
        alice.changesOf(chat).map((change) => change.version),
        [1, next.version],
        'the versions that the sending socket heard besides its ack',
      );
    },
  },
  {
    id: 'send.stranger',
    says: 'Who is no member can neither send nor read: no_chat, whether the chat exists or not.',
    async check(stage) {
      const [alice, carol] = [await stage.enter('alice'), await stage.enter('carol')];
      const chat = await stage.group(alice, []);
      await sendText(alice, chat, 'secret');
      for (const chat_id of [chat, randomUUID()]) {
        const { client_id } = await carol.refused(sending(chat_id, 'x'), 'no_chat');
        demand(client_id !== undefined, 'the error of a message has no client_id');
        await carol.refused({ type: 'sync', chat_id, after: 0, after_seq: 0 }, 'no_chat');
        await carol.refused({ type: 'history', chat_id, before: 'end' }, 'no_chat');
        await carol.refused({ type: 'mark_read', chat_id, seq: 1 }, 'no_chat', 'no_message');
        await carol.refused({ type: 'react', chat_id, seq: 1, emoji: '👍' }, 'no_chat', 'no_message');
      }
      demandEqual(carol.received.filter(isChange).length, 0, 'the changes that a stranger heard');
    },
  },
  {
    id: 'send.content',
    says: 'Replies, forwards and mentions arrive as they were sent; a reply to nothing is no_message.',
    async check(stage) {
      const { alice, bob, chat } = await stage.trio();
      const first = await sendText(alice, chat, 'Hello 👋🏽 Bob', {
        mentions: [{ user_id: idOf(bob), offset: 9, length: 3 }],
      });
      const reply = await sendText(bob, chat, 'Hello', { reply_to: first.seq });
      const forward = await sendText(bob, chat, '', { text: undefined, forward: { chat_id: chat, seq: first.seq } });
      const { message: heard } = await bob.hear('message', ({ message }) => message.seq === first.seq);
      demandEqual(heard.mentions, [{ user_id: idOf(bob), offset: 9, length: 3 }], 'the mentions');
      const heardReply = await alice.hear('message', ({ message }) => message.seq === reply.seq);
      demandEqual(heardReply.message.reply_to, first.seq, 'reply_to');
      const { message: told } = await alice.hear('message', ({ message }) => message.seq === forward.seq);
      demandEqual([told.text, told.forwarded?.sender_id], [heard.text, idOf(alice)], 'the forward and whose it was');
      await bob.refused(sending(chat, 'x', { reply_to: 999 }), 'no_message');
      const overlapping = [0, 1].map((offset) => ({ user_id: idOf(bob), offset, length: 3 }));
      await bob.refused(sending(chat, 'Hello', { mentions: overlapping }), 'invalid_request');
    },
  },
  {
    id: 'send.timestamp',
    says: 'A timestamp with any offset is shown in UTC; one without an offset is refused.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const { timestamp } = await sendText(peer, chat_id, 'x', { timestamp: '2025-05-04T07:45:50+03:00' });
      demandEqual(timestamp, '2025-05-04T04:45:50Z', 'the timestamp');
      await peer.refused(sending(chat_id, 'x', { timestamp: '2025-05-04T07:45:50' }), 'invalid_request');
    },
  },
];
