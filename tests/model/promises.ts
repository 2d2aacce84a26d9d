/** What people were told must be true: acks, deletions, values that they set. */
import type postgres from 'postgres';
import type { SendIntent } from './intents.ts';
import { placeOf } from './scene.ts';
import type { World } from './world.ts';

interface StoredRow {
  client_id: string;
  sender_id: string;
  chat_id: string;
  id: string;
  seq: number;
  text: string;
  deleted: boolean;
}

const findStored = (sql: postgres.Sql, clientIds: string[]): Promise<StoredRow[]> => sql<StoredRow[]>`
  select client_id, sender_id, chat_id, id, seq::float8 as seq, text, deleted_at is not null as deleted
    from messages where client_id = any (${clientIds}::uuid[])`;

/** Looks at what was done since the last time. */
export async function findPromiseBreaches(world: World): Promise<string[]> {
  const { sql, intents } = world;
  const sends = intents.takeSends();
  const stored = new Map<string, StoredRow[]>();
  for (const row of await findStored(
    sql,
    sends.map(({ clientId }) => clientId),
  ))
    stored.set(row.client_id, [...(stored.get(row.client_id) ?? []), row]);
  return [
    ...sends.flatMap((intent) => [...checkSend(world, intent, stored.get(intent.clientId) ?? [])]),
    ...checkOrder(world, stored),
    ...(await checkOrigins(world)),
    ...(await checkDeleted(world)),
    ...(await checkRegisters(world)),
  ];
}

function* checkSend({ intents }: World, intent: SendIntent, rows: StoredRow[]): Generator<string> {
  const { clientId, chatId, phone, ack, text } = intent;
  const [row] = rows;
  if (rows.length > 1) yield `${clientId} of ${phone} is stored ${rows.length} times in ${chatId}`;
  if (!row && ack) yield `${clientId} of ${phone} was acknowledged as ${ack.seq} and is not stored in ${chatId}`;
  if (!ack && !intent.isLost) yield `${clientId} of ${phone} was never acknowledged nor refused in ${chatId}`;
  if (!row) return;
  if (ack && (row.id !== ack.id || row.seq !== ack.seq))
    yield `${clientId} of ${phone} was acknowledged as ${ack.seq} and is stored as ${row.seq} of ${chatId}`;
  const texts = [text, ...(intents.edits.get(placeOf(chatId, row.seq)) ?? [])];
  if (!row.deleted && text !== undefined && !texts.includes(row.text))
    yield `${clientId} of ${phone} is stored with the text ${JSON.stringify(row.text)} in ${chatId}`;
}

/** What one client sent to one chat stands there in the order in which it sent it. */
function* checkOrder({ phones }: World, stored: Map<string, StoredRow[]>): Generator<string> {
  for (const phone of phones) {
    const lastSeqs = new Map<string, number>();
    for (const clientId of phone.order.splice(0)) {
      const [row] = stored.get(clientId) ?? [];
      if (!row) continue;
      const last = lastSeqs.get(row.chat_id) ?? 0;
      if (row.seq < last)
        yield `${clientId} of ${phone.name} stands before what was sent earlier, at ${row.seq} of ${row.chat_id}`;
      lastSeqs.set(row.chat_id, Math.max(last, row.seq));
    }
  }
}

/** Nothing is stored that nobody sent; of what was stored since the last time. */
async function checkOrigins({ sql, intents, trace, checkedSeqs }: World): Promise<string[]> {
  const rows = await sql<{ client_id: string; chat_id: string; seq: number }[]>`
    select m.client_id, m.chat_id, m.seq::float8 as seq
      from chats c left join unnest(${[...checkedSeqs.keys()]}::uuid[], ${[...checkedSeqs.values()]}::bigint[]) as f (id, seq) using (id)
      join messages m on m.chat_id = c.id and m.seq > coalesce(f.seq, 0) where c.deleted_at is null order by m.seq`;
  for (const { chat_id: chatId, seq } of rows) checkedSeqs.set(chatId, seq);
  return rows
    .filter(({ client_id: id }) => !intents.sends.has(id) && !trace.intents.has(id))
    .map((row) => `message ${row.seq} is stored and nobody sent it, as ${row.client_id} in ${row.chat_id}`);
}

