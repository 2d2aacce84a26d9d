-- People: blocking, searching, deleting an account. As in 0001: lock first (users, then chats, each in id order), look in a
-- statement after that.

-- The direct chat of two people, made when there is none. Answers {"status": "ok", "chat_id", "created", "version"}, or
-- revoked, no_user, blocked, too_many_chats. Both people are locked, as they are when one blocks the other. Of two
-- simultaneous calls the later waits for the first and finds its chat.
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
--> statement-breakpoint

-- A text as it is compared when people look for each other: any case, ё as е. The letters are spelled out, because what
-- lower() knows of other letters than a to z depends on the locale of the database, and the words are stored.
create function fold(p_text text) returns text
  language sql immutable strict parallel safe
  return translate(lower(normalize(p_text, NFKC) collate "C"),
    'ЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҺӘӨÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽё',
    'ѐеђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяґғҗқңүұһәөàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžе');
--> statement-breakpoint

-- The distinct words of a text, folded. Whatever is no letter, digit or mark of one parts them, also within a username.
create function to_words(p_text text) returns text[]
  language sql immutable strict parallel safe
  return array(select distinct t from regexp_split_to_table(fold(p_text),
    '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\xbf\u2000-\u206f\u3000-\u303f]+') t where t <> '');
--> statement-breakpoint

-- Keeps the words that a person is found by. Nobody finds who is deactivated.
create function keep_user_words() returns trigger language plpgsql as $$
declare
  v_words text[] := case when new.deactivated_at is null
    then to_words(concat_ws(' ', new.username, new.name, new.first_name, new.last_name)) else '{}' end;
begin
  if tg_op = 'UPDATE' then
    delete from user_words where user_id = new.id and not word = any (v_words);
  end if;
  insert into user_words (word, user_id) select t, new.id from unnest(v_words) t on conflict do nothing;
  return null;
end $$;
--> statement-breakpoint

create trigger users_words after insert or update of name, username, first_name, last_name, deactivated_at on users
  for each row execute function keep_user_words();
--> statement-breakpoint

insert into user_words (word, user_id)
  select t, u.id from users u, unnest(to_words(concat_ws(' ', u.username, u.name, u.first_name, u.last_name))) t
   where u.deactivated_at is null;
--> statement-breakpoint

-- The people who for each typed word have one that begins with it, by their least word that begins with the rarest typed
-- one (of those that are common, the longest); p_after_word and p_after are where the page before ended, null on the
-- first. Answers {"ids": [uuid], "next": [word, uuid] or null}. Bounded in work as in rows: after p_max_walked rows of the
-- index the page ends, full or not, and `next` goes on there. The index is walked in order and only as far as the page
-- needs: what is looked up for each row are scalar subqueries, which no plan turns into a join that reads everything first.
create function search_people(p_text text, p_after_word text, p_after uuid, p_limit int, p_max_walked int)
  returns jsonb language plpgsql stable set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_typed text[] := to_words(p_text); v_prefix text; v_ids uuid[]; v_words text[]; v_last_word text; v_last uuid;
