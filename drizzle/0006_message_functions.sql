-- Sending and marking, with what clients of other systems need: keys that are no UUIDs, and who has read what.

drop function send_messages(uuid[], int[], uuid[], uuid[], uuid[], uuid[], bigint[], text[], timestamptz[], interval);
--> statement-breakpoint

-- Stores a batch of messages. p_chats: the distinct chats, ascending; p_ix: each message's place in it, from 1; the other
-- arrays have one element per message. Answers one line per message, in order:
--   status|seq|version|members_version|id|sent_at
-- status: o stored now, d stored before (its own numbers), x stored before with another payload, r session not live,
-- n no such chat or not a member, b one of the two has blocked the other. Only stored messages take a number, so a refusal
-- leaves no hole. A duplicate is answered before the membership is looked at: a retry after a removal learns that it had succeeded.
-- No choice is left to the planner, whose plan is kept while tables grow: look-ups are scalar subqueries (`exists` may
-- become a hash of the whole table), `is not distinct from` keeps the stored message from being sought by its chat, and
-- the index by sender is partial, so that it cannot serve either.
create function send_messages(
  p_chats uuid[], p_ix int[], p_session uuid[], p_sender uuid[], p_client uuid[], p_id uuid[], p_hash bigint[],
  p_text text[], p_sent timestamptz[], p_key text[], p_max_ahead interval
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
    from unnest(p_ix, p_session, p_sender, p_client, p_id, p_hash, p_text, p_sent, p_key)
      with ordinality as t(ix, session, sender, client, id, hash, body, sent, key, ord)
  ), judged as materialized (
    select l.*,
      case when not live then 'r' when (was).seq is not null then case when (was).hash = hash then 'd' else 'x' end
           when not member then 'n' when v_blocked[ix] then 'b' else 'o' end as status
    from looked l
  ), numbered as materialized (
    select j.ord, j.ix, j.status, j.was, j.sender, j.client, j.id, j.hash, j.body, j.key,
      case when sent is null or sent > v_now + p_max_ahead then v_now else sent end as sent,
      count(*) filter (where status = 'o') over (partition by ix order by ord) as nth
    from judged j
  ), stored as (
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text, client_key)
    select v_ids[ix], v_seq[ix] + nth, id, sender, client, hash, v_version[ix] + nth, sent, v_now, body, key
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

-- Moves read positions, a batch of marks in the arrays' order. p_chats and p_ix as in send_messages. Answers
-- {"marks": [[status, read_seq, message_id, read_at], …], "seen": [message, …]}; status o, r, n as above. message_id and read_at,
-- of the message that was marked, are null when the mark changed nothing.
create or replace function mark_read(
  p_chats uuid[], p_ix int[], p_session uuid[], p_user uuid[], p_seq bigint[], p_announce int
) returns json language plpgsql as $$
declare
  v_mark record; v_member memberships; v_last bigint; v_new bigint; v_now timestamptz;
  v_marked uuid; v_marks jsonb[] := '{}'; v_seen jsonb := '[]'; v_moved uuid[] := '{}'; v_chat uuid;
begin
  perform from chats where id = any (p_chats) order by id for no key update;
  v_now := clock_timestamp();
  for v_mark in
    select p_chats[t.ix] as chat_id, t.session, t.person, t.seq from unnest(p_ix, p_session, p_user, p_seq)
      with ordinality as t(ix, session, person, seq, ord) order by t.ord
  loop
    if not session_is_live(v_mark.session, v_mark.person) then v_marks := v_marks || '["r", 0, null, null]'::jsonb; continue; end if;
    select * into v_member from memberships where chat_id = v_mark.chat_id and user_id = v_mark.person and left_seq is null;
    if not found then v_marks := v_marks || '["n", 0, null, null]'::jsonb; continue; end if;
    v_marked := null;
    if v_mark.seq > v_member.read_seq then
      select last_seq into v_last from chats where id = v_mark.chat_id;
      v_new := extend_over_own(v_mark.chat_id, v_mark.person, least(v_mark.seq, v_last), v_last);
      if v_new > v_member.read_seq then
        update memberships set read_seq = v_new, delivered_seq = greatest(delivered_seq, v_new), tx = pg_current_xact_id()
         where chat_id = v_mark.chat_id and user_id = v_mark.person;
        insert into message_reads (chat_id, user_id, seq, read_at) values (v_mark.chat_id, v_mark.person, v_new, v_now)
          on conflict do nothing;
        v_member.read_seq := v_new;
        select id into v_marked from messages where chat_id = v_mark.chat_id and seq = least(v_mark.seq, v_last);
        if not v_mark.chat_id = any (v_moved) then v_moved := v_moved || v_mark.chat_id; end if;
      end if;
    end if;
    v_marks := v_marks || jsonb_build_array('o', v_member.read_seq, v_marked, case when v_marked is not null then instant(v_now) end);
  end loop;
  foreach v_chat in array v_moved loop
    v_seen := v_seen || advance_seen(v_chat, p_announce)::jsonb;
  end loop;
  return json_build_object('marks', to_json(v_marks), 'seen', v_seen);
end $$;
