-- The write path: every mutation is one auto-committed call of one function. Each function locks the chats first
-- (ascending id, so that no two calls wait for each other), and looks in a statement after that: under READ COMMITTED a
-- statement sees what was committed before it began, so what a lock holder did is seen by whoever waited for it.

-- A narrow row that every send updates: room for the new version in the same page, so that no index is touched.
alter table chats set (fillfactor = 50);
--> statement-breakpoint
alter table memberships set (fillfactor = 80);
--> statement-breakpoint

-- An instant as the wire shows it: UTC, `T`, `Z`, microseconds only when there are any.
create function instant(t timestamptz) returns text
  language sql stable strict parallel safe
  return replace((t at time zone 'UTC')::text, ' ', 'T') || 'Z';
--> statement-breakpoint

-- Whether a session may act now.
create function session_is_live(p_session uuid, p_user uuid) returns boolean
  language sql stable parallel safe
  return coalesce((select s.revoked_at is null and s.expires_at > statement_timestamp() and s.user_id = p_user
                     from sessions s where s.id = p_session), false);
--> statement-breakpoint

create type stored_message as (seq bigint, version bigint, id uuid, sent_at timestamptz, hash bigint);
--> statement-breakpoint

-- Stores a batch of messages. p_chats: the distinct chats, ascending; p_ix: each message's place in it, from 1; the other
-- arrays have one element per message. Answers one line per message, in order:
--   status|seq|version|members_version|id|sent_at
-- status: o stored now, d stored before (its own numbers), x stored before with another payload, r session not live,
-- n no such chat or not a member. Only stored messages take a number, so a refusal leaves no hole. A duplicate is
-- answered before the membership is looked at: a retry after a removal learns that it had succeeded.
-- No choice is left to the planner, whose plan is kept while tables grow: look-ups are scalar subqueries (`exists` may
-- become a hash of the whole table), `is not distinct from` keeps the stored message from being sought by its chat, and
-- the index by sender is partial, so that it cannot serve either.
create function send_messages(
  p_chats uuid[], p_ix int[], p_session uuid[], p_sender uuid[], p_client uuid[], p_id uuid[], p_hash bigint[],
  p_text text[], p_sent timestamptz[], p_max_ahead interval
) returns text language plpgsql as $$
declare
  v_ids uuid[]; v_seq bigint[]; v_version bigint[]; v_members bigint[]; v_now timestamptz; v_answer text;
begin
  select array_agg(c.id), array_agg(c.last_seq), array_agg(c.version), array_agg(c.members_version)
    into v_ids, v_seq, v_version, v_members
    from (select id, last_seq, version, members_version from chats
           where id = any (p_chats) order by id for no key update) c;
  if cardinality(v_ids) is distinct from cardinality(p_chats) then
    p_ix := (select array_agg(array_position(v_ids, p_chats[t.ix]) order by t.ord) from unnest(p_ix) with ordinality t(ix, ord));
  end if;
  v_now := clock_timestamp();
  with looked as materialized (
    select t.*,
      (select row(m.seq, m.version, m.id, m.sent_at, m.payload_hash)::stored_message from messages m
        where m.sender_id = t.sender and m.client_id = t.client and m.chat_id is not distinct from v_ids[t.ix]) as was,
      coalesce((select s.user_id = t.sender and s.revoked_at is null and s.expires_at > v_now
        from sessions s where s.id = t.session), false) as live,
      coalesce((select s.left_seq is null from memberships s
        where s.chat_id = v_ids[t.ix] and s.user_id = t.sender), false) as member
    from unnest(p_ix, p_session, p_sender, p_client, p_id, p_hash, p_text, p_sent)
      with ordinality as t(ix, session, sender, client, id, hash, body, sent, ord)
  ), judged as materialized (
    select l.*,
      case when not live then 'r' when (was).seq is not null then case when (was).hash = hash then 'd' else 'x' end
           when not member then 'n' else 'o' end as status
    from looked l
  ), numbered as materialized (
    select j.ord, j.ix, j.status, j.was, j.sender, j.client, j.id, j.hash, j.body,
      case when sent is null or sent > v_now + p_max_ahead then v_now else sent end as sent,
      count(*) filter (where status = 'o') over (partition by ix order by ord) as nth
    from judged j
  ), stored as (
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
    select v_ids[ix], v_seq[ix] + nth, id, sender, client, hash, v_version[ix] + nth, sent, v_now, body
      from numbered where status = 'o'
  ), raised as (
    update chats c set last_seq = c.last_seq + g.n, version = c.version + g.n, tx = pg_current_xact_id()
      from (select v_ids[ix] as chat_id, count(*) as n from numbered where status = 'o' group by ix) g
     where c.id = g.chat_id
  )
  select string_agg(case status
      when 'o' then concat('o|', v_seq[ix] + nth, '|', v_version[ix] + nth, '|', v_members[ix], '||', instant(sent))
      when 'd' then concat('d|', (was).seq, '|', (was).version, '|', v_members[ix], '|', (was).id, '|', instant((was).sent_at))
      else status end, E'\n' order by ord)
    into v_answer from numbered;
  return v_answer;
