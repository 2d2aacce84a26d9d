-- What a chat is to one of its members, and what they keep of it for themselves.

-- A member's own state as the full protocol shows it (OwnState in src/protocol/full.ts). Unread is what lies between the
-- position and the end, less one's own and what others deleted; messages are never counted one by one where they need not be.
-- A set of one: written behind `cross join lateral` it is taken apart into its caller, which halves the price of a resume.
create function own_state_json(s memberships, c chats) returns setof json
  language sql stable parallel safe rows 1
begin atomic
  select json_build_object('chat_id', s.chat_id, 'version', c.version, 'last_seq', c.last_seq, 'role', s.role,
      'delivered_seq', s.delivered_seq, 'read_seq', s.read_seq,
      'unread_count', case when p.position >= c.last_seq then 0 else c.last_seq - p.position
        - (select count(*) from messages m where m.chat_id = s.chat_id and m.sender_id = s.user_id and m.seq > 0 and m.seq > p.position)
        - (select count(*) from messages m where m.chat_id = s.chat_id and m.seq > p.position and m.deleted_at is not null
            and m.sender_id <> s.user_id) end,
      'unread_mentions', (select count(*) from mentions n where n.chat_id = s.chat_id and n.user_id = s.user_id and n.seq > s.read_seq),
      'marked_unread', s.marked_unread, 'muted_until', muted_for(s.muted_until), 'archived', s.archived_at is not null,
      'pinned', s.pinned_at is not null,
      'draft', (select json_strip_nulls(json_build_object('text', d.text, 'reply_to', d.reply_seq, 'updated_at', instant(d.updated_at)))
        from drafts d where d.chat_id = s.chat_id and d.user_id = s.user_id))
    -- As extend_over_own says. The offset keeps it from being looked up at each mention.
    from (select case when s.read_seq >= c.last_seq then c.last_seq else coalesce((select m.seq - 1 from messages m
        where m.chat_id = s.chat_id and m.seq > s.read_seq and m.sender_id <> s.user_id order by m.seq limit 1), c.last_seq)
      end as position offset 0) p;
end;
--> statement-breakpoint

-- Moves read positions, a batch of marks in the arrays' order. p_chats and p_ix as in send_messages. Answers
-- {"marks": [[status, read_seq, delivered_seq, changed, message_id, read_at], …], "seen": [message, …]}; status o, r, n as
-- there. changed: p the position, u only that the member had marked the chat as unread, else null. message_id and read_at, of
-- the message that was marked, are null unless the position changed.
create or replace function mark_read(
  p_chats uuid[], p_ix int[], p_session uuid[], p_user uuid[], p_seq bigint[], p_announce int
) returns json language plpgsql as $$
declare
  v_mark record; v_member memberships; v_last bigint; v_new bigint; v_now timestamptz; v_changed text;
  v_marked uuid; v_marks jsonb[] := '{}'; v_seen jsonb := '[]'; v_moved uuid[] := '{}'; v_chat uuid;
