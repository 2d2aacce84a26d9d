import { inSlice, type Check } from './check.ts';

/** What hangs on a message, by table: what a deleted one has not, and what one that is not there cannot have. */
const hangings = ['reactions', 'mentions', 'message_edits'] as const;

const hangs = (table: (typeof hangings)[number]): Check => ({
  name: `${table} are of messages that are there`,
  table,
  find: `select format('chat %s: message %s', chat_id, seq) as subject from ${table} h where ${inSlice('h.chat_id')}
      and not exists (select from messages m where m.chat_id = h.chat_id and m.seq = h.seq and m.deleted_at is null)`,
});

/** What became of messages after they were stored. */
export const messageChangeChecks: Check[] = [
  ...hangings.map(hangs),
  {
    name: 'each change of a chat has a version of its own',
    table: 'messages',
    find: `select format('chat %s: version %s stands for %s changes', chat_id, version, count(*)) as subject
      from (select chat_id, version from messages where ${inSlice('chat_id')}
            union all select chat_id, changed_version from messages where ${inSlice('chat_id')} and changed_version is not null) v
      group by chat_id, version having count(*) > 1`,
  },
  {
    name: 'a deleted message has no text, no pin, and answers and mentions nothing',
    table: 'messages',
    find: `select format('chat %s: message %s', chat_id, seq) as subject from messages where ${inSlice('chat_id')}
      and deleted_at is not null and (text <> '' or num_nonnulls(pinned_at, pinned_by, reply_seq, forwarded_sender_id, mentions) > 0)`,
  },
  {
    name: 'a message that was edited, pinned or reacted to has the version of that change',
    table: 'messages',
    find: `select format('chat %s: message %s', chat_id, seq) as subject from messages m where ${inSlice('chat_id')} and changed_version is null
      and (num_nonnulls(edited_at, deleted_at, pinned_at) > 0
        or exists (select from reactions r where r.chat_id = m.chat_id and r.seq = m.seq))`,
  },
  {
    name: 'earlier texts are those of edited messages, numbered 1, 2, 3 …',
    table: 'message_edits',
    find: `select format('chat %s, message %s: %s texts up to number %s', e.chat_id, e.seq, count(*), max(e.edit)) as subject
      from message_edits e where ${inSlice('e.chat_id')} group by e.chat_id, e.seq
      having count(*) <> max(e.edit) or min(e.edit) <> 1
        or not exists (select from messages m where m.chat_id = e.chat_id and m.seq = e.seq and m.edited_at is not null)`,
  },
  {
    name: 'a message answers an earlier one',
    table: 'messages',
    find: `select format('chat %s: message %s answers %s', chat_id, seq, reply_seq) as subject from messages
      where ${inSlice('chat_id')} and (reply_seq >= seq or reply_seq < 1)`,
  },
  {
    name: 'whoever is mentioned is or was a member, and not the sender',
    table: 'mentions',
    find: `select format('chat %s, message %s: %s', n.chat_id, n.seq, n.user_id) as subject from mentions n where ${inSlice('n.chat_id')}
      and (not exists (select from memberships s where s.chat_id = n.chat_id and s.user_id = n.user_id)
        or exists (select from messages m where m.chat_id = n.chat_id and m.seq = n.seq and m.sender_id = n.user_id))`,
  },
  {
    name: 'drafts are of members',
    table: 'drafts',
    find: `select format('chat %s, member %s', chat_id, user_id) as subject from drafts d where ${inSlice('chat_id')}
      and not exists (select from memberships s where s.chat_id = d.chat_id and s.user_id = d.user_id and s.left_seq is null)`,
  },
];