end $$;
--> statement-breakpoint

-- How far a member has read, counting on over own messages that follow directly.
create function extend_over_own(p_chat uuid, p_user uuid, p_seq bigint, p_last bigint) returns bigint
  language sql stable
  return coalesce((select m.seq - 1 from messages m
                    where m.chat_id = p_chat and m.seq > p_seq and m.sender_id <> p_user order by m.seq limit 1), p_last);
--> statement-breakpoint

-- Up to which of its messages a sender's others have all read: see chats.
create function seen_up_to(p_sender uuid, p_seen bigint, p_behind uuid, p_behind_seen bigint) returns bigint
  language sql immutable parallel safe
  return case when p_sender = p_behind then p_behind_seen else p_seen end;
--> statement-breakpoint

-- Moves what counts as seen by all to where the members have read, and answers the messages that so became seen, the
-- newest p_announce at most, ascending, as a JSON array. A message is seen by all when every member but its sender has
-- read it; so two numbers say it for a whole chat: where the member furthest behind stands, and where the next one does,
-- which counts for the messages of the first. The caller holds the chat's lock, taken in a statement before, so each
-- message is answered to exactly one caller. Deactivated people hold nobody up.
create function advance_seen(p_chat uuid, p_announce int) returns json language plpgsql as $$
declare
  v_old chats; v_positions bigint[]; v_people uuid[]; v_seen bigint; v_behind uuid; v_behind_seen bigint;
begin
  select * into v_old from chats where id = p_chat;
  -- offset 0: the two are taken from the sorted members, and only they are looked up among the users
  select array_agg(t.read_seq), array_agg(t.user_id) into v_positions, v_people from (
    select m.read_seq, m.user_id from (
      select read_seq, user_id from memberships where chat_id = p_chat and left_seq is null
       order by read_seq, user_id offset 0) m
     where (select u.deactivated_at is null from users u where u.id = m.user_id) limit 2) t;
  v_seen := greatest(v_old.seen_seq, v_positions[1]);
  v_behind := v_people[1];
  v_behind_seen := greatest(v_seen, v_positions[2], case when v_behind = v_old.behind_id then v_old.behind_seen_seq end);
  if v_positions is null or (v_seen, v_behind, v_behind_seen) is not distinct from
      (v_old.seen_seq, v_old.behind_id, v_old.behind_seen_seq) then return '[]'; end if;
  update chats set seen_seq = v_seen, behind_id = v_behind, behind_seen_seq = v_behind_seen, tx = pg_current_xact_id()
   where id = p_chat;
  -- Between the old mark and the new one, and apart from them the messages of the member furthest behind.
  return coalesce((select json_agg(json_build_object('id', t.id, 'seq', t.seq, 'sender_id', t.sender_id, 'chat_id', t.chat_id,
      'text', t.text, 'timestamp', instant(t.sent_at)) order by t.seq)
    from (select * from (
      (select * from messages m where m.chat_id = p_chat and m.seq > v_old.seen_seq and m.seq <= v_seen
          and m.sender_id <> v_behind and m.deleted_at is null
          and m.seq > seen_up_to(m.sender_id, v_old.seen_seq, v_old.behind_id, v_old.behind_seen_seq)
        order by m.seq desc limit p_announce)
      union all
      (select * from messages m where m.chat_id = p_chat and m.sender_id = v_behind and m.seq > 0
          and m.seq > seen_up_to(v_behind, v_old.seen_seq, v_old.behind_id, v_old.behind_seen_seq)
          and m.seq <= v_behind_seen and m.deleted_at is null
        order by m.seq desc limit p_announce)) both_parts
      order by seq desc limit p_announce) t), '[]');
