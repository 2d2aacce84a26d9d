import { limits } from '../../protocol/limits.ts';
import { toUuid } from '../../protocol/ids.ts';
import type { Sql } from '../db/client.ts';
import { channel } from '../realtime/bus.ts';
import { createOneTimeToken } from './one-time-tokens.ts';
import { toIdentifier } from './queries.ts';

// What only the operator of a server may do to accounts, from the command line. Servers that are up hear of ended sessions
// over the database.

/** Keeps a notification below the 8,000 bytes that PostgreSQL takes. */
const maxIdsPerNotification = 100;

/** An account as the operator sees it. */
export interface AccountRow {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  username: string | null;
  state: 'active' | 'deactivated' | 'banned' | 'deleted';
  createdAt: string;
}

const pageRows = 500;

const columns = (sql: Sql) => sql`
  id, name, email, phone, username,
  case when deleted_at is not null then 'deleted' when banned_at is not null then 'banned'
    when deactivated_at is not null then 'deactivated' else 'active' end as state,
  instant(created_at) as "createdAt"`;

/** All accounts, in the order of their ids. */
export async function* listAccounts(sql: Sql): AsyncGenerator<AccountRow> {
  for (let after: string | null = null; ;) {
    const rows: AccountRow[] = await sql<AccountRow[]>`
      select ${columns(sql)} from users where ${after}::uuid is null or id > ${after}::uuid order by id limit ${pageRows}`;
    yield* rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1)?.id ?? null;
  }
}

/** The account with this id, e-mail address, phone number or username. */
export async function findAccount(sql: Sql, text: string): Promise<AccountRow | undefined> {
  const id = toUuid(text);
  const { kind, value } = toIdentifier(text);
  const condition = id === undefined ? sql`lower(${sql(kind)}) = lower(${value})` : sql`id = ${id}`;
  const [account] = await sql<AccountRow[]>`select ${columns(sql)} from users where ${condition} limit 1`;
  return account;
}

/** Makes a link's token for a new password and ends the person's sessions; answers how many ended. */
export async function startPasswordReset(sql: Sql, userId: string): Promise<{ token: string; ended: number }> {
  const { text: token, hash } = createOneTimeToken();
  await sql`
    insert into one_time_tokens (hash, purpose, user_id, expires_at)
    values (${hash}, 'password_reset', ${userId}, now() + make_interval(hours => ${limits.tokens.oneTimeLinkHours}))`;
  const [row] = await sql<{ ended: string[] }[]>`select end_sessions(${userId}) as ended`;
  return { token, ended: await tellNodes(sql, row?.ended ?? []) };
}

/** Makes a code that one person may register with. */
export async function createInvite(sql: Sql): Promise<string> {
  const { text, hash } = createOneTimeToken();
  await sql`
    insert into one_time_tokens (hash, purpose, expires_at)
    values (${hash}, 'invite', now() + make_interval(days => ${limits.tokens.inviteDays}))`;
  return text;
}

/** Ends the person's sessions and refuses new ones; what they wrote stays. Answers how many sessions ended. */
export async function deactivateAccount(sql: Sql, userId: string): Promise<number> {
  const [row] = await sql<{ ended: string[] }[]>`select deactivate_user(${userId}) as ended`;
  return tellNodes(sql, row?.ended ?? []);
}

/** Deactivates a person until the ban is lifted; the reason is kept among the reports. Answers how many sessions ended. */
export async function banAccount(sql: Sql, userId: string, reason: string | undefined): Promise<number> {
  const [row] = await sql<{ ended: string[] }[]>`select ban_user(${userId}, ${reason ?? null}) as ended`;
  return tellNodes(sql, row?.ended ?? []);
}

/** Why an account was not activated. */
export type ActivationRefusal = 'banned' | 'not_banned' | 'deleted';

/** Lets a deactivated person log in again, a banned one only where `unban`; answers why not, undefined when it is done. */
export async function activateAccount(
  sql: Sql,
  userId: string,
  { unban = false }: { unban?: boolean } = {},
): Promise<ActivationRefusal | undefined> {
  const [row] = await sql<{ status: ActivationRefusal | 'ok' }[]>`select activate_user(${userId}, ${unban}) as status`;
  return row!.status === 'ok' ? undefined : row!.status;
}

async function tellNodes(sql: Sql, sessionIds: string[]): Promise<number> {
  for (let start = 0; start < sessionIds.length; start += maxIdsPerNotification) {
    const sessions = sessionIds.slice(start, start + maxIdsPerNotification);
    await sql`select pg_notify(${channel}, ${JSON.stringify({ sessions })})`;
  }
  return sessionIds.length;
}
