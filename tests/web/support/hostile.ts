/** A messenger whose every text would be a program, if a page took it for one; written straight into the database. */
import postgres from 'postgres';
import { createActors, createGroup, type Actor } from '../../support/cast.ts';
import type { TestServer } from '../../support/server.ts';
import { FullSpeaker } from '../../support/full-speaker.ts';
import { linesUpTo, payloads } from './payloads.ts';
import { openDirect } from './say.ts';

export interface HostileWorld {
  /** Who looks at it; owns the group, and writes every third message. */
  alice: Actor;
  /** The group with all texts and people. */
  chatId: string;
  /** Somebody of such a name who can log in, and their direct chat with Alice. */
  mallory: Actor;
  directId: string;
  /** The names of chats and people. */
  names: readonly string[];
  /** The people of the group but for Alice, in the order of their names. */
  people: readonly string[];
  /** Secrets of invites into groups with such names. */
  invites: readonly string[];
  /** How many messages the group has. */
  count: number;
}

const maxName = 255;
const maxAbout = 256;

export async function makeHostileWorld(server: TestServer): Promise<HostileWorld> {
  const names = linesUpTo(maxName);
  const [alice, mallory] = await createActors(server, 'Alice', 'Mallory');
  const { chatId } = await createGroup(server, [alice], names[0]);
  const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const people = await sql.begin(async (tx) => {
      await tx`update users set name = ${names[1]!} where id = ${mallory.id}`;
      const ids = await addPeople(tx, alice.id, names);
      await addMembers(tx, chatId, ids);
      await addMessages(tx, { chatId, aliceId: alice.id, people: ids });
      await addGroups(tx, { aliceId: alice.id, ownerId: ids[0]!, names });
      return ids;
    });
    await using hers = await FullSpeaker.logIn(server, alice);
    const invites = await sql<{ token: string }[]>`select token from chat_invites where chat_id <> ${chatId} limit 20`;
    return {
      alice,
      chatId,
      mallory: { ...mallory, name: names[1]! },
      directId: await openDirect(hers, mallory),
      names,
      people,
      invites: invites.map(({ token }) => token),
      count: payloads.length,
    };
  } finally {
    await sql.end();
  }
}

type Tx = postgres.TransactionSql;

/** More than the interface lets through: usernames too are what they may not be. */
async function addPeople(tx: Tx, aliceId: string, names: string[]): Promise<string[]> {
  const about = linesUpTo(maxAbout);
  await tx`update users set name = ${names[0]!}, about = ${about[0]!}, first_name = ${names[0]!} where id = ${aliceId}`;
  await tx`update sessions set user_agent = ${names[9]!} where user_id = ${aliceId}`;
  const rows = await tx<{ id: string }[]>`
    insert into users (id, name, username, first_name, about, email)
    select gen_random_uuid(), name, name || n, name, (${about}::text[])[1 + n % ${about.length}], 'person-' || n || '@example.com'
    from unnest(${names}::text[]) with ordinality as t (name, n) order by n returning id`;
  const ids = rows.map(({ id }) => id);
  await tx`insert into blocks (user_id, blocked_id) select ${aliceId}, unnest(${ids.slice(-20)}::uuid[])`;
  return ids;
}

async function addMembers(tx: Tx, chatId: string, people: string[]): Promise<void> {
  const [text] = payloads;
  await tx`
    insert into memberships (chat_id, user_id, version) select ${chatId}, unnest(${people}::uuid[]), c.version + 1
    from chats c where c.id = ${chatId}`;
  await tx`update groups set description = ${text!} where chat_id = ${chatId}`;
  await tx`update chats set version = version + 1, members_version = version + 1, tx = pg_current_xact_id() where id = ${chatId}`;
  await tx`
    insert into chat_invites (id, chat_id, token, title, creator_id)
    select gen_random_uuid(), ${chatId}, gen_random_uuid(), name, (${people}::uuid[])[1]
    from unnest(${linesUpTo(maxName)}::text[]) name`;
}

interface Talk {
  chatId: string;
  aliceId: string;
  people: string[];
}

/** Each text once: plain, edited, as a reply, forwarded or pinned by turns. */
async function addMessages(tx: Tx, { chatId, aliceId, people }: Talk): Promise<void> {
  const speakers = people.flatMap((id, at) => (at % 2 === 0 ? [aliceId, id] : [id]));
  await tx`
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text,
      reply_seq, edited_at, forwarded_sender_id, forwarded_sent_at, pinned_at)
    select c.id, n, gen_random_uuid(), (${speakers}::uuid[])[1 + n % ${speakers.length}], gen_random_uuid(), n, c.version + n,
      now() - (1000 - n) * interval '1 minute', now(), text, case when n % 5 = 1 and n > 1 then n - 1 end,
      case when n % 5 = 2 then now() end,
      case when n % 5 = 3 then (${people}::uuid[])[n] end, case when n % 5 = 3 then now() end,
      case when n % 5 = 4 then now() end
    from chats c, unnest(${[...payloads]}::text[]) with ordinality as t (text, n) where c.id = ${chatId}`;
  await tx`
    insert into message_edits (chat_id, seq, edit, text, written_at)
    select chat_id, seq, 1, text, sent_at from messages where chat_id = ${chatId} and edited_at is not null`;
  await tx`
    update chats set last_seq = ${payloads.length}, version = version + ${payloads.length}, tx = pg_current_xact_id()
    where id = ${chatId}`;
}

interface Groups {
  aliceId: string;
  ownerId: string;
  names: string[];
}

/** A group of each name, with a message, an invite and, in every second one, a draft. */
async function addGroups(tx: Tx, { aliceId, ownerId, names }: Groups): Promise<void> {
  await tx`
    with named as (select gen_random_uuid() as id, name, n from unnest(${names}::text[]) with ordinality as t (name, n)),
    made as (insert into chats (id, type, last_seq, version, members_version) select id, 'group', 1, 2, 1 from named),
    called as (insert into groups (id, chat_id, name, creator_id, version, description)
      select gen_random_uuid(), id, name, ${ownerId}, 1, name from named),
    joined as (insert into memberships (chat_id, user_id, role, version)
      select id, ${aliceId}::uuid, 'member'::member_role, 1 from named union all
      select id, ${ownerId}, 'owner', 1 from named),
    invited as (insert into chat_invites (id, chat_id, token, title, creator_id)
      select gen_random_uuid(), id, gen_random_uuid(), name, ${ownerId} from named),
    begun as (insert into drafts (chat_id, user_id, text, updated_at)
      select id, ${aliceId}, name, now() from named where n % 2 = 0)
    insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
    select id, 1, gen_random_uuid(), ${ownerId}, gen_random_uuid(), n, 2, now() - n * interval '1 minute', now(), name from named`;
}
