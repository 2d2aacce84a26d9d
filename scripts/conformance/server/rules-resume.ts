import { setTimeout as sleep } from 'node:timers/promises';
import { demand, demandEqual } from '../rule.ts';
import { sending, sendText } from './deeds.ts';
import { toTyped, type Peer } from './peer.ts';
import { idOf, type ServerRule } from './stage.ts';

const resume = (peer: Peer, token: string) => peer.get('changed', { type: 'resume', token });

export const resumeRules: ServerRule[] = [
  {
    id: 'resume.misses-nothing',
    says: 'A resume names every chat that changed since the token, with its version now, and those one has left.',
    async check(stage) {
      const alice = await stage.enter('alice');
      const bob = await stage.enter('bob');
      const chats: string[] = [];
      for (let i = 0; i < 5; i++) chats.push(await stage.group(alice, [bob]));
      const [written, reacted, muted, left, still] = chats as [string, string, string, string, string];
      const { seq } = await sendText(alice, reacted, 'x');
      await sendText(alice, still, 'x');
      const token = (await resume(bob, bob.ready!.resume)).resume;
      bob.break();
      const { version } = await sendText(alice, written, 'missed');
      const { version: changed } = await alice.get('done', { type: 'react', chat_id: reacted, seq, emoji: '👍' });
      await alice.get('done', { type: 'remove_member', chat_id: left, user_id: idOf(bob) });
      const elsewhere = await stage.enter('bob');
      await elsewhere.get('done', { type: 'update_own', chat_id: muted, muted_until: 'forever' });
      const again = await stage.enter('bob');
      const answer = await resume(again, token);
      const versions = new Map(answer.chats.map((own) => [own.chat_id, own.version]));
      demandEqual([versions.get(written), versions.get(reacted)], [version, changed], 'the versions of changed chats');
      const own = answer.chats.find(({ chat_id }) => chat_id === muted);
      demandEqual(own?.muted_until, 'forever', 'what another device changed');
      demand(answer.left.includes(left), 'a chat that one was removed from is not among those left');
      // A server may be held up by what others are writing, for a while.
      const deadlineMs = Date.now() + stage.place.patienceMs;
      for (let next = answer.resume; next === token; next = (await resume(again, token)).resume) {
        demand(Date.now() < deadlineMs, 'the token stays the old one');
        await sleep(100);
      }
    },
  },
  {
    id: 'resume.again',
    says: 'A token may be used again and at any time, and never leads to too few chats.',
    async check(stage) {
      const [alice, bob] = [await stage.enter('alice'), await stage.enter('bob')];
      const chat = await stage.group(alice, [bob]);
      const first = bob.ready!.resume;
      const { version } = await sendText(alice, chat, 'x');
      for (let i = 0; i < 2; i++) {
        const own = (await resume(bob, first)).chats.find(({ chat_id }) => chat_id === chat);
        demandEqual(own?.version, version, 'the version since the first token');
      }
    },
  },
  {
    id: 'resume.racing',
    says: 'A token that was taken while messages are being stored misses none of those that its answer did not show.',
    async check(stage) {
      const [alice, bob] = [await stage.enter('alice'), await stage.enter('bob')];
      const chat = await stage.group(alice, [bob]);
      let token = bob.ready!.resume;
      const taken: { token: string; version: number }[] = [];
      const refs: string[] = [];
      for (let i = 0; i < 20; i++) {
        for (let j = 0; j < 3; j++) {
          refs.push(alice.newRef());
          alice.say({ ref: refs.at(-1), ...sending(chat, 'x') });
        }
        const answer = await resume(bob, token);
        token = answer.resume;
        const own = answer.chats.find(({ chat_id }) => chat_id === chat);
        taken.push({ token, version: own?.version ?? taken.at(-1)?.version ?? 1 });
      }
      const acks = await Promise.all(refs.map(async (ref) => toTyped('ack', await alice.answerTo(ref))));
      const newest = Math.max(...acks.map(({ version }) => version));
      for (const [i, { token: old, version }] of taken.entries()) {
        if (version === newest) continue;
        const own = (await resume(bob, old)).chats.find(({ chat_id }) => chat_id === chat);
        demandEqual(own?.version, newest, `the version since token ${i + 1}, whose answer showed ${version}`);
      }
    },
  },
  {
    id: 'resume.foreign',
    says: 'A token that is none, or of another life of the database, is refused, and the socket stays usable.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const { resume: token } = peer.ready!;
      const turned = token.split('').toReversed().join('');
      for (const foreign of ['', 'nonsense', 'f00dfeed.1', turned])
        if (foreign !== token)
          await peer.refused({ type: 'resume', token: foreign }, 'resume_not_possible', 'invalid_request');
      await resume(peer, token);
    },
  },
];