begin
  perform from chats where id = any (p_chats) order by id for no key update;
  v_now := clock_timestamp();
  for v_mark in
    select p_chats[t.ix] as chat_id, t.session, t.person, t.seq from unnest(p_ix, p_session, p_user, p_seq)
      with ordinality as t(ix, session, person, seq, ord) order by t.ord
  loop
    if not session_is_live(v_mark.session, v_mark.person) then
      v_marks := v_marks || '["r", 0, 0, null, null, null]'::jsonb; continue;
    end if;
    select * into v_member from memberships where chat_id = v_mark.chat_id and user_id = v_mark.person and left_seq is null;
    if not found then v_marks := v_marks || '["n", 0, 0, null, null, null]'::jsonb; continue; end if;
    v_marked := null;
    v_changed := case when v_member.marked_unread then 'u' end;
    v_new := v_member.read_seq;
    if v_mark.seq > v_member.read_seq then
      select last_seq into v_last from chats where id = v_mark.chat_id;
      v_new := greatest(v_new, extend_over_own(v_mark.chat_id, v_mark.person, least(v_mark.seq, v_last), v_last));
      if v_new > v_member.read_seq then
        v_changed := 'p';
        insert into message_reads (chat_id, user_id, seq, read_at) values (v_mark.chat_id, v_mark.person, v_new, v_now)
          on conflict do nothing;
        select id into v_marked from messages where chat_id = v_mark.chat_id and seq = least(v_mark.seq, v_last);
        if not v_mark.chat_id = any (v_moved) then v_moved := v_moved || v_mark.chat_id; end if;
      end if;
    end if;
    if v_changed is not null then
      update memberships set read_seq = v_new, delivered_seq = greatest(delivered_seq, v_new), marked_unread = false,
          tx = pg_current_xact_id()
       where chat_id = v_mark.chat_id and user_id = v_mark.person returning * into v_member;
    end if;
    v_marks := v_marks || jsonb_build_array('o', v_member.read_seq, v_member.delivered_seq, v_changed, v_marked,
      case when v_marked is not null then instant(v_now) end);
  end loop;
  foreach v_chat in array v_moved loop
    v_seen := v_seen || advance_seen(v_chat, p_announce)::jsonb;
  end loop;
  -- So that others who come back are told of the position; what became seen has stamped its chat already.
  update chats set tx = pg_current_xact_id() where id = any (v_moved) and tx <> pg_current_xact_id();
  return json_build_object('marks', to_json(v_marks), 'seen', v_seen);
end $$;
--> statement-breakpoint

-- Moves positions of what has reached a member's device, a batch as in mark_read. It is no change of a chat and has no
-- version. Answers [[status, delivered_seq, read_seq, moved], …]; status o, r, n as in send_messages. Only chats in which
-- something moves are locked: a position never goes back, so what has moved already needs no lock to be told.
create function mark_delivered(
  p_chats uuid[], p_ix int[], p_session uuid[], p_user uuid[], p_seq bigint[]
) returns json language plpgsql as $$
declare
  v_mark record; v_member memberships; v_new bigint; v_due uuid[]; v_moved uuid[] := '{}'; v_marks jsonb[] := '{}';
begin
  select array_agg(distinct p_chats[t.ix]) into v_due
    from unnest(p_ix, p_user, p_seq) as t(ix, person, seq)
   where (select s.delivered_seq from memberships s where s.chat_id = p_chats[t.ix] and s.user_id = t.person and s.left_seq is null)
     < least(t.seq, (select c.last_seq from chats c where c.id = p_chats[t.ix]));
  if v_due is not null then
    perform from chats where id = any (v_due) order by id for no key update;
  end if;
  for v_mark in
    select p_chats[t.ix] as chat_id, t.session, t.person, t.seq from unnest(p_ix, p_session, p_user, p_seq)
      with ordinality as t(ix, session, person, seq, ord) order by t.ord
  loop
    if not session_is_live(v_mark.session, v_mark.person) then v_marks := v_marks || '["r", 0, 0, false]'::jsonb; continue; end if;
    select * into v_member from memberships where chat_id = v_mark.chat_id and user_id = v_mark.person and left_seq is null;
    if not found then v_marks := v_marks || '["n", 0, 0, false]'::jsonb; continue; end if;
    v_new := v_member.delivered_seq;
    -- A chat that was not locked above is as it was looked at there.
    if v_mark.seq > v_new and v_mark.chat_id = any (v_due) then
      select greatest(v_new, least(v_mark.seq, last_seq)) into v_new from chats where id = v_mark.chat_id;
    end if;
    if v_new > v_member.delivered_seq then
      update memberships set delivered_seq = v_new, tx = pg_current_xact_id()
       where chat_id = v_mark.chat_id and user_id = v_mark.person;
      if not v_mark.chat_id = any (v_moved) then v_moved := v_moved || v_mark.chat_id; end if;
    end if;
    v_marks := v_marks || jsonb_build_array('o', v_new, v_member.read_seq, v_new > v_member.delivered_seq);
  end loop;
  update chats set tx = pg_current_xact_id() where id = any (v_moved);
  return to_json(v_marks);
