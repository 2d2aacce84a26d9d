import type { Sql } from '../db/client.ts';

// What the operator of a server does about reports, from the command line.

/** A report as the operator reads it. */
export interface ReportRow {
  id: string;
  createdAt: string;
  closedAt: string | null;
  /** Null for the reason that an operator gave for a ban. */
  reporter: string | null;
  person: string;
  personId: string;
  reason: string;
  messageId: string | null;
  /** As it was when it was reported. */
  messageText: string | null;
}

const pageRows = 100;

/** The open reports, or all, the oldest first. */
export async function* listReports(sql: Sql, { all = false } = {}): AsyncGenerator<ReportRow> {
  for (let after: ReportRow | undefined; ;) {
    const rows: ReportRow[] = await sql<ReportRow[]>`
      select r.id, instant(r.created_at) as "createdAt", instant(r.closed_at) as "closedAt", r.reason,
        case when r.reporter_id <> r.user_id then (select name from users where id = r.reporter_id) end as reporter,
        (select name from users where id = r.user_id) as person, r.user_id as "personId",
        r.message_id as "messageId", r.message_text as "messageText"
      from reports r
      where ${all ? sql`true` : sql`r.closed_at is null`} and
        ${after ? sql`(r.created_at, r.id) > (${after.createdAt}::text::timestamptz, ${after.id})` : sql`true`}
      order by r.created_at, r.id limit ${pageRows}`;
    yield* rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1);
  }
}

/** Closes a report; answers whether now or before, undefined when there is none. */
export async function closeReport(sql: Sql, id: string): Promise<'now' | 'before' | undefined> {
  const [row] = await sql<{ closedBefore: boolean }[]>`
    with before as (select id, closed_at from reports where id = ${id} for no key update)
    update reports r set closed_at = coalesce(r.closed_at, clock_timestamp()) from before where r.id = before.id
    returning before.closed_at is not null as "closedBefore"`;
  return row && (row.closedBefore ? 'before' : 'now');
}
