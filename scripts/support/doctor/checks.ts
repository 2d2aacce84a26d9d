import { inSlice, type Check } from './check.ts';
import { messageChangeChecks } from './message-change-checks.ts';

const messageChecks: Check[] = [
  {
    name: 'messages of a chat are numbered 1, 2, 3 … without holes',
    table: 'messages',
    find: `select format('chat %s: message %s comes after %s', chat_id, seq, before) as subject
      from (select chat_id, seq, coalesce(lag(seq) over (partition by chat_id order by seq), 0) as before
              from messages where ${inSlice('chat_id')}) m where seq <> before + 1`,
  },
  {
    name: "a chat's last_seq is the number of its last message",
    table: 'chats',
    find: `select format('chat %s: last_seq %s, last message %s', id, last_seq, newest) as subject
      from (select id, last_seq, coalesce((select max(seq) from messages m where m.chat_id = c.id), 0) as newest
              from chats c where ${inSlice('id')} and deleted_at is null) c where last_seq <> newest`,
  },
  {
    name: 'nobody has two messages under one client_id in a chat',
    table: 'messages',
    find: `select format('chat %s: %s messages of %s under client_id %s', chat_id, count(*), sender_id, client_id) as subject
      from messages where ${inSlice('chat_id')} group by chat_id, sender_id, client_id having count(*) > 1`,
  },
  {
    name: 'versions of messages rise with their numbers and stay within the version of the chat',
    table: 'messages',
    find: `select format('chat %s: message %s has version %s after %s, changed in %s, chat at %s',
          chat_id, seq, version, before, coalesce(changed_version::text, 'none'), chat_version) as subject
      from (select m.chat_id, m.seq, m.version, m.changed_version, c.version as chat_version,
              coalesce(lag(m.version) over (partition by m.chat_id order by m.seq), 0) as before
              from messages m join chats c on c.id = m.chat_id where ${inSlice('m.chat_id')}) m
      where version <= before or version > chat_version or changed_version <= version or changed_version > chat_version`,
  },
  {
    name: 'every message is of a chat',
    table: 'messages',
    isLeftByLoads: true,
    find: `select format('chat %s is missing, %s messages of it are there', chat_id, count(*)) as subject
      from messages m where ${inSlice('chat_id')} and not exists (select from chats c where c.id = m.chat_id) group by chat_id`,
  },
  {
    name: 'every sender is or was a member (files may hold others)',
    table: 'messages',
    isNote: true,
    find: `select format('chat %s: %s sent %s messages', chat_id, sender_id, count(*)) as subject
      from messages m where ${inSlice('chat_id')} and exists (select from chats c where c.id = m.chat_id)
       and not exists (select from memberships s where s.chat_id = m.chat_id and s.user_id = m.sender_id)
      group by chat_id, sender_id`,
  },
];

const positionChecks: Check[] = [
  {
    name: 'no position lies beyond the end of its chat',
    table: 'memberships',
    find: `select format('chat %s, member %s: joined %s, left %s, delivered %s, read %s of %s', s.chat_id, s.user_id,
          s.joined_seq, coalesce(s.left_seq::text, 'never'), s.delivered_seq, s.read_seq, c.last_seq) as subject
      from memberships s join chats c on c.id = s.chat_id where ${inSlice('s.chat_id')}
       and (greatest(s.joined_seq, s.left_seq, s.delivered_seq, s.read_seq) > c.last_seq
            or least(s.joined_seq, s.left_seq, s.delivered_seq, s.read_seq) < 0)`,
  },
  {
    name: 'what counts as seen by all was read by every member',
    table: 'chats',
    find: `select format('chat %s: seen up to %s, member %s has read up to %s', c.id,
          case when s.user_id = c.behind_id then c.seen_seq else greatest(c.seen_seq, c.behind_seen_seq) end, s.user_id, s.read_seq) as subject
      from chats c join memberships s on s.chat_id = c.id and s.left_seq is null
       and s.read_seq < case when s.user_id = c.behind_id then c.seen_seq else greatest(c.seen_seq, c.behind_seen_seq) end
      join users u on u.id = s.user_id and u.deactivated_at is null
      where ${inSlice('c.id')} and exists (select from messages m where m.chat_id = c.id and m.seq > s.read_seq
        and m.seq <= seen_up_to(m.sender_id, c.seen_seq, c.behind_id, c.behind_seen_seq) and m.sender_id <> s.user_id)`,
  },
  {
    name: 'steps of reading go forward in time and end at the position',
    table: 'message_reads',
    find: `select format('chat %s, member %s: step at %s of position %s', r.chat_id, r.user_id, r.seq,
          coalesce(s.read_seq::text, 'none')) as subject
      from (select chat_id, user_id, seq, read_at, lag(read_at) over (partition by chat_id, user_id order by seq) as before
              from message_reads where ${inSlice('chat_id')}) r
      join chats c on c.id = r.chat_id left join memberships s on s.chat_id = r.chat_id and s.user_id = r.user_id
      where r.read_at < r.before or r.seq < 1 or r.seq > coalesce(s.read_seq, 0)`,
  },
  {
    name: 'every step of reading is of a chat',
    table: 'message_reads',
    isLeftByLoads: true,
    find: `select format('chat %s is missing, %s steps of it are there', chat_id, count(*)) as subject
      from message_reads r where ${inSlice('chat_id')} and not exists (select from chats c where c.id = r.chat_id) group by chat_id`,
  },
];

