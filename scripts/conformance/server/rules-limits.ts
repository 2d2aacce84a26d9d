import { randomUUID } from 'node:crypto';
import { toTyped, type Peer, type Saying } from './peer.ts';
import { idOf, type ServerRule } from './stage.ts';
import { sending, sendText } from './deeds.ts';
import { demand, demandEqual } from '../rule.ts';

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** A rule of one bound of `ready`: at it a frame is accepted, one over it is not. */
const bound = (
  name: keyof NonNullable<Peer['ready']>['limits'],
  says: string,
  {
    at,
    accepted = 'done',
  }: {
    at: (n: number, chat_id: string) => Saying;
    accepted?: 'done' | 'ack' | 'users' | 'history' | 'changes' | undefined;
  },
): ServerRule => ({
  id: `limits.${name.replaceAll('_', '-')}`,
  says,
  async check(stage) {
    const peer = await stage.enter('alice');
    const chat_id = await stage.group(peer, []);
    await sendText(peer, chat_id, 'x');
    const limit = peer.ready!.limits[name];
    demandEqual((await peer.ask(at(limit, chat_id))).type, accepted, `the answer at ${limit}`);
    await peer.refused(at(limit + 1, chat_id), 'invalid_request', 'too_deep');
    await peer.fence();
  },
});

export const limitRules: ServerRule[] = [
  bound('max_text_code_points', 'A text may have max_text_code_points code points, and not one more.', {
    at: (n, chat_id) => sending(chat_id, '😀'.repeat(10) + 'x'.repeat(n - 10)),
    accepted: 'ack',
  }),
  bound('max_page_rows', 'A page of history may have max_page_rows rows, and not one more.', {
    at: (limit, chat_id) => ({ type: 'history', chat_id, before: 'end', limit }),
    accepted: 'history',
  }),
  bound('max_sync_rows', 'A page of changes may have max_sync_rows rows, and not one more.', {
    at: (limit, chat_id) => ({ type: 'sync', chat_id, after: 0, after_seq: 0, limit }),
    accepted: 'changes',
  }),
  bound('max_watched', 'One may watch max_watched people, and not one more.', {
    at: (n) => ({ type: 'watch', user_ids: ids(n) }),
  }),
  {
    id: 'limits.max-mentions',
    says: 'A text may have max_mentions mentions, and not one more.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const { max_mentions } = peer.ready!.limits;
      const mentioning = (n: number): Saying =>
        sending(chat_id, '@'.repeat(n), {
          mentions: Array.from({ length: n }, (_, offset) => ({ user_id: idOf(peer), offset, length: 1 })),
        });
      await peer.get('ack', mentioning(max_mentions));
      await peer.refused(mentioning(max_mentions + 1), 'invalid_request');
    },
  },
  {
    id: 'limits.max-members',
    says: 'A group of more than max_members people is refused, whoever they are.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const { max_members } = peer.ready!.limits;
      const { length } = peer.received;
      peer.say({ type: 'create_group', name: 'Everybody', user_ids: ids(max_members + 1) });
      const isError = ({ type }: { type: string }): boolean => type === 'error';
      const error = await peer.until('an error', () => peer.received.slice(length).find(isError));
      const { code } = toTyped('error', error);
      demand(['invalid_request', 'too_deep', 'too_many_members'].includes(code), `it was refused with ${code}`);
    },
  },
];
