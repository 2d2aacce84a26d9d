import type { Sql } from '../../../src/server/db/client.ts';

/**
 * The last step: people, chats, groups and memberships, and with them all that was stored before, become visible in one
 * call, of which servers are told for people who may be online. It is a function, so that a connection that breaks in the middle can never leave half of it. The staging tables
 * are empty after a restart of PostgreSQL; a call on another backend than the one that filled them is therefore refused.
 *
 * Which chat is direct is decided here, in the snapshot that inserts: the pair may have got a chat meanwhile.
 */
export async function createPublish(sql: Sql): Promise<void> {
  await sql.unsafe(`
create function loading.publish(p_backend int) returns void language plpgsql as $$
begin
  if pg_backend_pid() <> p_backend then raise exception 'the connection to the database was lost while loading'; end if;
  set local synchronous_commit = on;
  insert into users (id, email, name, password_hash)
    select id, email, name, password_hash from loading.users s where not exists (select from users u where u.id = s.id);

  create temporary table placed_chats on commit drop as
  select ord, id, name, group_id, last_seq,
    case when is_direct and row_number() over (partition by is_direct, pair order by ord) = 1
          and not exists (select from chats c where c.direct_key = pair) then pair end as direct_key
  from (
    select c.ord, c.id, c.name, c.group_id, p.last_seq, m.pair,
      c.type = 0 and m.members = 2 and not exists (select from loading.groups g where g.chat_id = c.id) as is_direct
    from loading.pending_chats p join loading.chats c on c.id = p.id
    left join lateral (
      select count(*) as members, min(user_id::text collate "C") || ':' || max(user_id::text collate "C") as pair
        from loading.chat_members m where m.chat_id = c.id) m on true
  ) judged;

  insert into chats (id, type, direct_key, last_seq, version, members_version)
    select id, case when direct_key is null then 'group' else 'direct' end::chat_type, direct_key, last_seq, last_seq + 1, 1
    from placed_chats;

  insert into groups (id, chat_id, name, creator_id, version)
    select coalesce(g.id, c.group_id), c.id, coalesce(g.name, c.name), g.creator_id, 1
    from placed_chats c left join loading.groups g on g.chat_id = c.id where c.direct_key is null;

  insert into memberships (chat_id, user_id, role, delivered_seq, read_seq, version, joined_version)
    select m.chat_id, m.user_id,
      case when c.direct_key is null and row_number() over (
        partition by m.chat_id order by m.user_id is distinct from g.creator_id, m.ord) = 1
      then 'owner' else 'member' end::member_role, r.read_seq, r.read_seq, 1, 1
    from placed_chats c join loading.chat_members m on m.chat_id = c.id
    join loading.positions r on r.chat_id = m.chat_id and r.user_id = m.user_id
    left join loading.groups g on g.chat_id = c.id;

  perform advance_seen(id, 0) from placed_chats;

  perform pg_notify('messenger', json_build_object('loaded', json_agg(user_id))::text) from (
    select user_id, row_number() over () / 100 as part from (
      select distinct m.user_id from placed_chats c join loading.chat_members m on m.chat_id = c.id
       where exists (select from sessions s where s.user_id = m.user_id and s.revoked_at is null)) online) parts
   group by part;
end $$`);
}

const uniqueViolation = '23505';
const tries = 3;

/** Makes the load visible. A direct chat or address that somebody took at this very moment is looked at once more. */
export async function publish(sql: Sql, backend: number): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await sql`select loading.publish(${backend})`;
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== uniqueViolation || tried === tries) throw error;
    }
  }
}