begin
  -- Another page goes on with the word that the one before went by.
  select t into v_prefix from unnest(v_typed) t where starts_with(p_after_word, t) order by length(t) desc limit 1;
  if v_prefix is null then
    select t into v_prefix from unnest(v_typed) t
     order by case when cardinality(v_typed) > 1 then (select count(*) from (
         select from user_words where word collate "C" >= t and word collate "C" < t || chr(1114111) limit 500) w) end,
       length(t) desc, t collate "C" limit 1;
  end if;
  if v_prefix is null then return '{"ids": [], "next": null}'; end if;
  v_typed := array_remove(v_typed, v_prefix);
  if p_after_word is null or p_after_word collate "C" < v_prefix then
    p_after_word := v_prefix;
    p_after := null;
  end if;
  select array_agg(f.user_id), array_agg(f.word) into v_ids, v_words from (
    select w.user_id, w.word from (
      -- One lower bound: of two, the scan may begin at the farther.
      select user_id, word from user_words
       where (word collate "C", user_id) >= (p_after_word, coalesce(p_after, '00000000-0000-0000-0000-000000000000'))
         and word collate "C" < v_prefix || chr(1114111) and (word <> p_after_word or user_id is distinct from p_after)
       order by word collate "C", user_id limit p_max_walked) w
     -- A person stands once in the list: at the least of the words that match.
     where (select true from user_words o where o.user_id = w.user_id and o.word collate "C" < w.word
         and starts_with(o.word, v_prefix) limit 1) is null
       and (select true from unnest(v_typed) t where (select true from user_words o where o.user_id = w.user_id
         and starts_with(o.word, t) limit 1) is null limit 1) is null
     limit p_limit) f;
  if cardinality(v_ids) = p_limit then
    v_last_word := v_words[p_limit];
    v_last := v_ids[p_limit];
  else
    select word, user_id into v_last_word, v_last from user_words
     where (word collate "C", user_id) >= (p_after_word, coalesce(p_after, '00000000-0000-0000-0000-000000000000'))
       and word collate "C" < v_prefix || chr(1114111) and (word <> p_after_word or user_id is distinct from p_after)
     order by word collate "C", user_id offset p_max_walked - 1 limit 1;
  end if;
  return jsonb_build_object('ids', to_jsonb(coalesce(v_ids, '{}')),
    'next', case when v_last is not null then jsonb_build_array(v_last_word, v_last) end);
end $$;
--> statement-breakpoint

-- Where a person's or group's picture is, in one of its sizes; null without a picture.
create function avatar_url(p_avatar text, p_pixels int) returns text
  language sql immutable strict parallel safe
  return '/media/' || p_avatar || '-' || p_pixels || '.webp';
--> statement-breakpoint

-- Whether either of two people has blocked the other.
create function is_blocked(p_one uuid, p_other uuid) returns boolean
  language sql stable strict parallel safe
  return exists (select from blocks where user_id = p_one and blocked_id = p_other)
    or exists (select from blocks where user_id = p_other and blocked_id = p_one);
--> statement-breakpoint

-- A person as they see themselves.
create function own_profile(p_user uuid) returns jsonb language sql stable
  return (select jsonb_build_object('id', id, 'name', name, 'username', username, 'first_name', first_name, 'last_name', last_name,
      'about', about, 'email', email, 'phone', phone, 'language', language, 'avatar_url', avatar_url(avatar, 256),
      'avatar_small_url', avatar_url(avatar, 64), 'created_at', instant(created_at))
    from users where id = p_user);
--> statement-breakpoint

-- The sessions of a person that ended within the last minute: a call whose first answer was lost answers them again.
create function ended_lately(p_user uuid) returns jsonb language sql stable
  return (select coalesce(jsonb_agg(id), '[]') from sessions
    where user_id = p_user and revoked_at > statement_timestamp() - interval '1 minute');
--> statement-breakpoint

-- Why a person may not change what needs their password, or null. The caller holds the person's lock, taken in a statement
-- before; p_proved_by is the hash that the password was proved against.
create function refuse_unproved(p_session uuid, p_user uuid, p_proved_by text) returns jsonb language sql stable
  return case when not session_is_live(p_session, p_user) then '{"status": "revoked"}'::jsonb
    when (select password_hash from users where id = p_user) is distinct from p_proved_by then '{"status": "disproved"}'::jsonb end;
--> statement-breakpoint

