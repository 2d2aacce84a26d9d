-- What messages may carry beside their text, and what becomes of them: edited, deleted, reacted to, pinned.

-- The people a text mentions who are members now, but its sender: what is counted apart in their unread.
create function store_mentions(p_chat uuid, p_seq bigint, p_sender uuid, p_mentions jsonb) returns void language sql
  begin atomic
    insert into mentions (chat_id, user_id, seq)
      select distinct p_chat, t.named, p_seq
        from (select (e.value->>'user_id')::uuid as named from jsonb_array_elements(p_mentions) e) t
       where t.named <> p_sender
         and (select s.left_seq is null from memberships s where s.chat_id = p_chat and s.user_id = t.named);
  end;
--> statement-breakpoint

drop function send_messages(uuid[], int[], uuid[], uuid[], uuid[], uuid[], bigint[], text[], timestamptz[], text[], interval);
--> statement-breakpoint

-- Stores a batch of messages. p_chats: the distinct chats, ascending; p_ix: each message's place in it, from 1; the other
-- arrays have one element per message, or none where no message of the batch has such a thing:
--   p_reply: the seq that it answers; p_needs: the highest such seq of it and of those of this call it comes after;
--   p_mentions: spans of its text as JSON; p_first_sender, p_first_sent: who said it first, and when, of a forward;
--   p_after: the client_id of the sender's message that must be stored before it, if it is not one of this call.
-- The text of a forward whose source is not to be had is null. Answers one line per message, in order:
--   status|seq|version|members_version|id|sent_at
-- status: o stored now, d stored before (its own numbers), x stored before with another payload, r session not live,
-- n no such chat or not a member, b one of the two has blocked the other, f nothing to forward, p no message of that number
-- to answer, m what it comes after is not stored. Only stored messages take a number, so a refusal leaves no hole. A
-- duplicate is answered before all else is looked at: a retry after a removal learns that it had succeeded.
-- Which messages may be answered is not asked of each: a number tells nothing of what it says.
-- No choice is left to the planner, whose plan is kept while tables grow: look-ups are scalar subqueries (`exists` may
-- become a hash of the whole table), `is not distinct from` keeps the stored message from being sought by its chat, and
-- the index by sender is partial, so that it cannot serve either.
create function send_messages(
  p_chats uuid[], p_ix int[], p_session uuid[], p_sender uuid[], p_client uuid[], p_id uuid[], p_hash bigint[],
  p_text text[], p_sent timestamptz[], p_key text[], p_max_ahead interval,
  p_reply bigint[] default '{}', p_needs bigint[] default '{}', p_mentions text[] default '{}',
  p_first_sender uuid[] default '{}', p_first_sent timestamptz[] default '{}', p_after uuid[] default '{}'
) returns text language plpgsql as $$
declare
  v_ids uuid[]; v_seq bigint[]; v_version bigint[]; v_members bigint[]; v_blocked boolean[]; v_now timestamptz; v_answer text;
begin
  select array_agg(c.id), array_agg(c.last_seq), array_agg(c.version), array_agg(c.members_version), array_agg(c.blocked)
    into v_ids, v_seq, v_version, v_members, v_blocked
    from (select id, last_seq, version, members_version, blocked from chats
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
    from unnest(p_ix, p_session, p_sender, p_client, p_id, p_hash, p_text, p_sent, p_key,
        p_reply, p_needs, p_mentions, p_first_sender, p_first_sent, p_after)
      with ordinality as t(ix, session, sender, client, id, hash, body, sent, key,
        reply, needs, named, first_sender, first_sent, after, ord)
  ), judged as materialized (
    select l.*,
      case when not live then 'r' when (was).seq is not null then case when (was).hash = hash then 'd' else 'x' end
           when not member then 'n' when v_blocked[ix] then 'b' when body is null then 'f'
           when reply > v_seq[ix] then 'p' when needs > v_seq[ix] then 'm'
           when after is not null and (select m.seq from messages m where m.sender_id = l.sender and m.client_id = l.after
             and m.chat_id is not distinct from v_ids[l.ix]) is null then 'm' else 'o' end as status
    from looked l
  ), numbered as materialized (
    select j.ord, j.ix, j.status, j.was, j.sender, j.client, j.id, j.hash, j.body, j.key,
      j.reply, j.named, j.first_sender, j.first_sent,
      case when sent is null or sent > v_now + p_max_ahead then v_now else sent end as sent,
      count(*) filter (where status = 'o') over (partition by ix order by ord) as nth
    from judged j
  ), stored as (
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text, client_key,
        reply_seq, mentions, forwarded_sender_id, forwarded_sent_at)
    select v_ids[ix], v_seq[ix] + nth, id, sender, client, hash, v_version[ix] + nth, sent, v_now, body, key,
        reply, named::jsonb, first_sender, first_sent
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
  if cardinality(p_mentions) > 0 then
    -- Of those stored now: what was stored before may have been edited since.
    perform store_mentions(v_ids[t.ix], m.seq, m.sender_id, m.mentions)
      from unnest(p_ix, p_id, p_mentions) as t(ix, id, named)
      cross join lateral (select seq, sender_id, mentions from messages where messages.id = t.id) m
     where t.named is not null and m.seq > v_seq[t.ix];
  end if;
  return v_answer;