end $$;
--> statement-breakpoint

-- What a member keeps for themselves; what p_change does not name stays. No change of the chat: it has no version. muted_until
-- is an instant, 'infinity' or null. The person is locked, so that two devices cannot pin more than p_max_pinned. Answers
-- {"status": "ok", "muted_until", "archived", "pinned", "marked_unread"} or revoked, no_chat, too_many_pinned.
create or replace function change_membership(p_session uuid, p_user uuid, p_chat uuid, p_change jsonb, p_max_pinned int) returns jsonb language plpgsql as $$
declare
  v_pinned timestamptz; v_now memberships;
begin
  perform from users where id = p_user for no key update;
  if not session_is_live(p_session, p_user) then return '{"status": "revoked"}'; end if;
  select pinned_at into v_pinned from memberships where chat_id = p_chat and user_id = p_user and left_seq is null;
  if not found then return '{"status": "no_chat"}'; end if;
  if (p_change->>'pinned')::boolean and v_pinned is null and p_max_pinned <= (
    select count(*) from memberships where user_id = p_user and left_seq is null and pinned_at is not null) then
    return '{"status": "too_many_pinned"}';
  end if;
  update memberships set
    muted_until = case when p_change ? 'muted_until' then (p_change->>'muted_until')::timestamptz else muted_until end,
    archived_at = case when p_change ? 'archived'
      then case when (p_change->>'archived')::boolean then coalesce(archived_at, clock_timestamp()) end else archived_at end,
    pinned_at = case when p_change ? 'pinned'
      then case when (p_change->>'pinned')::boolean then coalesce(pinned_at, clock_timestamp()) end else pinned_at end,
    marked_unread = coalesce((p_change->>'marked_unread')::boolean, marked_unread),
    tx = pg_current_xact_id()
   where chat_id = p_chat and user_id = p_user and left_seq is null returning * into v_now;
  if not found then return '{"status": "no_chat"}'; end if;
  return jsonb_build_object('status', 'ok', 'muted_until', muted_for(v_now.muted_until),
    'archived', v_now.archived_at is not null, 'pinned', v_now.pinned_at is not null, 'marked_unread', v_now.marked_unread);
end $$;
--> statement-breakpoint

-- Of a person's long drafts, of more than p_long bytes, those kept longest go where all of them are more than p_max bytes
-- together: all chats of a person are told in one answer. Answers the chats whose draft went. It waits for no lock, so that
-- two devices cannot wait for each other; what it has to pass over goes the next time.
create function drop_old_drafts(p_user uuid, p_long int, p_max int) returns uuid[] language plpgsql as $$
declare
  v_chats uuid[];
begin
  select array_agg(s.chat_id) into v_chats from (
    select chat_id from memberships where user_id = p_user and left_seq is null and chat_id = any (array(
      select t.chat_id from (
        select d.chat_id, sum(octet_length(d.text)) over (order by d.updated_at desc, d.chat_id) as bytes
          from memberships m cross join lateral (
            select * from drafts where chat_id = m.chat_id and user_id = p_user limit 1) d
         where m.user_id = p_user and m.left_seq is null and octet_length(d.text) > p_long) t
       where t.bytes > p_max))
      for no key update skip locked) s;
  delete from drafts where user_id = p_user and chat_id = any (v_chats);
  update memberships set tx = pg_current_xact_id() where user_id = p_user and chat_id = any (v_chats);
  return coalesce(v_chats, '{}');
end $$;
--> statement-breakpoint