end $$;
--> statement-breakpoint

-- Moves read positions, a batch of marks in the arrays' order. p_chats and p_ix as in send_messages. Answers
-- {"marks": [[status, read_seq], …], "seen": [message, …]}; status o, r, n as above.
create function mark_read(
  p_chats uuid[], p_ix int[], p_session uuid[], p_user uuid[], p_seq bigint[], p_announce int
) returns json language plpgsql as $$
declare
  v_mark record; v_member memberships; v_last bigint; v_new bigint; v_now timestamptz;
  v_marks jsonb[] := '{}'; v_seen jsonb := '[]'; v_moved uuid[] := '{}'; v_chat uuid;
begin
  perform from chats where id = any (p_chats) order by id for no key update;
  v_now := clock_timestamp();
  for v_mark in
    select p_chats[t.ix] as chat_id, t.session, t.person, t.seq from unnest(p_ix, p_session, p_user, p_seq)
      with ordinality as t(ix, session, person, seq, ord) order by t.ord
  loop
    if not session_is_live(v_mark.session, v_mark.person) then v_marks := v_marks || '["r", 0]'::jsonb; continue; end if;
    select * into v_member from memberships where chat_id = v_mark.chat_id and user_id = v_mark.person and left_seq is null;
    if not found then v_marks := v_marks || '["n", 0]'::jsonb; continue; end if;
    if v_mark.seq > v_member.read_seq then
      select last_seq into v_last from chats where id = v_mark.chat_id;
      v_new := extend_over_own(v_mark.chat_id, v_mark.person, least(v_mark.seq, v_last), v_last);
      if v_new > v_member.read_seq then
        update memberships set read_seq = v_new, delivered_seq = greatest(delivered_seq, v_new), tx = pg_current_xact_id()
         where chat_id = v_mark.chat_id and user_id = v_mark.person;
        insert into message_reads (chat_id, user_id, seq, read_at) values (v_mark.chat_id, v_mark.person, v_new, v_now)
          on conflict do nothing;
        v_member.read_seq := v_new;
        if not v_mark.chat_id = any (v_moved) then v_moved := v_moved || v_mark.chat_id; end if;
      end if;
    end if;
    v_marks := v_marks || jsonb_build_array('o', v_member.read_seq);
  end loop;
  foreach v_chat in array v_moved loop
    v_seen := v_seen || advance_seen(v_chat, p_announce)::jsonb;
  end loop;
  return json_build_object('marks', to_json(v_marks), 'seen', v_seen);
end $$;
--> statement-breakpoint

-- Locks people in id order and answers the first reason why they cannot be put into one more chat, or null:
-- {"status": "no_user", "users": […]} or {"status": "too_many_chats", "users": […]}. p_max_chats null: no bound.
create function refuse_more_chats(p_users uuid[], p_max_chats int) returns jsonb language plpgsql as $$
declare
  v_known uuid[]; v_full uuid[];
begin
  select array_agg(u.id) into v_known from (
    select id from users where id = any (p_users) and deactivated_at is null order by id for no key update) u;
  if (select count(distinct t) from unnest(p_users) t) <> coalesce(cardinality(v_known), 0) then
    return jsonb_build_object('status', 'no_user', 'users',
      (select jsonb_agg(distinct t) from unnest(p_users) t where not t = any (coalesce(v_known, '{}'))));
  end if;
  if p_max_chats is not null then
    select array_agg(t) into v_full from unnest(v_known) t
     where (select count(*) from memberships s where s.user_id = t and s.left_seq is null) >= p_max_chats;
    if v_full is not null then return jsonb_build_object('status', 'too_many_chats', 'users', to_jsonb(v_full)); end if;
  end if;
  return null;
end $$;
--> statement-breakpoint

-- Creates a group: chat, group row and memberships, or nothing. The creator is a member and the owner, listed or not.
-- Answers {"status": "ok", "version", "users"} or why not: revoked, no_user, too_many_members, too_many_chats.
create function create_group(
  p_session uuid, p_creator uuid, p_chat uuid, p_group uuid, p_name text, p_users uuid[],
  p_history history_visibility, p_max_members int, p_max_chats int
) returns jsonb language plpgsql as $$
declare
  v_users uuid[]; v_refusal jsonb;