end $$;
--> statement-breakpoint

-- A message that a live session's user may do something about, in a locked chat: as a member who sees it. `refusal` is the
-- reason when there is none. A deleted one is found as well.
create function message_to_change(
  p_session uuid, p_actor uuid, p_chat uuid, p_seq bigint, out message messages, out is_group boolean, out role member_role,
  out refusal text
) language plpgsql as $$
declare
  v_floor bigint; v_blocked boolean;
begin
  if not session_is_live(p_session, p_actor) then refusal := 'revoked'; return; end if;
  select c.type = 'group', s.role, c.blocked, case when g.history = 'since_joined' then s.joined_seq else 0 end
    into is_group, role, v_blocked, v_floor
    from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = s.chat_id
   where s.chat_id = p_chat and s.user_id = p_actor and s.left_seq is null;
  if not found then refusal := 'no_chat'; return; end if;
  select m.* into message from messages m where m.chat_id = p_chat and m.seq = p_seq and m.seq > v_floor;
  if not found then refusal := 'no_message'; elsif v_blocked then refusal := 'blocked'; end if;
end $$;
--> statement-breakpoint

-- The chat's next version, for a change of one of its messages.
create function raise_version(p_chat uuid) returns bigint language sql
  begin atomic
    update chats set version = version + 1, tx = pg_current_xact_id() where id = p_chat returning version;
  end;
--> statement-breakpoint

-- Members who joined after a message that was not meant for those who come later; null where nobody did.
create function blind_to(p_chat uuid, p_seq bigint) returns jsonb language sql stable
  return (select jsonb_agg(s.user_id) from groups g join memberships s on s.chat_id = g.chat_id
    where g.chat_id = p_chat and g.history = 'since_joined' and s.left_seq is null and s.joined_seq >= p_seq);
--> statement-breakpoint

-- What a command about a message answers: {"status": "ok", "version", "changed", "row": the message as text of JSON}.
create function message_answer(p_chat uuid, p_seq bigint, p_changed boolean) returns jsonb language sql stable
  return (select jsonb_build_object('status', 'ok', 'version', c.version, 'changed', p_changed,
      'row', message_json(m, reactions_of(m.chat_id, m.seq))::text, 'blind', blind_to(m.chat_id, m.seq))
    from messages m join chats c on c.id = m.chat_id where m.chat_id = p_chat and m.seq = p_seq);
--> statement-breakpoint

-- Forgets whom a message mentions. They are looked up by name: the key leads with the person.
create function forget_mentions(p_message messages) returns void language sql
  begin atomic
    delete from mentions n where n.chat_id = (p_message).chat_id and n.seq = (p_message).seq and n.user_id = any (
      array(select (e.value->>'user_id')::uuid from jsonb_array_elements((p_message).mentions) e));
  end;
--> statement-breakpoint

