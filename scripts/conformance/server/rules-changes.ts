import { demand, demandEqual } from '../rule.ts';
import { changeEverything, sendText } from './deeds.ts';
import { toTyped, type Peer } from './peer.ts';
import { idOf, type ServerRule } from './stage.ts';

const lastChange = async (peer: Peer, chatId: string, seq: number, version: number) => {
  const change = await peer.hear('message_changed', (frame) => frame.chat_id === chatId && frame.version === version);
  demandEqual(change.message.seq, seq, 'the seq of the changed message');
  demandEqual(change.message.changed_version, version, 'changed_version');
  return change.message;
};

/** The version that a deed led to; none is none. */
const versionOf = (done: { version?: number | undefined }): number => {
  demand(done.version !== undefined, 'what changed a chat is answered without its version');
  return done.version;
};

export const changeRules: ServerRule[] = [
  {
    id: 'changes.contiguous',
    says: 'Every durable change of a chat has the next version, and reaches every socket of a member once, in order.',
    async check(stage) {
      const { alice, bob, carol, chat } = await stage.trio();
      const watching = await stage.enter('bob');
      // Made elsewhere, so that no ack stands for a message on the sockets that are looked at.
      const makers = { alice: await stage.enter('alice'), bob: await stage.enter('bob'), carol };
      const last = await changeEverything({ ...makers, chat });
      for (const peer of [alice, bob, watching]) {
        await peer.untilVersion(chat, last);
        const from = peer === watching ? 2 : 1;
        const wanted = Array.from({ length: last - from + 1 }, (_, i) => from + i);
        demandEqual(
          peer.changesOf(chat).map(({ version }) => version),
          wanted,
          `the versions that ${peer.name} heard`,
        );
      }
    },
  },
  {
    id: 'changes.whole',
    says: 'An edit, a reaction and a pin are told with the whole message as it is now.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'Helo');
      const at = { chat_id, seq };
      const edited = versionOf(await alice.get('done', { type: 'edit', ...at, text: 'Hello' }));
      const reacted = versionOf(await bob.get('done', { type: 'react', ...at, emoji: '👍' }));
      const pinned = versionOf(await alice.get('done', { type: 'pin', ...at }));
      const afterEdit = await lastChange(bob, chat_id, seq, edited);
      demand(afterEdit.text === 'Hello' && afterEdit.edited_at !== undefined, 'an edit shows no new text or time');
      const afterReaction = await lastChange(bob, chat_id, seq, reacted);
      demandEqual(afterReaction.reactions, [{ emoji: '👍', user_ids: [idOf(bob)] }], 'the reactions');
      const { text, reactions, pinned_by } = await lastChange(bob, chat_id, seq, pinned);
      demandEqual([text, reactions?.length, pinned_by], ['Hello', 1, idOf(alice)], 'the message after all of it');
      demandEqual(
        (await bob.get('pins', { type: 'list_pins', chat_id })).rows.map((row) => row.seq),
        [seq],
        'the pins',
      );
    },
  },
  {
    id: 'changes.idle',
    says: 'What changes nothing raises no version: the same reaction, pin or name again.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'x');
      const deeds = [
        { type: 'react', chat_id, seq, emoji: '👍' },
        { type: 'pin', chat_id, seq },
        { type: 'delete', chat_id, seq },
      ] as const;
      for (const deed of deeds) {
        const version = versionOf(await alice.get('done', deed));
        await alice.get('done', deed);
        const next = await sendText(alice, chat_id, 'next');
        demandEqual(next.version, version + 1, `the version after ${deed.type} twice`);
        if (deed.type !== 'pin') continue;
        await alice.get('done', { type: 'react', chat_id, seq, emoji: '🎉', on: false });
        demandEqual((await sendText(alice, chat_id, 'x')).version, version + 2, 'the version after nothing was undone');
      }
      await bob.untilVersion(chat_id, 5);
    },
  },
  {
    id: 'changes.tombstone',
    says: 'A deleted message keeps its place without text, reactions, mentions and pin, and nothing changes it again.',
    async check(stage) {
      const { alice, bob, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, '@Bob', {
        mentions: [{ user_id: idOf(bob), offset: 0, length: 4 }],
      });
      const at = { chat_id, seq };
      await bob.get('done', { type: 'react', ...at, emoji: '👍' });
      await alice.get('done', { type: 'pin', ...at });
      const version = versionOf(await alice.get('done', { type: 'delete', ...at }));
      const { text, deleted_at, reactions, mentions, pinned_at } = await lastChange(bob, chat_id, seq, version);
      demand(deleted_at !== undefined, 'a deleted message has no deleted_at');
      demandEqual([text, reactions, mentions, pinned_at], ['', undefined, undefined, undefined], 'what is left of it');
      await alice.refused({ type: 'edit', ...at, text: 'again' }, 'deleted');
      await bob.refused({ type: 'react', ...at, emoji: '👍' }, 'deleted');
      await alice.refused({ type: 'pin', ...at }, 'deleted');
      demandEqual((await sendText(bob, chat_id, 'x')).seq, seq + 1, 'the next seq');
    },
  },
  {
    id: 'changes.not-mine',
    says: 'Only its sender edits a message, and only its sender or an admin deletes it.',
    async check(stage) {
      const { alice, bob, carol, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(bob, chat_id, 'x');
      await alice.refused({ type: 'edit', chat_id, seq, text: 'y' }, 'access_denied');
      await carol.refused({ type: 'delete', chat_id, seq }, 'access_denied');
      await carol.refused({ type: 'update_group', chat_id, name: 'Mine' }, 'access_denied');
      await carol.refused({ type: 'remove_member', chat_id, user_id: idOf(bob) }, 'access_denied');
      await carol.refused(
        { type: 'set_role', chat_id, user_id: idOf(carol), role: 'owner' },
        'access_denied',
        'not_oneself',
      );
      await alice.get('done', { type: 'delete', chat_id, seq });
    },
  },
  {
    id: 'changes.edits',
    says: 'What a message said before it was edited can be read, the oldest text first.',
    async check(stage) {
      const { alice, carol, chat: chat_id } = await stage.trio();
      const { seq } = await sendText(alice, chat_id, 'one');
      for (const text of ['two', 'three']) await alice.get('done', { type: 'edit', chat_id, seq, text });
      const { rows } = await carol.get('edits', { type: 'list_edits', chat_id, seq });
      demandEqual(
        rows.map(({ text }) => text),
        ['one', 'two'],
        'the earlier texts',
      );
    },
  },
  {
    id: 'changes.reads',
    says: 'Who has read a message is told with the time, without its sender and without who joined later.',
    async check(stage) {
      const [alice, bob, carol] = [await stage.enter('alice'), await stage.enter('bob'), await stage.enter('carol')];
      const chat_id = await stage.group(alice, [bob]);
      const { seq } = await sendText(alice, chat_id, 'one');
      const { rows: none } = await alice.get('reads', { type: 'list_reads', chat_id, seq });
      demandEqual(none, [], 'the readers of a message that nobody has read');
      const { seq: last } = await sendText(alice, chat_id, 'two');
      await bob.get('done', { type: 'mark_read', chat_id, seq: last });
      await alice.get('done', { type: 'add_members', chat_id, user_ids: [idOf(carol)] });
      const { rows } = await carol.get('reads', { type: 'list_reads', chat_id, seq });
      demandEqual(
        rows.map(({ user_id }) => user_id),
        [idOf(bob)],
        'the readers',
      );
      demand(!Number.isNaN(Date.parse(rows[0]!.read_at)), 'when it was read is a time');
    },
  },
  {
    id: 'changes.joining',
    says: 'Who is added hears of it and of what follows; who is removed hears of that, and of nothing after it.',
    async check(stage) {
      const [alice, bob] = [await stage.enter('alice'), await stage.enter('bob')];
      const chat_id = await stage.group(alice, []);
      const adding = await alice.get('done', { type: 'add_members', chat_id, user_ids: [idOf(bob)] });
      await bob.hear('members_added', (frame) => frame.chat_id === chat_id && frame.version === versionOf(adding));
      const within = await sendText(alice, chat_id, 'within');
      const removing = versionOf(await alice.get('done', { type: 'remove_member', chat_id, user_id: idOf(bob) }));
      await sendText(alice, chat_id, 'after');
      await bob.hear('member_removed', (frame) => frame.chat_id === chat_id && frame.user_id === idOf(bob));
      await bob.refused({ type: 'sync', chat_id, after: 0, after_seq: 0 }, 'no_chat');
      demandEqual(
        bob.changesOf(chat_id).map(({ version }) => version),
        [versionOf(adding), within.version, removing],
        'the versions that who was removed has heard',
      );
    },
  },
  {
    id: 'changes.since-joined',
    says: 'In a group that hides what was said before one joined, sync and history begin there.',
    async check(stage) {
      const [alice, bob] = [await stage.enter('alice'), await stage.enter('bob')];
      const chat_id = await stage.group(alice, [], { history: 'since_joined' });
      const { seq } = await sendText(alice, chat_id, 'before');
      await alice.get('done', { type: 'add_members', chat_id, user_ids: [idOf(bob)] });
      await alice.get('done', { type: 'edit', chat_id, seq, text: 'before, edited' });
      await alice.get('done', { type: 'react', chat_id, seq, emoji: '👍' });
      const visible = await sendText(alice, chat_id, 'after');
      const page = await bob.get('changes', { type: 'sync', chat_id, after: 0, after_seq: 0 });
      demandEqual(
        page.rows.map((row) => row.seq),
        [visible.seq],
        'the seqs of a sync from 0',
      );
      const history = await bob.get('history', { type: 'history', chat_id, before: 'end' });
      demandEqual([history.first_seq, history.rows.length], [visible.seq, 1], 'the first seq and the rows of history');
      for (const type of ['list_edits', 'list_reads'] as const) await bob.refused({ type, chat_id, seq }, 'no_message');
      await bob.untilVersion(chat_id, visible.version);
      const heard = bob.received.filter(({ type }) => type === 'message_changed');
      demandEqual(
        heard.filter((frame) => toTyped('message_changed', frame).message.text.startsWith('before')).length,
        0,
        'the changes of hidden messages that were told with their texts',
      );
    },
  },
];
