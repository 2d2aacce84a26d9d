import { demand, demandEqual } from '../rule.ts';
import { changeEverything, sendMany, sendText } from './deeds.ts';
import type { Peer } from './peer.ts';
import { catchUp, Replica } from './replica.ts';
import { idOf, type ServerRule, type Stage } from './stage.ts';

/** A chat with a past, and what somebody who heard all of it live knows after each version. */
async function makePast(stage: Stage): Promise<{ bob: Peer; chat: string; past: Replica[]; end: Replica }> {
  const { alice, bob, carol, chat } = await stage.trio();
  const makers = { alice, bob: await stage.enter('bob'), carol };
  const last = await changeEverything({ ...makers, chat });
  await bob.untilVersion(chat, last);
  const end = new Replica();
  const past = [end.clone()];
  for (const change of bob.changesOf(chat)) if (end.apply(change)) past.push(end.clone());
  return { bob, chat, past, end };
}

export const syncRules: ServerRule[] = [
  {
    id: 'sync.every-version',
    says: 'Sync from any version leads to the very state of those who heard every change live.',
    async check(stage) {
      const { bob, chat, past, end } = await makePast(stage);
      for (const before of past)
        for (const limit of [undefined, 1, 3]) {
          const replica = before.clone();
          await catchUp(bob, chat, replica, limit);
          const what = `sync from version ${before.version}${limit === undefined ? '' : `, ${limit} rows a page`}`;
          demand(replica.state === end.state, `${what} leads to\n${replica.state}\nlive it was\n${end.state}`);
        }
    },
  },
  {
    id: 'sync.paging',
    says: 'Pages of sync have at most the rows that were asked for, get ahead, have no row twice and end.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const acks = await sendMany(peer, chat_id, 25);
      const replica = new Replica();
      const pages = await catchUp(peer, chat_id, replica, 10);
      demandEqual(
        pages.map(({ rows }) => rows.length),
        [10, 10, 5],
        'the rows of the pages',
      );
      demandEqual(
        pages.flatMap(({ rows }) => rows.map(({ seq }) => seq)),
        acks.map(({ seq }) => seq),
        'the seqs',
      );
      demandEqual(
        pages.map(({ more }) => more),
        [true, true, false],
        'whether there is more',
      );
      demandEqual(pages.at(-1)!.positions.length, 1, 'the positions on the last page');
    },
  },
  {
    id: 'sync.current',
    says: 'Sync from the newest version has nothing to tell but positions and how the chat stands for oneself.',
    async check(stage) {
      const { alice, chat } = await stage.trio();
      const { version, seq } = await sendText(alice, chat, 'x');
      const page = await alice.get('changes', { type: 'sync', chat_id: chat, after: version, after_seq: seq });
      demandEqual([page.rows, page.members, page.more, page.to], [[], [], false, version], 'rows, members, more, to');
      demandEqual([page.own.chat_id, page.own.version, page.own.last_seq], [chat, version, seq], 'the own state');
      demandEqual(page.positions.length, 3, 'the positions');
    },
  },
  {
    id: 'sync.newest-state',
    says: 'A message that changed many times since is one row, as it is now; a deleted one is a tombstone.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const [edited, deleted] = [await sendText(peer, chat_id, 'a'), await sendText(peer, chat_id, 'b')];
      for (const text of ['c', 'd', 'e']) await peer.get('done', { type: 'edit', chat_id, seq: edited.seq, text });
      await peer.get('done', { type: 'delete', chat_id, seq: deleted.seq });
      const page = await peer.get('changes', { type: 'sync', chat_id, after: deleted.version, after_seq: deleted.seq });
      const rows = page.rows.map(({ seq, text, deleted_at }) => [seq, text, deleted_at !== undefined]);
      demandEqual(
        rows,
        [
          [edited.seq, 'e', false],
          [deleted.seq, '', true],
        ],
        'seq, text and whether deleted',
      );
    },
  },
  {
    id: 'sync.while-live',
    says: 'Who hears live changes and syncs meanwhile, and applies each version once, ends with the state of all.',
    async check(stage) {
      const { alice, bob, carol, chat } = await stage.trio();
      const late = await stage.enter('bob');
      const replica = new Replica();
      const syncing = catchUp(late, chat, replica, 5);
      const last = await changeEverything({ alice, bob, carol, chat });
      await syncing;
      await late.untilVersion(chat, last);
      for (const change of late.changesOf(chat)) replica.apply(change);
      const whole = new Replica();
      await catchUp(carol, chat, whole);
      demand(replica.state === whole.state, `snapshot and stream make\n${replica.state}\nsync alone\n${whole.state}`);
    },
  },
  {
    id: 'history.pages',
    says: 'Pages of history are ascending and end, begin or have their middle where they were asked to.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const { version } = (await sendMany(peer, chat_id, 10)).at(-1)!;
      const page = async (place: object): Promise<number[]> => {
        const history = await peer.get('history', { type: 'history', chat_id, limit: 3, ...place });
        demandEqual([history.version, history.first_seq, history.last_seq], [version, 1, 10], 'version, first, last');
        return history.rows.map(({ seq }) => seq);
      };
      demandEqual(await page({ before: 'end' }), [8, 9, 10], 'the page before the end');
      demandEqual(await page({ before: 4 }), [1, 2, 3], 'the page before 4');
      demandEqual(await page({ after: 4 }), [5, 6, 7], 'the page after 4');
      demandEqual(await page({ after: 10 }), [], 'the page after the last');
      demand((await page({ around: 5 })).includes(5), 'the page around 5 is without it');
      await peer.refused({ type: 'history', chat_id }, 'invalid_request');
      await peer.refused({ type: 'history', chat_id, before: 3, after: 1 }, 'invalid_request');
    },
  },
  {
    id: 'sync.members',
    says: 'Sync tells who is a member now, in which role, and who is none any more.',
    async check(stage) {
      const { alice, bob, carol, chat: chat_id } = await stage.trio();
      const start = { type: 'sync', chat_id, after: 1, after_seq: 0 } as const;
      await alice.get('done', { type: 'set_role', chat_id, user_id: idOf(bob), role: 'admin' });
      await alice.get('done', { type: 'remove_member', chat_id, user_id: idOf(carol) });
      const { members } = await alice.get('changes', start);
      const roles = Object.fromEntries(members.map(({ user_id, role }) => [user_id, role]));
      demandEqual([roles[idOf(bob)], roles[idOf(carol)]], ['admin', null], 'the roles since version 1');
    },
  },
];