-- Keeps a member's unsent text for a chat; p_text null: there is none. A reply to what the member cannot see is none. The
-- membership is locked, as it is when it ends, so that no draft outlives it. The same again changes nothing. p_long, p_max: as
-- in drop_old_drafts. Answers {"status": "ok", "changed", "draft": {text, reply_to, updated_at} or null, "dropped": [chat]} or
-- revoked, no_chat.
create function set_draft(
  p_session uuid, p_user uuid, p_chat uuid, p_text text, p_reply bigint, p_long int, p_max int
) returns jsonb language plpgsql as $$
declare
  v_joined bigint; v_old drafts; v_now drafts; v_changed boolean; v_dropped uuid[] := '{}';
begin
  select joined_seq into v_joined from memberships
   where chat_id = p_chat and user_id = p_user and left_seq is null for no key update;
  if not session_is_live(p_session, p_user) then return '{"status": "revoked"}'; end if;
  if v_joined is null then return '{"status": "no_chat"}'; end if;
  select * into v_old from drafts where chat_id = p_chat and user_id = p_user;
  select m.seq into p_reply from (select 1) one
    left join messages m on m.chat_id = p_chat and m.seq = p_reply and m.deleted_at is null
     and (m.seq > v_joined or (select g.history from groups g where g.chat_id = p_chat) is distinct from 'since_joined');
  v_changed := (p_text, case when p_text is not null then p_reply end) is distinct from (v_old.text, v_old.reply_seq);
  if not v_changed then
    v_now := v_old;
  elsif p_text is null then
    delete from drafts where chat_id = p_chat and user_id = p_user;
  else
    insert into drafts as d (chat_id, user_id, text, reply_seq, updated_at)
      values (p_chat, p_user, p_text, p_reply, clock_timestamp())
      on conflict (chat_id, user_id) do update set text = excluded.text, reply_seq = excluded.reply_seq, updated_at = excluded.updated_at
      returning * into v_now;
  end if;
  if v_changed then
    update memberships set tx = pg_current_xact_id() where chat_id = p_chat and user_id = p_user;
    if octet_length(p_text) > p_long then v_dropped := drop_old_drafts(p_user, p_long, p_max); end if;
  end if;
  return jsonb_build_object('status', 'ok', 'changed', v_changed, 'dropped', v_dropped, 'draft', case when v_now.text is not null then
    jsonb_strip_nulls(jsonb_build_object('text', v_now.text, 'reply_to', v_now.reply_seq, 'updated_at', instant(v_now.updated_at))) end);
end $$;
--> statement-breakpoint

-- Takes a member out of a group whose lock the caller holds, taken in a statement before; what they had not sent goes. From
-- an owner the oldest admin inherits, else the oldest member, those who are active first, with a version of its own after that
-- of the leaving. Answers the version of the leaving and the heir or null.
create or replace function leave_group(p_chat uuid, p_user uuid, out version bigint, out heir uuid) language plpgsql as $$
declare
  v_chat chats; v_role member_role;
begin
  select * into v_chat from chats where id = p_chat;
  select role into v_role from memberships where chat_id = p_chat and user_id = p_user;
  version := v_chat.version + 1;
  update memberships set left_seq = v_chat.last_seq, role = 'member', version = leave_group.version, tx = pg_current_xact_id()
   where chat_id = p_chat and user_id = p_user;
  delete from drafts where chat_id = p_chat and user_id = p_user;
  if v_role = 'owner' then
    update memberships set role = 'owner', version = leave_group.version + 1, tx = pg_current_xact_id()
     where chat_id = p_chat and user_id = (
       select m.user_id from memberships m where m.chat_id = p_chat and m.left_seq is null
        order by (select u.deactivated_at is null from users u where u.id = m.user_id) desc, m.role = 'admin' desc, m.created_at, m.user_id
        limit 1)
     returning user_id into heir;
  end if;
  update chats set version = leave_group.version + (heir is not null)::int, members_version = leave_group.version + (heir is not null)::int,
    tx = pg_current_xact_id() where id = p_chat;
end $$;
--> statement-breakpoint