-- Changes what p_change names of a person: keys are columns, null removes. Where p_needs_proof, a change of an identifier
-- or of the password is refused unless p_proved_by is the present hash. A changed password ends every other session and
-- every link for a new one. Answers {"status": "ok", "profile", "ended": [session]} or revoked, unproved, disproved,
-- identifier_needed; raises unique_violation for a taken identifier. Made twice it does no harm: a hash has salt, so who
-- finds the new one in place has set it.
create function update_profile(
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
    password_hash = coalesce(p_password_hash, v_old.password_hash) where id = p_user;
  if p_password_hash is not null then
    update sessions set revoked_at = clock_timestamp() where user_id = p_user and id <> p_session and revoked_at is null;
    update one_time_tokens set used_at = clock_timestamp() where user_id = p_user and purpose = 'password_reset' and used_at is null;
  end if;
  return jsonb_build_object('status', 'ok', 'profile', own_profile(p_user), 'ended', ended_lately(p_user) - p_session::text);
end $$;
--> statement-breakpoint

-- Deactivates the person who asks for it. Answers {"status": "ok", "ended": [session]} or revoked, disproved; once more
-- when it was done already.
create function deactivate_oneself(p_session uuid, p_user uuid, p_proved_by text) returns jsonb language plpgsql as $$
declare
  v_refusal jsonb;
begin
  perform from users where id = p_user for no key update;
  if (select deactivated_at is null from users where id = p_user) then
    v_refusal := refuse_unproved(p_session, p_user, p_proved_by);
    if v_refusal is not null then return v_refusal; end if;
    perform deactivate_user(p_user);
  end if;
  return jsonb_build_object('status', 'ok', 'ended', ended_lately(p_user));
end $$;
--> statement-breakpoint

-- Takes a member out of a group whose lock the caller holds, taken in a statement before. From an owner the oldest admin
-- inherits, else the oldest member, those who are active first, with a version of its own after that of the leaving.
-- Answers the version of the leaving and the heir or null.
create function leave_group(p_chat uuid, p_user uuid, out version bigint, out heir uuid) language plpgsql as $$
declare
  v_chat chats; v_role member_role;
begin
  select * into v_chat from chats where id = p_chat;
  select role into v_role from memberships where chat_id = p_chat and user_id = p_user;
  version := v_chat.version + 1;
  update memberships set left_seq = v_chat.last_seq, role = 'member', version = leave_group.version, tx = pg_current_xact_id()
   where chat_id = p_chat and user_id = p_user;
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

-- Deletes the account of the person who asks for it. What they wrote stays, under a name that says so; identifiers, names,
-- picture and password go, sessions end, every group is left, direct chats stay. Answers {"status": "ok", "ended":
-- [session], "avatar": the picture that went, "chats": [[chat, version]]}, the groups that were ever left, or revoked,
-- disproved; once more when it was done already.
create function delete_user(p_session uuid, p_user uuid, p_proved_by text) returns jsonb language plpgsql as $$
declare
  v_refusal jsonb; v_chat record; v_avatar text;
begin
  perform from users where id = p_user for no key update;
  select avatar into v_avatar from users where id = p_user;
  if (select deleted_at is null from users where id = p_user) then
    v_refusal := refuse_unproved(p_session, p_user, p_proved_by);
    if v_refusal is not null then return v_refusal; end if;
    perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
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

-- Blocks a person, or lifts it. Both are locked, as they are when their chat is made, then the chat: whatever is sent to it
-- waits for this or is waited for. Answers ok, revoked or no_user.
create function set_block(p_session uuid, p_user uuid, p_other uuid, p_block boolean) returns text language plpgsql as $$
declare
  v_chat uuid;
begin
  perform from users where id in (p_user, p_other) order by id for no key update;
  if not session_is_live(p_session, p_user) then return 'revoked'; end if;
  if not exists (select from users where id = p_other) then return 'no_user'; end if;
  select id into v_chat from chats where direct_key = least(p_user, p_other) || ':' || greatest(p_user, p_other) for no key update;
  if p_block then
    insert into blocks (user_id, blocked_id) values (p_user, p_other) on conflict do nothing;
  else
    delete from blocks where user_id = p_user and blocked_id = p_other;
  end if;
  update chats set blocked = is_blocked(p_user, p_other), tx = pg_current_xact_id()
   where id = v_chat and blocked <> is_blocked(p_user, p_other);
  return 'ok';
end $$;
--> statement-breakpoint

-- Keeps a report of a person, or of a message of theirs that the reporter can see, with its text. At most p_max_per_day by
-- one reporter within a day (null: no bound). Answers {"status": "ok", "created_at"} or revoked, no_user, no_message,
-- {"status": "too_many", "after_ms"}; the same twice for one p_id.
create function store_report(
  p_id uuid, p_session uuid, p_reporter uuid, p_user uuid, p_message uuid, p_reason text, p_max_per_day int
) returns jsonb language plpgsql as $$
declare
  v_message messages; v_earliest timestamptz; v_created timestamptz;
begin
  perform from users where id = p_reporter for no key update;
  if not session_is_live(p_session, p_reporter) then return '{"status": "revoked"}'; end if;
  select created_at into v_created from reports where id = p_id;
  if found then return jsonb_build_object('status', 'ok', 'created_at', instant(v_created)); end if;
  if not exists (select from users where id = p_user) then return '{"status": "no_user"}'; end if;
  select r.created_at into v_earliest from reports r
   where r.reporter_id = p_reporter and r.created_at > statement_timestamp() - interval '1 day'
   order by r.created_at desc offset p_max_per_day - 1 limit 1;
  if p_max_per_day is not null and v_earliest is not null then
    return jsonb_build_object('status', 'too_many',
      'after_ms', ceil(extract(epoch from v_earliest + interval '1 day' - statement_timestamp()) * 1000));
  end if;
  if p_message is not null then
    select m.* into v_message from messages m
      join memberships s on s.chat_id = m.chat_id and s.user_id = p_reporter
      left join groups g on g.chat_id = m.chat_id
     where m.id = p_message and m.sender_id = p_user and m.deleted_at is null and m.seq <= coalesce(s.left_seq, m.seq)
       and (g.history is distinct from 'since_joined' or m.seq > s.joined_seq);
    if not found then return '{"status": "no_message"}'; end if;
  end if;
  insert into reports (id, reporter_id, user_id, chat_id, message_id, message_text, reason)
    values (p_id, p_reporter, p_user, v_message.chat_id, v_message.id, v_message.text, p_reason) returning created_at into v_created;
  return jsonb_build_object('status', 'ok', 'created_at', instant(v_created));
end $$;
--> statement-breakpoint

-- Bans a person: deactivated until the ban is lifted. Why is kept as a closed report of theirs about themselves, which
-- nobody else makes. Answers the ended sessions.
create function ban_user(p_user uuid, p_reason text) returns uuid[] language plpgsql as $$
declare
  v_ended uuid[] := deactivate_user(p_user);
begin
  update users set banned_at = coalesce(banned_at, clock_timestamp()) where id = p_user;
  if p_reason is not null then
    insert into reports (id, reporter_id, user_id, reason, closed_at)
      values (gen_random_uuid(), p_user, p_user, p_reason, clock_timestamp());
  end if;
  return v_ended;
end $$;
--> statement-breakpoint

drop function activate_user(uuid);
--> statement-breakpoint

-- Lets a deactivated person log in again; a banned one only where p_unban, and then nobody else. What was seen by all
-- without them stays so. Answers ok, banned, not_banned or deleted.
create function activate_user(p_user uuid, p_unban boolean default false) returns text language plpgsql as $$
declare
  v_user users;
begin
  perform from users where id = p_user for no key update;
  select * into v_user from users where id = p_user;
  if v_user.deleted_at is not null then return 'deleted'; end if;
  if p_unban <> (v_user.banned_at is not null) then return case when p_unban then 'not_banned' else 'banned' end; end if;
  perform from chats where id in (select chat_id from memberships where user_id = p_user) order by id for no key update;
  update memberships m set read_seq = greatest(m.read_seq, c.seen_seq, c.behind_seen_seq), tx = pg_current_xact_id()
    from chats c where m.user_id = p_user and m.left_seq is null and c.id = m.chat_id;
  update users set deactivated_at = null, banned_at = null where id = p_user;
  return 'ok';
end $$;
