-- Sessions and passwords: each function locks the person first and looks in a statement after that, so a login that was
-- proved by the old password and a change of the password cannot pass each other unseen.

-- Begins a session for a login that was proved by the hash p_proved_by. Of more than p_max_devices devices the longest
-- unused end (null: no bound). Answers those that ended; null when the password has changed since or the account is
-- deactivated, and then nothing was stored.
create function open_session(
  p_id uuid, p_user uuid, p_proved_by text, p_kind session_kind, p_refresh_hash bytea, p_user_agent text, p_ip text,
  p_life interval, p_max_devices int
) returns uuid[] language plpgsql as $$
declare
  v_ended uuid[] := '{}';
begin
  perform from users where id = p_user for no key update;
  perform from users where id = p_user and password_hash = p_proved_by and deactivated_at is null;
  if not found then return null; end if;
  if p_kind = 'device' and p_max_devices is not null then
    with ended as (
      update sessions set revoked_at = clock_timestamp()
       where id in (select id from sessions
                     where user_id = p_user and kind = 'device' and revoked_at is null and expires_at > clock_timestamp()
                     order by last_used_at desc, id desc offset p_max_devices - 1)
      returning id)
    select coalesce(array_agg(id), '{}') into v_ended from ended;
  end if;
  insert into sessions (id, user_id, kind, refresh_hash, user_agent, ip, created_at, last_used_at, expires_at)
  values (p_id, p_user, p_kind, p_refresh_hash, p_user_agent, p_ip, clock_timestamp(), clock_timestamp(), clock_timestamp() + p_life);
  return v_ended;
end $$;
--> statement-breakpoint

-- Ends all sessions of a person. Answers those that ended.
create function end_sessions(p_user uuid) returns uuid[] language plpgsql as $$
declare
  v_ended uuid[];
begin
  perform from users where id = p_user for no key update;
  with ended as (update sessions set revoked_at = clock_timestamp() where user_id = p_user and revoked_at is null returning id)
  select coalesce(array_agg(id), '{}') into v_ended from ended;
  return v_ended;
end $$;
--> statement-breakpoint

-- Uses a reset link up: sets the password, ends every session and every other link of the person. Answers the sessions
-- that ended; null when the link does not work.
create function redeem_password_reset(p_token_hash bytea, p_password_hash text) returns uuid[] language plpgsql as $$
declare
  v_user uuid;
begin
  select user_id into v_user from one_time_tokens where hash = p_token_hash and purpose = 'password_reset';
  perform from users where id = v_user for no key update;
  perform from one_time_tokens where hash = p_token_hash and used_at is null and expires_at > clock_timestamp();
  if v_user is null or not found then return null; end if;
  update one_time_tokens set used_at = clock_timestamp() where user_id = v_user and purpose = 'password_reset' and used_at is null;
  update users set password_hash = p_password_hash where id = v_user;
  return end_sessions(v_user);
end $$;