const memberChecks: Check[] = [
  {
    name: 'every membership has its person and its chat',
    table: 'memberships',
    find: `select format('chat %s, member %s', chat_id, user_id) as subject from memberships s where ${inSlice('chat_id')}
       and (not exists (select from chats c where c.id = s.chat_id) or not exists (select from users u where u.id = s.user_id))`,
  },
  {
    name: "members' versions stay within the members_version of the chat",
    table: 'memberships',
    find: `select format('chat %s, member %s: version %s, members_version %s', s.chat_id, s.user_id, s.version, c.members_version)
        as subject
      from memberships s join chats c on c.id = s.chat_id where ${inSlice('s.chat_id')} and s.version > c.members_version`,
  },
  {
    name: 'a direct chat has two members and the key of just these',
    table: 'chats',
    find: `select format('chat %s: %s members, key %s', id, members, direct_key) as subject
      from (select c.id, c.direct_key, count(s.user_id) filter (where s.left_seq is null) as members, count(s.user_id) as all_members,
              min(s.user_id::text collate "C") || ':' || max(s.user_id::text collate "C") as pair
              from chats c left join memberships s on s.chat_id = c.id
             where ${inSlice('c.id')} and c.type = 'direct' group by c.id) c
      where members <> 2 or all_members <> 2 or direct_key is distinct from pair`,
  },
  {
    name: 'a group chat has its group row, a direct chat none',
    table: 'chats',
    find: `select format('chat %s: %s', c.id, c.type) as subject from chats c left join groups g on g.chat_id = c.id
      where ${inSlice('c.id')} and (c.type = 'group') <> (g.id is not null) and c.deleted_at is null`,
  },
  {
    name: 'a deleted chat was a group and has no member',
    table: 'chats',
    find: `select format('chat %s: %s with %s members', id, type, members) as subject
      from (select c.id, c.type, (select count(*) from memberships s where s.chat_id = c.id and s.left_seq is null) as members
              from chats c where ${inSlice('c.id')} and c.deleted_at is not null) c where type <> 'group' or members > 0`,
  },
  {
    name: 'nobody joined a chat later than their membership changed',
    table: 'memberships',
    find: `select format('chat %s, member %s: version %s, joined %s', chat_id, user_id, version, joined_version) as subject
      from memberships where ${inSlice('chat_id')} and joined_version > version`,
  },
  {
    name: 'a group with members has an owner among them',
    table: 'chats',
    find: `select format('chat %s', c.id) as subject from chats c join memberships s on s.chat_id = c.id and s.left_seq is null
      where ${inSlice('c.id')} and c.type = 'group' group by c.id having not bool_or(s.role = 'owner')`,
  },
  {
    name: "groups' versions stay within the version of the chat",
    table: 'groups',
    find: `select format('chat %s: group at %s, chat at %s', c.id, g.version, c.version) as subject
      from groups g join chats c on c.id = g.chat_id where ${inSlice('g.chat_id')} and g.version > c.version`,
  },
];

const accountChecks: Check[] = [
  {
    name: 'a deactivated person has no session that still works',
    table: 'sessions',
    find: `select format('user %s: %s sessions', s.user_id, count(*)) as subject
      from sessions s join users u on u.id = s.user_id where ${inSlice('s.user_id')}
       and u.deactivated_at is not null and s.revoked_at is null and s.expires_at > now() group by s.user_id`,
  },
  {
    name: 'no session is left whose time was over a month ago',
    table: 'sessions',
    isNote: true,
    find: `select format('user %s: %s sessions', s.user_id, count(*)) as subject
      from sessions s where ${inSlice('s.user_id')} and s.expires_at < now() - interval '32 days' group by s.user_id`,
  },
  {
    name: 'nobody has two accounts under one address, number or name',
    table: 'users',
    find: `select format('user %s and %s', u.id, o.id) as subject from users u
      join users o on o.id > u.id and (lower(o.email) = lower(u.email) or o.phone = u.phone or lower(o.username) = lower(u.username))
      where ${inSlice('u.id')}`,
  },
];

/** By chat, and by person. */
export const chatChecks: Check[] = [...messageChecks, ...messageChangeChecks, ...positionChecks, ...memberChecks];
export const userChecks: Check[] = accountChecks;