-- Makes people members of a locked group who are none, with its next version. Whoever was one before goes on where the
-- chat is now; what is one's own (muted, archived, pinned, marked as unread) begins anew.
create or replace function join_group(p_chat uuid, p_users uuid[]) returns bigint language plpgsql as $$
declare
  v_chat chats;
begin
  update chats set version = version + 1, members_version = version + 1, tx = pg_current_xact_id()
   where id = p_chat returning * into v_chat;
  insert into memberships as s (chat_id, user_id, joined_seq, delivered_seq, read_seq, version, joined_version)
    select p_chat, t, v_chat.last_seq, v_chat.last_seq, v_chat.last_seq, v_chat.version, v_chat.version from unnest(p_users) t
    on conflict (chat_id, user_id) do update set left_seq = null, role = 'member', delivered_seq = excluded.delivered_seq,
      read_seq = excluded.read_seq, version = excluded.version, joined_version = excluded.joined_version,
      muted_until = null, archived_at = null, pinned_at = null, marked_unread = false, tx = excluded.tx;
  return v_chat.version;
end $$;
--> statement-breakpoint

-- A person as they see themselves.
create or replace function own_profile(p_user uuid) returns jsonb language sql stable
  return (select jsonb_build_object('id', id, 'name', name, 'username', username, 'first_name', first_name, 'last_name', last_name,
      'about', about, 'email', email, 'phone', phone, 'language', language, 'avatar_url', avatar_url(avatar, 256),
      'avatar_small_url', avatar_url(avatar, 64), 'presence_hidden', presence_hidden, 'created_at', instant(created_at))
    from users where id = p_user);
--> statement-breakpoint

-- Changes what p_change names of a person: keys are columns, null removes. Where p_needs_proof, a change of an identifier
-- or of the password is refused unless p_proved_by is the present hash. A changed password ends every other session and
-- every link for a new one. Answers {"status": "ok", "profile", "ended": [session]} or revoked, unproved, disproved,
-- identifier_needed; raises unique_violation for a taken identifier. Made twice it does no harm: a hash has salt, so who
-- finds the new one in place has set it.
create or replace function update_profile(
  p_session uuid, p_user uuid, p_change jsonb, p_needs_proof boolean, p_proved_by text, p_password_hash text
) returns jsonb language plpgsql as $$
declare
  v_old users; v_new users;
begin
  perform from users where id = p_user for no key update;
  if not session_is_live(p_session, p_user) then return '{"status": "revoked"}'; end if;
  select * into v_old from users where id = p_user;
  v_new := jsonb_populate_record(v_old, p_change);
  if p_needs_proof and v_old.password_hash is distinct from p_password_hash and (p_password_hash is not null
      or (v_new.email, v_new.phone, v_new.username) is distinct from (v_old.email, v_old.phone, v_old.username)) then
    if p_proved_by is null then return '{"status": "unproved"}'; end if;
    if v_old.password_hash is distinct from p_proved_by then return '{"status": "disproved"}'; end if;
  end if;
  if num_nonnulls(v_new.email, v_new.phone, v_new.username) = 0 then return '{"status": "identifier_needed"}'; end if;
  update users set name = v_new.name, username = v_new.username, first_name = v_new.first_name, last_name = v_new.last_name,
    about = v_new.about, email = v_new.email, phone = v_new.phone, language = v_new.language,
    presence_hidden = v_new.presence_hidden, password_hash = coalesce(p_password_hash, v_old.password_hash) where id = p_user;
  if p_password_hash is not null then
    update sessions set revoked_at = clock_timestamp() where user_id = p_user and id <> p_session and revoked_at is null;
    update one_time_tokens set used_at = clock_timestamp() where user_id = p_user and purpose = 'password_reset' and used_at is null;
  end if;
  return jsonb_build_object('status', 'ok', 'profile', own_profile(p_user), 'ended', ended_lately(p_user) - p_session::text);
end $$;
--> statement-breakpoint