begin
  select array_agg(distinct t) into v_users from unnest(p_users || p_creator) t;
  v_refusal := refuse_more_chats(v_users, p_max_chats);
  if not session_is_live(p_session, p_creator) then return '{"status": "revoked"}'; end if;
  if v_refusal is not null then return v_refusal; end if;
  if cardinality(v_users) > p_max_members then return '{"status": "too_many_members"}'; end if;
  insert into chats (id, type, version, members_version) values (p_chat, 'group', 1, 1);
  insert into groups (id, chat_id, name, creator_id, history, version) values (p_group, p_chat, p_name, p_creator, p_history, 1);
  insert into memberships (chat_id, user_id, role, version)
    select p_chat, t, case when t = p_creator then 'owner' else 'member' end::member_role, 1 from unnest(v_users) t;
  return jsonb_build_object('status', 'ok', 'version', 1, 'users', to_jsonb(v_users));
end $$;
--> statement-breakpoint

-- The direct chat of two people, made when there is none. Answers {"status": "ok", "chat_id", "created", "version"}, or
-- revoked, no_user, too_many_chats. Of two simultaneous calls the later waits for the first and finds its chat.
create function open_direct(p_session uuid, p_user uuid, p_other uuid, p_chat uuid, p_max_chats int) returns jsonb language plpgsql as $$
declare
  v_key text := least(p_user, p_other) || ':' || greatest(p_user, p_other);
  v_chat chats; v_refusal jsonb; v_created boolean := false;
begin
  perform from users where id in (p_user, p_other) order by id for no key update;
  if not session_is_live(p_session, p_user) then return '{"status": "revoked"}'; end if;
  select * into v_chat from chats where direct_key = v_key;
  if not found then
    v_refusal := refuse_more_chats(array[p_user, p_other], p_max_chats);
    if v_refusal is not null then return v_refusal; end if;
    insert into chats (id, type, direct_key, version, members_version) values (p_chat, 'direct', v_key, 1, 1) returning * into v_chat;
    insert into memberships (chat_id, user_id, version) values (p_chat, p_user, 1), (p_chat, p_other, 1);
    v_created := true;
  end if;
  return jsonb_build_object('status', 'ok', 'chat_id', v_chat.id, 'created', v_created, 'version', v_chat.version);
end $$;
--> statement-breakpoint

-- The role of a live session's user in a locked group: `refusal` is the reason when there is none.
create function group_role(p_session uuid, p_user uuid, p_chat uuid, out role member_role, out refusal text) language plpgsql as $$
declare
  v_type chat_type;
begin
  if not session_is_live(p_session, p_user) then refusal := 'revoked'; return; end if;
  select c.type, s.role into v_type, role from chats c join memberships s on s.chat_id = c.id
   where c.id = p_chat and s.user_id = p_user and s.left_seq is null;
  if not found then refusal := 'no_chat'; elsif v_type <> 'group' then refusal := 'not_a_group'; end if;
end $$;
--> statement-breakpoint

-- Adds people to a group; by owner or admin. Those who are members already are passed over; nobody new changes nothing.
-- Answers {"status": "ok", "version", "users": [added]} or revoked, no_chat, not_a_group, access_denied, no_user,
-- too_many_members, too_many_chats.
create function add_members(p_session uuid, p_actor uuid, p_chat uuid, p_users uuid[], p_max_members int, p_max_chats int)
  returns jsonb language plpgsql as $$
declare
  v_refusal jsonb; v_right record; v_chat chats; v_new uuid[];
