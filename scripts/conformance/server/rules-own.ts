import { demand, demandEqual } from '../rule.ts';
import type { OwnState } from '../../../src/protocol/full.ts';
import { sendMany, sendText } from './deeds.ts';
import { toTyped, type Peer } from './peer.ts';
import { idOf, type ServerRule } from './stage.ts';

const ownOf = async (peer: Peer, chat_id: string): Promise<OwnState> =>
  (await peer.get('changes', { type: 'sync', chat_id, after: 0, after_seq: 0, limit: 1 })).own;

/** Waits for an own state that is so. */
const hearOwn = async (peer: Peer, chatId: string, fits: (own: OwnState) => boolean): Promise<OwnState> =>
  (await peer.hear('own', ({ own }) => own.chat_id === chatId && fits(own))).own;

export const ownRules: ServerRule[] = [
  {
    id: 'positions.monotone',
    says: 'Positions only grow: an earlier mark changes nothing, and who has read has been delivered to.',
    async check(stage) {
      const { alice, bob, carol, chat: chat_id } = await stage.trio();
      await sendMany(alice, chat_id, 5);
      await bob.get('done', { type: 'mark_delivered', chat_id, seq: 2 });
      await bob.get('done', { type: 'mark_read', chat_id, seq: 4 });
      await bob.get('done', { type: 'mark_read', chat_id, seq: 1 });
      await bob.get('done', { type: 'mark_delivered', chat_id, seq: 3 });
      const { read_seq, delivered_seq } = await ownOf(bob, chat_id);
      demandEqual([read_seq, delivered_seq], [4, 4], 'read and delivered');
      await bob.get('done', { type: 'mark_read', chat_id, seq: 5 });
      const isBobs = ({ user_id }: { user_id: string }): boolean => user_id === idOf(bob);
      await carol.hear('positions', ({ rows }) => rows.some((row) => isBobs(row) && row.read_seq === 5));
      const told = carol.received
        .filter(({ type }) => type === 'positions')
        .flatMap((frame) =>
          toTyped('positions', frame)
            .rows.filter(isBobs)
            .map((row) => row.read_seq),
        );
      demandEqual(
        told,
        told.toSorted((a, b) => a - b),
        'the positions as they were told',
      );
    },
  },
  {
    id: 'positions.in-sync',
    says: 'Positions are read again by sync, of every member.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq, version } = await sendText(alice, chat_id, 'x');
      await bob.get('done', { type: 'mark_read', chat_id, seq });
      const { positions } = await alice.get('changes', { type: 'sync', chat_id, after: version, after_seq: seq });
      demandEqual(positions.find(({ user_id }) => user_id === idOf(bob))?.read_seq, seq, 'how far the other has read');
    },
  },
  {
    id: 'positions.no-further',
    says: 'Nobody reads what is not there: a mark beyond the last message leads no further than to it.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'x');
      for (const type of ['mark_delivered', 'mark_read'] as const) await bob.ask({ type, chat_id, seq: seq + 1 });
      const { delivered_seq, read_seq } = await ownOf(bob, chat_id);
      demand(
        delivered_seq <= seq && read_seq <= seq,
        `${seq} was stored, delivered ${delivered_seq}, read ${read_seq}`,
      );
    },
  },
  {
    id: 'positions.seen',
    says: 'When all others have read a message, its sender is told.',
    async check(stage) {
      const { alice, bob, carol, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'x');
      await bob.get('done', { type: 'mark_read', chat_id, seq });
      await alice.fence();
      demandEqual(alice.received.filter(({ type }) => type === 'seen').length, 0, 'seen before all have read it');
      await carol.get('done', { type: 'mark_read', chat_id, seq });
      await alice.hear('seen', (frame) => frame.chat_id === chat_id && frame.seq >= seq);
    },
  },
  {
    id: 'own.unread',
    says: 'Unread are the messages of others after one’s position that are not deleted; mentions are counted apart.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const mentions = [{ user_id: idOf(bob), offset: 0, length: 1 }];
      const acks = [
        await sendText(alice, chat_id, 'one'),
        await sendText(alice, chat_id, '@', { mentions }),
        await sendText(alice, chat_id, '@', { mentions }),
        await sendText(alice, chat_id, 'four'),
      ];
      await sendText(bob, chat_id, 'mine');
      await bob.get('done', { type: 'mark_read', chat_id, seq: acks[0]!.seq });
      const count = async (): Promise<number[]> => {
        const { unread_count, unread_mentions } = await ownOf(bob, chat_id);
        return [unread_count, unread_mentions];
      };
      demandEqual(await count(), [3, 2], 'unread and mentions');
      await alice.get('done', { type: 'delete', chat_id, seq: acks[1]!.seq });
      demandEqual(await count(), [2, 1], 'unread and mentions after one was deleted');
      await alice.get('done', { type: 'edit', chat_id, seq: acks[2]!.seq, text: 'nobody' });
      demandEqual(await count(), [2, 0], 'unread and mentions after one was edited away');
      await bob.get('done', { type: 'mark_read', chat_id, seq: acks[3]!.seq });
      demandEqual(await count(), [0, 0], 'unread and mentions when all is read');
    },
  },
  {
    id: 'own.devices',
    says: 'A read mark, a setting and a draft on one device reach the others as `own`.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const phone = await stage.enter('bob');
      const { seq } = await sendText(alice, chat_id, 'x');
      await bob.get('done', { type: 'mark_read', chat_id, seq });
      await hearOwn(phone, chat_id, (own) => own.read_seq === seq && own.unread_count === 0);
      await bob.get('done', { type: 'update_own', chat_id, archived: true, muted_until: 'forever' });
      await hearOwn(phone, chat_id, (own) => own.archived && own.muted_until === 'forever');
      await phone.get('done', { type: 'set_draft', chat_id, text: 'Dear Alice', reply_to: seq });
      const { draft } = await hearOwn(bob, chat_id, (own) => own.draft !== null);
      demandEqual([draft?.text, draft?.reply_to], ['Dear Alice', seq], 'the draft');
      await phone.get('done', { type: 'set_draft', chat_id, text: null });
      demandEqual((await ownOf(bob, chat_id)).draft, null, 'a draft that was taken away');
      demandEqual(
        alice.received.some((frame) => JSON.stringify(frame).includes('Dear Alice')),
        false,
        'a draft told to others',
      );
    },
  },
  {
    id: 'own.marked-unread',
    says: 'A chat that is marked as unread stays so until it is read or the mark is taken back.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'x');
      await bob.get('done', { type: 'mark_read', chat_id, seq });
      await bob.get('done', { type: 'mark_unread', chat_id });
      const marked = await ownOf(bob, chat_id);
      demandEqual([marked.marked_unread, marked.read_seq], [true, seq], 'the mark and the position');
      await bob.get('done', { type: 'mark_unread', chat_id, on: false });
      demand(!(await ownOf(bob, chat_id)).marked_unread, 'the mark was not taken back');
    },
  },
];
