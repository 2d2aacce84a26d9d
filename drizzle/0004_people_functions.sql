-- People: blocking, searching, deleting an account. As in 0001: lock first (users, then chats, each in id order), look in a
-- statement after that.

-- Stores a batch of messages. p_chats: the distinct chats, ascending; p_ix: each message's place in it, from 1; the other
-- arrays have one element per message. Answers one line per message, in order:
--   status|seq|version|members_version|id|sent_at
-- status: o stored now, d stored before (its own numbers), x stored before with another payload, r session not live,
-- n no such chat or not a member, b one of the two has blocked the other. Only stored messages take a number, so a refusal leaves no hole. A duplicate is
-- answered before the membership is looked at: a retry after a removal learns that it had succeeded.
-- No choice is left to the planner, whose plan is kept while tables grow: look-ups are scalar subqueries (`exists` may
-- become a hash of the whole table), `is not distinct from` keeps the stored message from being sought by its chat, and
-- the index by sender is partial, so that it cannot serve either.
create or replace function send_messages(
  p_chats uuid[], p_ix int[], p_session uuid[], p_sender uuid[], p_client uuid[], p_id uuid[], p_hash bigint[],
  p_text text[], p_sent timestamptz[], p_max_ahead interval
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
    from unnest(p_ix, p_session, p_sender, p_client, p_id, p_hash, p_text, p_sent)
      with ordinality as t(ix, session, sender, client, id, hash, body, sent, ord)
  ), judged as materialized (
    select l.*,
      case when not live then 'r' when (was).seq is not null then case when (was).hash = hash then 'd' else 'x' end
           when not member then 'n' when v_blocked[ix] then 'b' else 'o' end as status
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

-- The direct chat of two people, made when there is none. Answers {"status": "ok", "chat_id", "created", "version"}, or
-- revoked, no_user, blocked, too_many_chats. Both people are locked, as they are when one blocks the other. Of two simultaneous calls the later waits for the first and finds its chat.
create or replace function open_direct(p_session uuid, p_user uuid, p_other uuid, p_chat uuid, p_max_chats int) returns jsonb language plpgsql as $$
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
    if exists (select from blocks where (user_id, blocked_id) in ((p_user, p_other), (p_other, p_user))) then
      return '{"status": "blocked"}';
    end if;
    insert into chats (id, type, direct_key, version, members_version) values (p_chat, 'direct', v_key, 1, 1) returning * into v_chat;
    insert into memberships (chat_id, user_id, version, joined_version) values (p_chat, p_user, 1, 1), (p_chat, p_other, 1, 1);
    v_created := true;
  end if;
  return jsonb_build_object('status', 'ok', 'chat_id', v_chat.id, 'created', v_created, 'version', v_chat.version);
end $$;