begin
  select array_agg(distinct t) into v_new from unnest(p_users) t
   where not exists (select from memberships s where s.chat_id = p_chat and s.user_id = t and s.left_seq is null);
  v_refusal := refuse_more_chats(coalesce(v_new, '{}'), p_max_chats);
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role = 'member' then return '{"status": "access_denied"}'; end if;
  if v_refusal is not null then return v_refusal; end if;
  select * into v_chat from chats where id = p_chat;
  -- Of those looked at above: who was a member then and was removed meanwhile has been added before the removal.
  select array_agg(t) into v_new from unnest(v_new) t
   where not exists (select from memberships s where s.chat_id = p_chat and s.user_id = t and s.left_seq is null);
  if v_new is null then return jsonb_build_object('status', 'ok', 'version', v_chat.version, 'users', '[]'::jsonb); end if;
  if (select count(*) from memberships where chat_id = p_chat and left_seq is null) + cardinality(v_new) > p_max_members then
    return '{"status": "too_many_members"}';
  end if;
  insert into memberships as s (chat_id, user_id, joined_seq, delivered_seq, read_seq, version)
    select p_chat, t, v_chat.last_seq, v_chat.last_seq, v_chat.last_seq, v_chat.version + 1 from unnest(v_new) t
    on conflict (chat_id, user_id) do update set left_seq = null, role = 'member',
      delivered_seq = excluded.delivered_seq, read_seq = excluded.read_seq, version = excluded.version, tx = excluded.tx;
  update chats set version = version + 1, members_version = version + 1, tx = pg_current_xact_id() where id = p_chat;
  return jsonb_build_object('status', 'ok', 'version', v_chat.version + 1, 'users', to_jsonb(v_new));
end $$;
--> statement-breakpoint

-- Takes a person out of a group: p_actor himself leaves, the owner removes anybody, an admin removes members. When the
-- owner leaves, the oldest admin inherits, else the oldest member. Answers {"status": "ok", "version", "seen": [message]} or
-- revoked, no_chat, not_a_group, access_denied, no_user.
create function remove_member(p_session uuid, p_actor uuid, p_chat uuid, p_user uuid, p_announce int) returns jsonb language plpgsql as $$
declare
  v_right record; v_chat chats; v_role member_role;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  select role into v_role from memberships where chat_id = p_chat and user_id = p_user and left_seq is null;
  if p_user <> p_actor and (v_right.role = 'member' or (v_right.role = 'admin' and v_role <> 'member')) then
    return '{"status": "access_denied"}';
  end if;
  if v_role is null then return jsonb_build_object('status', 'no_user', 'users', jsonb_build_array(p_user)); end if;
  select * into v_chat from chats where id = p_chat;
  update memberships set left_seq = v_chat.last_seq, role = 'member', version = v_chat.version + 1, tx = pg_current_xact_id()
   where chat_id = p_chat and user_id = p_user;
  if v_role = 'owner' then
    update memberships set role = 'owner', version = v_chat.version + 1, tx = pg_current_xact_id()
     where chat_id = p_chat and user_id = (select user_id from memberships where chat_id = p_chat and left_seq is null
       order by role = 'admin' desc, created_at, user_id limit 1);
  end if;
  update chats set version = version + 1, members_version = version + 1, tx = pg_current_xact_id() where id = p_chat;
  return jsonb_build_object('status', 'ok', 'version', v_chat.version + 1, 'seen', advance_seen(p_chat, p_announce)::jsonb);
end $$;
--> statement-breakpoint

-- Deactivates an account: its sessions end, and nobody's messages wait for it to read them. Answers the ended sessions.
create function deactivate_user(p_user uuid) returns uuid[] language plpgsql as $$
declare
  v_chat uuid; v_sessions uuid[];
begin
  perform from users where id = p_user for no key update;
  perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
  update users set deactivated_at = coalesce(deactivated_at, clock_timestamp()) where id = p_user;
  with ended as (update sessions set revoked_at = clock_timestamp() where user_id = p_user and revoked_at is null returning id)
  select coalesce(array_agg(id), '{}') into v_sessions from ended;
  for v_chat in select chat_id from memberships where user_id = p_user and left_seq is null order by chat_id loop
    perform advance_seen(v_chat, 0);
  end loop;
  return v_sessions;
end $$;
--> statement-breakpoint

-- Lets a deactivated person log in again. What was seen by all without them stays so.
create function activate_user(p_user uuid) returns void language plpgsql as $$
begin
  perform from users where id = p_user for no key update;
  perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
  update memberships m set read_seq = greatest(m.read_seq, c.seen_seq, c.behind_seen_seq), tx = pg_current_xact_id()
    from chats c where m.user_id = p_user and m.left_seq is null and c.id = m.chat_id;
  update users set deactivated_at = null where id = p_user;
end $$;
