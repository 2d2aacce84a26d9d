-- Chats: what owners and admins change, what each member keeps for themselves, invites, deleting a group.

-- Who is in a chat without having joined later joined with the version that their membership has.
update memberships set joined_version = version;

--> statement-breakpoint

-- Creates a group: chat, group row and memberships, or nothing. The creator is a member and the owner, listed or not.
-- Answers {"status": "ok", "version", "users"} or why not: revoked, no_user, too_many_members, too_many_chats.
create or replace function create_group(
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
  insert into memberships (chat_id, user_id, role, version, joined_version)
    select p_chat, t, case when t = p_creator then 'owner' else 'member' end::member_role, 1, 1 from unnest(v_users) t;
  return jsonb_build_object('status', 'ok', 'version', 1, 'users', to_jsonb(v_users));
end $$;
--> statement-breakpoint

-- Makes people members of a locked group who are none, with its next version. Whoever was one before goes on where the
-- chat is now; what is one's own (muted, archived, pinned) begins anew.
create function join_group(p_chat uuid, p_users uuid[]) returns bigint language plpgsql as $$
declare
  v_chat chats;
begin
  update chats set version = version + 1, members_version = version + 1, tx = pg_current_xact_id()
   where id = p_chat returning * into v_chat;
  insert into memberships as s (chat_id, user_id, joined_seq, delivered_seq, read_seq, version, joined_version)
    select p_chat, t, v_chat.last_seq, v_chat.last_seq, v_chat.last_seq, v_chat.version, v_chat.version from unnest(p_users) t
    on conflict (chat_id, user_id) do update set left_seq = null, role = 'member', delivered_seq = excluded.delivered_seq,
      read_seq = excluded.read_seq, version = excluded.version, joined_version = excluded.joined_version,
      muted_until = null, archived_at = null, pinned_at = null, tx = excluded.tx;
  return v_chat.version;
end $$;
--> statement-breakpoint

-- Adds people to a group; by owner or admin. Those who are members already are passed over; nobody new changes nothing.
-- Answers {"status": "ok", "version", "users": [added]} or revoked, no_chat, not_a_group, access_denied, no_user,
-- too_many_members, too_many_chats.
create or replace function add_members(p_session uuid, p_actor uuid, p_chat uuid, p_users uuid[], p_max_members int, p_max_chats int)
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
  return jsonb_build_object('status', 'ok', 'version', join_group(p_chat, v_new), 'users', to_jsonb(v_new));
end $$;
--> statement-breakpoint

-- Takes a person out of a group: p_actor himself leaves, the owner removes anybody, an admin removes members. When the
-- owner leaves, another inherits (leave_group), with a version of its own after that of the leaving, so that each change has
-- one. Answers {"status": "ok", "version": of the leaving, "heir": person or null, "seen": [message]} or revoked, no_chat,
-- not_a_group, access_denied, no_user.
create or replace function remove_member(p_session uuid, p_actor uuid, p_chat uuid, p_user uuid, p_announce int) returns jsonb language plpgsql as $$
declare
  v_right record; v_role member_role; v_left record;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  select role into v_role from memberships where chat_id = p_chat and user_id = p_user and left_seq is null;
  if p_user <> p_actor and (v_right.role = 'member' or (v_right.role = 'admin' and v_role <> 'member')) then
    return '{"status": "access_denied"}';
  end if;
  if v_role is null then return jsonb_build_object('status', 'no_user', 'users', jsonb_build_array(p_user)); end if;
  select * into v_left from leave_group(p_chat, p_user);
  return jsonb_build_object('status', 'ok', 'version', v_left.version, 'heir', v_left.heir,
    'seen', advance_seen(p_chat, p_announce)::jsonb);
end $$;
--> statement-breakpoint

-- What a group is called and looks like; by owner or admin. What p_change does not name stays; null takes a description or
-- an avatar away. Answers {"status": "ok", "version", "changed", "group": {id, name, description, avatar},
-- "old_avatar"} or revoked, no_chat, not_a_group, access_denied.
create function change_group(p_session uuid, p_actor uuid, p_chat uuid, p_change jsonb) returns jsonb language plpgsql as $$
declare
  v_right record; v_old groups; v_new groups; v_version bigint;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role = 'member' then return '{"status": "access_denied"}'; end if;
  select * into v_old from groups where chat_id = p_chat;
  v_new := v_old;
  v_new.name := coalesce(p_change->>'name', v_old.name);
  if p_change ? 'description' then v_new.description := p_change->>'description'; end if;
  if p_change ? 'avatar' then v_new.avatar := p_change->>'avatar'; end if;
  select version into v_version from chats where id = p_chat;
  if v_new is distinct from v_old then
    v_version := v_version + 1;
    update groups set name = v_new.name, description = v_new.description, avatar = v_new.avatar, version = v_version
     where chat_id = p_chat;
    update chats set version = v_version, tx = pg_current_xact_id() where id = p_chat;
  end if;
  return jsonb_build_object('status', 'ok', 'version', v_version, 'changed', v_new is distinct from v_old,
    'old_avatar', v_old.avatar, 'group',
    jsonb_build_object('id', v_new.id, 'name', v_new.name, 'description', v_new.description, 'avatar', v_new.avatar));
end $$;
--> statement-breakpoint

-- Gives a member of a group another role; by the owner. p_role 'owner' hands the group on, and the old owner is an admin.
-- Answers {"status": "ok", "version", "members": [{user_id, role}, changed]} or revoked, no_chat, not_a_group,
-- access_denied (also of the owner's own role), no_user.
create function set_role(p_session uuid, p_actor uuid, p_chat uuid, p_user uuid, p_role member_role) returns jsonb language plpgsql as $$
declare
  v_right record; v_version bigint; v_role member_role; v_changed jsonb;
begin
  perform from users where id = p_user for no key update;
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role <> 'owner' or (p_user = p_actor and p_role <> 'owner') then return '{"status": "access_denied"}'; end if;
  select s.role into v_role from memberships s join users u on u.id = s.user_id
   where s.chat_id = p_chat and s.user_id = p_user and s.left_seq is null and (u.deactivated_at is null or p_role <> 'owner');
  if not found then return jsonb_build_object('status', 'no_user', 'users', jsonb_build_array(p_user)); end if;
  select version into v_version from chats where id = p_chat;
  if v_role = p_role then return jsonb_build_object('status', 'ok', 'version', v_version, 'members', '[]'::jsonb); end if;
  with changed as (
    update memberships set role = case when user_id = p_user then p_role else 'admin' end, version = v_version + 1,
        tx = pg_current_xact_id()
     where chat_id = p_chat and (user_id = p_user or (p_role = 'owner' and user_id = p_actor)) returning user_id, role
  )
  select jsonb_agg(jsonb_build_object('user_id', user_id, 'role', role) order by role, user_id) into v_changed from changed;
  update chats set version = v_version + 1, members_version = v_version + 1, tx = pg_current_xact_id() where id = p_chat;
  return jsonb_build_object('status', 'ok', 'version', v_version + 1, 'members', v_changed);
end $$;
--> statement-breakpoint

-- Deletes a group; by its owner. Nobody is a member any more, and who was one sees nothing of it. Answers
-- {"status": "ok", "version"} or revoked, no_chat, not_a_group, access_denied.
create function delete_group(p_session uuid, p_actor uuid, p_chat uuid) returns jsonb language plpgsql as $$
declare
  v_right record; v_chat chats;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role <> 'owner' then return '{"status": "access_denied"}'; end if;
  update chats set deleted_at = clock_timestamp(), version = version + 1, members_version = version + 1, tx = pg_current_xact_id()
   where id = p_chat returning * into v_chat;
  update memberships set left_seq = v_chat.last_seq, role = 'member', version = v_chat.version, tx = pg_current_xact_id()
   where chat_id = p_chat and left_seq is null;
  return jsonb_build_object('status', 'ok', 'version', v_chat.version);
end $$;
--> statement-breakpoint

-- Takes away what deleted groups after p_after (by id) have left behind, p_rows rows at most: messages from the end, so that
-- what is left has no holes, then steps of reading, invites, and the group row last. Chat and memberships stay as a sign that
-- it was there. Answers the group it worked on, whether it is done with it, and how many rows went; null when none is left.
create function sweep_deleted_group(p_after uuid, p_rows int) returns jsonb language plpgsql as $$
declare
  v_chat uuid; v_gone bigint; v_more bigint;
begin
  select c.id into v_chat from chats c where c.deleted_at is not null and c.id > p_after
   and (select true from groups g where g.chat_id = c.id) order by c.id limit 1;
  if v_chat is null then return null; end if;
  delete from messages where chat_id = v_chat and seq > (
    select coalesce(min(m.seq), 0) - 1 from (select seq from messages where chat_id = v_chat order by seq desc limit p_rows) m);
  get diagnostics v_gone = row_count;
  if v_gone < p_rows then
    delete from message_reads r where chat_id = v_chat and (user_id, seq) in (
      select user_id, seq from message_reads where chat_id = v_chat order by user_id, seq limit p_rows - v_gone);
    get diagnostics v_more = row_count;
    v_gone := v_gone + v_more;
  end if;
  if v_gone < p_rows then
    delete from chat_invites where chat_id = v_chat;
    delete from groups where chat_id = v_chat;
  end if;
  return jsonb_build_object('chat_id', v_chat, 'done', v_gone < p_rows, 'rows', v_gone);
end $$;
--> statement-breakpoint

-- Until when a chat is muted, as the wire shows it: an instant to come, `forever`, or null.
create function muted_for(p_until timestamptz) returns text
  language sql stable parallel safe
  return case when p_until = 'infinity' then 'forever' when p_until > statement_timestamp() then instant(p_until) end;
--> statement-breakpoint

-- What a member keeps for themselves; what p_change does not name stays. No change of the chat: it has no version. muted_until
-- is an instant, 'infinity' or null. The person is locked, so that two devices cannot pin more than p_max_pinned. Answers
-- {"status": "ok", "muted_until", "archived", "pinned"} or revoked, no_chat, too_many_pinned.
create function change_membership(p_session uuid, p_user uuid, p_chat uuid, p_change jsonb, p_max_pinned int) returns jsonb language plpgsql as $$
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
    tx = pg_current_xact_id()
   where chat_id = p_chat and user_id = p_user and left_seq is null returning * into v_now;
  if not found then return '{"status": "no_chat"}'; end if;
  return jsonb_build_object('status', 'ok', 'muted_until', muted_for(v_now.muted_until),
    'archived', v_now.archived_at is not null, 'pinned', v_now.pinned_at is not null);
end $$;
--> statement-breakpoint

-- Makes an invite into a group; by owner or admin. Revoked ones are forgotten on the way, so a group's invites are bounded.
-- Answers {"status": "ok"} or revoked, no_chat, not_a_group, access_denied, too_many_invites.
create function create_invite(
  p_session uuid, p_actor uuid, p_chat uuid, p_invite uuid, p_token text, p_title text, p_lasts interval, p_max_uses int,
  p_max_invites int
) returns jsonb language plpgsql as $$
declare
  v_right record;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role = 'member' then return '{"status": "access_denied"}'; end if;
  delete from chat_invites where chat_id = p_chat and revoked_at is not null and id <> p_invite;
  if (select count(*) from chat_invites where chat_id = p_chat and id <> p_invite) >= p_max_invites then
    return '{"status": "too_many_invites"}';
  end if;
  insert into chat_invites (id, chat_id, token, title, creator_id, max_uses, expires_at)
    values (p_invite, p_chat, p_token, p_title, p_actor, p_max_uses, clock_timestamp() + p_lasts)
    on conflict (id) do nothing;
  return '{"status": "ok"}';
end $$;
--> statement-breakpoint

-- Ends an invite; by owner or admin; again changes nothing. Answers {"status": "ok"} or revoked, no_chat, not_a_group,
-- access_denied, invite_invalid.
create function revoke_invite(p_session uuid, p_actor uuid, p_chat uuid, p_invite uuid) returns jsonb language plpgsql as $$
declare
  v_right record;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_right from group_role(p_session, p_actor, p_chat);
  if v_right.refusal is not null then return jsonb_build_object('status', v_right.refusal); end if;
  if v_right.role = 'member' then return '{"status": "access_denied"}'; end if;
  update chat_invites set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = p_invite and chat_id = p_chat;
  return case when found then '{"status": "ok"}' else '{"status": "invite_invalid"}' end::jsonb;
end $$;
--> statement-breakpoint

-- Whether an invite lets somebody in now. What becomes of its chat is for the caller to look at.
create function invite_is_good(p_invite chat_invites) returns boolean
  language sql stable
  return p_invite.id is not null and p_invite.revoked_at is null
    and coalesce(p_invite.expires_at > statement_timestamp(), true) and coalesce(p_invite.uses < p_invite.max_uses, true);
--> statement-breakpoint

-- Makes whoever has an invite's token a member. Who is one already stays one, and the invite is not used up by it. Everything
-- that is wrong with an invite is answered alike. Answers {"status": "ok", "version", "joined"} or revoked, invite_invalid,
-- no_user, too_many_members, too_many_chats.
create function join_by_invite(p_session uuid, p_user uuid, p_chat uuid, p_token text, p_max_members int, p_max_chats int)
  returns jsonb language plpgsql as $$
declare
  v_refusal jsonb; v_invite chat_invites; v_chat chats;
begin
  v_refusal := refuse_more_chats(array[p_user], p_max_chats);
  perform from chats where id = p_chat for no key update;
  if not session_is_live(p_session, p_user) then return '{"status": "revoked"}'; end if;
  select * into v_chat from chats where id = p_chat and deleted_at is null;
  if not found then return '{"status": "invite_invalid"}'; end if;
  select * into v_invite from chat_invites where token = p_token and chat_id = p_chat;
  if exists (select from memberships where chat_id = p_chat and user_id = p_user and left_seq is null)
     and v_invite.id is not null and v_invite.revoked_at is null then
    return jsonb_build_object('status', 'ok', 'version', v_chat.version, 'joined', false);
  end if;
  if not invite_is_good(v_invite) then return '{"status": "invite_invalid"}'; end if;
  if v_refusal is not null then return v_refusal; end if;
  if (select count(*) from memberships where chat_id = p_chat and left_seq is null) >= p_max_members then
    return '{"status": "too_many_members"}';
  end if;
  update chat_invites set uses = uses + 1 where id = v_invite.id;
  return jsonb_build_object('status', 'ok', 'version', join_group(p_chat, array[p_user]), 'joined', true);
end $$;
