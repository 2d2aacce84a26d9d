import { demand, demandEqual } from '../rule.ts';
import { sendText } from './deeds.ts';
import { idOf, type ServerRule } from './stage.ts';

export const liveRules: ServerRule[] = [
  {
    id: 'live.typing',
    says: 'Who is typing is told to the other members, not to the socket that said so and not to strangers.',
    async check(stage) {
      const [alice, bob, carol] = [await stage.enter('alice'), await stage.enter('bob'), await stage.enter('carol')];
      const chat_id = await stage.group(alice, [bob]);
      await bob.untilVersion(chat_id, 1);
      await alice.get('done', { type: 'typing', chat_id });
      await bob.hear('typing', (frame) => frame.chat_id === chat_id && frame.user_id === idOf(alice));
      await carol.refused({ type: 'typing', chat_id }, 'no_chat');
      for (const peer of [alice, carol]) {
        await peer.fence();
        demandEqual(
          peer.received.some(({ type }) => type === 'typing'),
          false,
          `typing told to ${peer.name}`,
        );
      }
    },
  },
  {
    id: 'live.presence',
    says: 'Who watches a person is told how it is now and when it changes; nobody else is.',
    async check(stage) {
      // A server may wait whether somebody who went comes back at once.
      const patienceMs = Math.max(stage.place.patienceMs, 15_000);
      const [alice, bob] = [await stage.enter('alice', { patienceMs }), await stage.enter('bob')];
      const chat_id = await stage.group(alice, [bob]);
      const carol = await stage.enter('carol');
      await alice.get('done', { type: 'add_members', chat_id, user_ids: [idOf(carol)] });
      await alice.get('done', { type: 'watch', user_ids: [idOf(carol)] });
      const isCarol = ({ user_id }: { user_id: string }): boolean => user_id === idOf(carol);
      await alice.hear('presence', ({ rows }) => rows.some((row) => isCarol(row) && row.online));
      carol.break();
      const { rows } = await alice.hear('presence', (frame) => frame.rows.some((row) => isCarol(row) && !row.online));
      demand(
        rows.some(({ last_seen_at }) => last_seen_at !== null),
        'who went has no last_seen_at',
      );
      demandEqual(
        bob.received.some(({ type }) => type === 'presence'),
        false,
        'presence told to who does not watch',
      );
    },
  },
  {
    id: 'live.lists',
    says: 'The list of chats, one chat and people are answered; ids that nobody has are left out.',
    async check(stage) {
      const { alice, bob, chat } = await stage.trio();
      await sendText(alice, chat, 'x');
      const { rows, next } = await alice.get('chats', { type: 'list_chats', limit: 1 });
      demandEqual(
        rows.map(({ id }) => id),
        [chat],
        'the newest chat',
      );
      if (next !== null) {
        const page = await alice.get('chats', { type: 'list_chats', limit: 1, before: next });
        demand(page.rows[0]?.id !== chat, 'the next page begins where the first did');
      }
      const answer = await alice.get('chat', { type: 'get_chat', chat_id: chat });
      demandEqual(answer.chat.members.length, 3, 'the members of the chat');
      const nobody = '00000000-0000-4000-8000-000000000000';
      const people = await alice.get('users', { type: 'get_users', user_ids: [idOf(bob), nobody] });
      demandEqual(
        people.rows.map(({ id }) => id),
        [idOf(bob)],
        'the people',
      );
    },
  },
  {
    id: 'live.direct',
    says: 'Two people have one direct chat: opening it again, from either side, leads to the same.',
    async check(stage) {
      const [alice, bob] = [await stage.enter('alice'), await stage.enter('bob')];
      const first = await alice.get('opened', { type: 'open_direct', user_id: idOf(bob) });
      const again = await bob.get('opened', { type: 'open_direct', user_id: idOf(alice) });
      demandEqual([again.chat_id, again.created], [first.chat_id, false], 'the chat from the other side');
      const { version } = await sendText(alice, first.chat_id, 'x');
      await bob.untilVersion(first.chat_id, version);
      await alice.refused({ type: 'open_direct', user_id: idOf(alice) }, 'not_a_pair', 'not_oneself');
      await alice.refused(
        { type: 'open_direct', user_id: '00000000-0000-4000-8000-000000000000' },
        'no_user',
        'unknown_user',
      );
      await alice.refused({ type: 'leave', chat_id: first.chat_id }, 'not_a_group');
    },
  },
  {
    id: 'live.deleted',
    says: 'When a group is deleted its members are told, and it is no chat of anybody any more.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      await bob.refused({ type: 'delete_group', chat_id }, 'access_denied');
      await alice.get('done', { type: 'delete_group', chat_id });
      await bob.hear('chat_deleted', (frame) => frame.chat_id === chat_id);
      await bob.refused({ type: 'sync', chat_id, after: 0, after_seq: 0 }, 'no_chat');
    },
  },
];
