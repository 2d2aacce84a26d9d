/**
 * Where a client stands: `<epoch>.<xid>`, of constant size. The xid is the oldest transaction that was under way when the
 * token was made; whatever such a transaction or a later one changes has its number or a greater one in `tx`. The newest
 * number seen would be wrong: an older transaction may commit after it.
 *
 * The epoch is another one when the database was restored: numbers of another life say nothing.
 */
import { ProtocolError } from '../../protocol/errors.ts';
import type { Sql } from './client.ts';

export interface ResumeToken {
  epoch: string;
  /** A transaction id as text: it may be more than JavaScript counts exactly. */
  xid: string;
}

/** Throws `resume_not_possible` for what is no token. */
export function readResumeToken(text: string): ResumeToken {
  const [, epoch, xid] = /^([0-9a-f]{12})\.(\d{1,19})$/.exec(text) ?? [];
  if (epoch === undefined || xid === undefined) throw new ProtocolError('resume_not_possible');
  return { epoch, xid };
}

export const toResumeToken = ({ epoch, xid }: ResumeToken): string => `${epoch}.${xid}`;

/** The epoch of the database as text, in a statement on the primary. */
const epochIn = (sql: Sql) => sql`
  left(md5(concat_ws(' ', (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8), (select oid from pg_database where datname = current_database()),
    pg_relation_filenode('chats'))), 12)`;

/** The oldest transaction that is under way in the snapshot that a statement sees. */
export const xidIn = (sql: Sql) => sql`pg_snapshot_xmin(pg_current_snapshot())`;

/** The token of that snapshot. */
export const tokenIn = (sql: Sql) => sql`${epochIn(sql)} || '.' || ${xidIn(sql)}`;

/** Whether a token is of this life of the database, and not from its future. */
export const isPossible = (sql: Sql, { epoch, xid }: ResumeToken) =>
  sql`(${epochIn(sql)} = ${epoch} and ${xidIn(sql)} >= ${xid}::text::xid8)`;