-- Gives a message another text; by its author. What it said before is kept, p_max_edits times at most. The same text again
-- changes nothing. Answers message_answer or revoked, no_chat, no_message, blocked, deleted, access_denied (also of a
-- forward: it is what another one said), too_many_edits.
create function edit_message(
  p_session uuid, p_actor uuid, p_chat uuid, p_seq bigint, p_text text, p_mentions jsonb, p_max_edits int
) returns jsonb language plpgsql as $$
declare
  v_found record; v_old messages; v_edits int;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_found from message_to_change(p_session, p_actor, p_chat, p_seq);
  if v_found.refusal is not null then return jsonb_build_object('status', v_found.refusal); end if;
  v_old := v_found.message;
  if v_old.sender_id <> p_actor then return '{"status": "access_denied"}'; end if;
  if v_old.deleted_at is not null then return '{"status": "deleted"}'; end if;
  if v_old.forwarded_sender_id is not null then return '{"status": "access_denied"}'; end if;
  if (v_old.text, v_old.mentions) is not distinct from (p_text, p_mentions) then
    return message_answer(p_chat, p_seq, false);
  end if;
  select coalesce(max(e.edit), 0) into v_edits from message_edits e where e.chat_id = p_chat and e.seq = p_seq;
  if v_edits >= p_max_edits then return '{"status": "too_many_edits"}'; end if;
  insert into message_edits (chat_id, seq, edit, text, mentions, written_at)
    values (p_chat, p_seq, v_edits + 1, v_old.text, v_old.mentions, coalesce(v_old.edited_at, v_old.sent_at));
  update messages set text = p_text, mentions = p_mentions, edited_at = clock_timestamp(), changed_version = raise_version(p_chat)
   where chat_id = p_chat and seq = p_seq;
  perform forget_mentions(v_old);
  perform store_mentions(p_chat, p_seq, p_actor, p_mentions);
  return message_answer(p_chat, p_seq, true);
end $$;
--> statement-breakpoint

-- Deletes a message for all; by its author, in a group by owner and admins too. Its place stays, without its text and all
-- that hung on it. Again changes nothing. Answers message_answer or revoked, no_chat, no_message, blocked, access_denied.
create function delete_message(p_session uuid, p_actor uuid, p_chat uuid, p_seq bigint) returns jsonb language plpgsql as $$
declare
  v_found record; v_old messages;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_found from message_to_change(p_session, p_actor, p_chat, p_seq);
  if v_found.refusal is not null then return jsonb_build_object('status', v_found.refusal); end if;
  v_old := v_found.message;
  if v_old.sender_id <> p_actor and (not v_found.is_group or v_found.role = 'member') then
    return '{"status": "access_denied"}';
  end if;
  if v_old.deleted_at is not null then return message_answer(p_chat, p_seq, false); end if;
  update messages set text = '', mentions = null, reply_seq = null, forwarded_sender_id = null, forwarded_sent_at = null,
      edited_at = null, pinned_at = null, pinned_by = null, deleted_at = clock_timestamp(), changed_version = raise_version(p_chat)
   where chat_id = p_chat and seq = p_seq;
  perform forget_mentions(v_old);
  delete from reactions where chat_id = p_chat and seq = p_seq;
  delete from message_edits where chat_id = p_chat and seq = p_seq;
  return message_answer(p_chat, p_seq, true);
end $$;
--> statement-breakpoint

-- Gives a message an emoji, or takes one's own back; by any member. On one message p_max_own different ones of a person, and
-- p_max_all of everybody. Answers message_answer or revoked, no_chat, no_message, blocked, deleted, too_many_reactions.
create function set_reaction(
  p_session uuid, p_actor uuid, p_chat uuid, p_seq bigint, p_emoji text, p_on boolean, p_max_own int, p_max_all int
) returns jsonb language plpgsql as $$
declare
  v_found record; v_own text[]; v_all text[];
begin
  perform from chats where id = p_chat for no key update;
  select * into v_found from message_to_change(p_session, p_actor, p_chat, p_seq);
  if v_found.refusal is not null then return jsonb_build_object('status', v_found.refusal); end if;
  if (v_found.message).deleted_at is not null then return '{"status": "deleted"}'; end if;
  select coalesce(array_agg(distinct r.emoji), '{}'), coalesce(array_agg(r.emoji) filter (where r.user_id = p_actor), '{}')
    into v_all, v_own from reactions r where r.chat_id = p_chat and r.seq = p_seq;
  if p_on = (p_emoji = any (v_own)) then return message_answer(p_chat, p_seq, false); end if;
  if p_on then
    if cardinality(v_own) >= p_max_own or (cardinality(v_all) >= p_max_all and not p_emoji = any (v_all)) then
      return '{"status": "too_many_reactions"}';
    end if;
    insert into reactions (chat_id, seq, emoji, user_id, created_at) values (p_chat, p_seq, p_emoji, p_actor, clock_timestamp());
  else
    delete from reactions where chat_id = p_chat and seq = p_seq and emoji = p_emoji and user_id = p_actor;
  end if;
  update messages set changed_version = raise_version(p_chat) where chat_id = p_chat and seq = p_seq;
  return message_answer(p_chat, p_seq, true);
end $$;
--> statement-breakpoint