async function checkDeleted({ sql, intents }: World): Promise<string[]> {
  const places = [...intents.deleted].map((place) => place.split(' ') as [string, string]);
  intents.deleted.clear();
  const rows = await sql<{ chat_id: string; seq: number }[]>`
    select m.chat_id, m.seq from unnest(${places.map(([id]) => id)}::uuid[], ${places.map(([, seq]) => Number(seq))}::bigint[]) as p (chat_id, seq)
      join messages m on m.chat_id = p.chat_id and m.seq = p.seq where m.deleted_at is null or m.text <> ''`;
  return rows.map((row) => `message ${row.seq} was deleted and still stands in ${row.chat_id}`);
}

const columns: Record<string, string> = { mutedUntil: 'muted', archived: 'archived', pinned: 'pinned' };

/** Reactions, drafts and settings whose last change was acknowledged and alone. */
async function checkRegisters({ sql, intents }: World): Promise<string[]> {
  const known = intents.registers.takeKnown().map(([key, value]) => ({ key, value, parts: key.split(' ') }));
  const breaches: string[] = [];
  for (const { key, value, parts } of known) {
    const is = await readRegister(sql, parts);
    if (is !== undefined && is !== value)
      breaches.push(`${key} was set to ${String(value)} and is ${JSON.stringify(is)}`);
  }
  return breaches;
}

/** Undefined: it cannot be known, as of a deleted message. */
async function readRegister(sql: postgres.Sql, [kind, chatId, ...rest]: string[]): Promise<unknown> {
  if (kind === 'reaction') {
    const [seq, userId, emoji] = rest as [string, string, string];
    const [row] = await sql<{ on: boolean }[]>`
      select exists (select from reactions r where r.chat_id = m.chat_id and r.seq = m.seq and r.user_id = ${userId}
        and r.emoji = ${emoji}) as on from messages m where m.chat_id = ${chatId!} and m.seq = ${seq} and m.deleted_at is null`;
    return row?.on;
  }
  const [row] = await sql<Record<string, unknown>[]>`
    select archived_at is not null as archived, pinned_at is not null as pinned, d.text as draft,
        case when muted_until = 'infinity' then 'forever' else instant(muted_until) end as muted
      from memberships s left join drafts d using (chat_id, user_id)
     where s.chat_id = ${chatId!} and s.user_id = ${rest[0]!} and s.left_seq is null`;
  if (!row) return undefined;
  if (kind === 'draft') return row['draft'];
  const value = row[columns[kind!]!];
  // As its setter wrote it.
  return value === '2100-01-01T00:00:00.000000Z' ? '2100-01-01T00:00:00Z' : value;
}

/** What plain clients were told: every ack is of a stored message, and what a socket hears comes in order. */
export async function findPlainBreaches({ sql, trace }: World): Promise<string[]> {
  const replies = trace.sockets.flatMap(({ device, replies: own }) =>
    own.splice(0).map((reply) => ({ device, ...reply })),
  );
  const stored = new Map<string, StoredRow>();
  const breaches: string[] = trace.surprises.splice(0).map((surprise) => `unexpected: ${surprise}`);
  for (const row of await findStored(
    sql,
    replies.map(({ clientId }) => clientId),
  )) {
    if (stored.has(row.client_id)) breaches.push(`${row.client_id} is stored twice in ${row.chat_id}`);
    stored.set(row.client_id, row);
  }
  for (const { device, clientId, id, seq } of replies) {
    const row = stored.get(clientId);
    if (id !== undefined && (row?.id !== id || row.seq !== seq))
      breaches.push(`${clientId} was acknowledged to ${device} as ${seq} and is stored as ${row?.seq}`);
  }
  for (const { device, live } of trace.sockets) {
    const lastSeqs = new Map<string, number>();
    for (const { chatId, seq } of live.splice(0)) {
      const last = lastSeqs.get(chatId) ?? 0;
      if (seq <= last) breaches.push(`${device} heard ${seq} after ${last} of ${chatId}`);
      lastSeqs.set(chatId, seq);
    }
  }
  return breaches;
}