-- Deletes the account of the person who asks for it. What they wrote stays, under a name that says so; identifiers, names,
-- picture, password and drafts go, sessions end, every group is left, direct chats stay. Answers {"status": "ok", "ended":
-- [session], "avatar": the picture that went, "chats": [[chat, version]]}, the groups that were ever left, or revoked,
-- disproved; once more when it was done already.
create or replace function delete_user(p_session uuid, p_user uuid, p_proved_by text) returns jsonb language plpgsql as $$
declare
  v_refusal jsonb; v_chat record; v_avatar text;
begin
  perform from users where id = p_user for no key update;
  select avatar into v_avatar from users where id = p_user;
  if (select deleted_at is null from users where id = p_user) then
    v_refusal := refuse_unproved(p_session, p_user, p_proved_by);
    if v_refusal is not null then return v_refusal; end if;
    perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
    -- A draft is kept under its membership's lock: none is kept after this.
    perform from memberships where user_id = p_user order by chat_id for no key update;
    delete from drafts d using memberships m where m.user_id = p_user and d.chat_id = m.chat_id and d.user_id = p_user;
    update users set name = 'Deleted account', email = null, phone = null, username = null, first_name = null, last_name = null,
      about = null, avatar = null, language = null, password_hash = null, last_seen_at = null,
      deactivated_at = coalesce(deactivated_at, clock_timestamp()), deleted_at = clock_timestamp() where id = p_user;
    update sessions set revoked_at = clock_timestamp() where user_id = p_user and revoked_at is null;
    update sessions set ip = null, user_agent = null where user_id = p_user;
    delete from connections where user_id = p_user;
    delete from one_time_tokens where user_id = p_user;
    update chats c set blocked = false, tx = pg_current_xact_id() from memberships m
     where m.user_id = p_user and c.id = m.chat_id and c.blocked;
    delete from blocks where user_id = p_user or blocked_id = p_user;
    for v_chat in
      select c.id, c.type from memberships m join chats c on c.id = m.chat_id
       where m.user_id = p_user and m.left_seq is null order by c.id
    loop
      if v_chat.type = 'group' then perform leave_group(v_chat.id, p_user); end if;
      perform advance_seen(v_chat.id, 0);
    end loop;
  end if;
  return jsonb_build_object('status', 'ok', 'ended', ended_lately(p_user), 'avatar', v_avatar, 'chats', (
    select coalesce(jsonb_agg(jsonb_build_array(c.id, c.version)), '[]') from memberships m join chats c on c.id = m.chat_id
     where m.user_id = p_user and m.left_seq is not null));
end $$;
--> statement-breakpoint

-- Lets a deactivated person log in again; a banned one only where p_unban, and then nobody else. What was seen by all
-- without them stays so. Answers ok, banned, not_banned or deleted.
create or replace function activate_user(p_user uuid, p_unban boolean default false) returns text language plpgsql as $$
declare
  v_user users; v_moved uuid[];
begin
  perform from users where id = p_user for no key update;
  select * into v_user from users where id = p_user;
  if v_user.deleted_at is not null then return 'deleted'; end if;
  if p_unban <> (v_user.banned_at is not null) then return case when p_unban then 'not_banned' else 'banned' end; end if;
  perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
  with moved as (
    update memberships m set read_seq = greatest(c.seen_seq, c.behind_seen_seq),
        delivered_seq = greatest(m.delivered_seq, c.seen_seq, c.behind_seen_seq), tx = pg_current_xact_id()
      from chats c where m.user_id = p_user and m.left_seq is null and c.id = m.chat_id
       and m.read_seq < greatest(c.seen_seq, c.behind_seen_seq) returning m.chat_id
  )
  select array_agg(chat_id) into v_moved from moved;
  update chats set tx = pg_current_xact_id() where id = any (v_moved);
  update users set deactivated_at = null, banned_at = null where id = p_user;
  return 'ok';
end $$;