-- Pins a message for all, or unpins it; in a group by owner and admins, in a direct chat by both. At most p_max_pins of a
-- chat (null: no bound). Answers message_answer or revoked, no_chat, no_message, blocked, deleted, access_denied,
-- too_many_pins.
create function set_pin(
  p_session uuid, p_actor uuid, p_chat uuid, p_seq bigint, p_on boolean, p_max_pins int
) returns jsonb language plpgsql as $$
declare
  v_found record;
begin
  perform from chats where id = p_chat for no key update;
  select * into v_found from message_to_change(p_session, p_actor, p_chat, p_seq);
  if v_found.refusal is not null then return jsonb_build_object('status', v_found.refusal); end if;
  if v_found.is_group and v_found.role = 'member' then return '{"status": "access_denied"}'; end if;
  if (v_found.message).deleted_at is not null then return '{"status": "deleted"}'; end if;
  if p_on = ((v_found.message).pinned_at is not null) then return message_answer(p_chat, p_seq, false); end if;
  if p_on and p_max_pins <= (select count(*) from messages where chat_id = p_chat and pinned_at is not null) then
    return '{"status": "too_many_pins"}';
  end if;
  update messages set pinned_at = case when p_on then clock_timestamp() end, pinned_by = case when p_on then p_actor end,
      changed_version = raise_version(p_chat)
   where chat_id = p_chat and seq = p_seq;
  return message_answer(p_chat, p_seq, true);
end $$;
--> statement-breakpoint

-- A message as somebody may see it who left at p_version, with the chat's message p_left as the last one: up to that moment. A
-- text given later is not shown, but the one before it, nor what others gave the message since; that it was deleted is.
create function message_until(m messages, p_version bigint, p_left bigint) returns messages language plpgsql stable as $$
declare
  v_at timestamptz; v_was message_edits;
begin
  if m.changed_version is null or m.changed_version <= p_version or m.deleted_at is not null then return m; end if;
  m.changed_version := null; m.pinned_at := null; m.pinned_by := null;
  select created_at into v_at from messages where chat_id = m.chat_id and seq = p_left;
  if m.edited_at is null or m.edited_at <= v_at then return m; end if;
  select e.* into v_was from message_edits e
   where e.chat_id = m.chat_id and e.seq = m.seq and (e.edit = 1 or e.written_at <= v_at) order by e.edit desc limit 1;
  m.text := v_was.text; m.mentions := v_was.mentions;
  m.edited_at := case when v_was.edit > 1 then v_was.written_at end;
  return m;
end $$;
--> statement-breakpoint

-- What it says then.
create function text_until(p_chat uuid, p_seq bigint, p_version bigint, p_left bigint) returns text language sql stable
  return (select (message_until(m, p_version, p_left)).text from messages m where m.chat_id = p_chat and m.seq = p_seq);
--> statement-breakpoint

-- Takes away what deleted groups after p_after (by id) have left behind, p_rows rows at most: messages from the end, so that
-- what is left has no holes, then all that hung on them, invites, and the group row last. Chat and memberships stay as a sign
-- that it was there. Answers the group it worked on, whether it is done with it, and how many rows went; null when none is left.
create or replace function sweep_deleted_group(p_after uuid, p_rows int) returns jsonb language plpgsql as $$
declare
  v_chat uuid; v_gone bigint; v_more bigint; v_table text;
begin
  select c.id into v_chat from chats c where c.deleted_at is not null and c.id > p_after
   and (select true from groups g where g.chat_id = c.id) order by c.id limit 1;
  if v_chat is null then return null; end if;
  delete from messages where chat_id = v_chat and seq > (
    select coalesce(min(m.seq), 0) - 1 from (select seq from messages where chat_id = v_chat order by seq desc limit p_rows) m);
  get diagnostics v_gone = row_count;
  foreach v_table in array array['message_reads', 'reactions', 'mentions', 'message_edits', 'drafts'] loop
    exit when v_gone >= p_rows;
    execute format('delete from %1$I where ctid = any (array(select ctid from %1$I where chat_id = $1 limit $2))', v_table)
      using v_chat, p_rows - v_gone;
    get diagnostics v_more = row_count;
    v_gone := v_gone + v_more;
  end loop;
  if v_gone < p_rows then
    delete from chat_invites where chat_id = v_chat;
    delete from groups where chat_id = v_chat;
  end if;
  return jsonb_build_object('chat_id', v_chat, 'done', v_gone < p_rows, 'rows', v_gone);
end $$;
