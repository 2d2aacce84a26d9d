import type { Sql } from '../../../src/server/db/client.ts';
import { openClient } from '../open-client.ts';
import { sliceColumns, type Check, type CheckedTable, type Finding } from './check.ts';
import { chatChecks, userChecks } from './checks.ts';
import { findMissingConstraints } from './constraints.ts';

interface Slice {
  /** Exclusive. */
  from: string;
  /** Inclusive. */
  to: string;
}

/** A slice ends with the chat that fills it, so a statement's work is bounded by this or by the largest chat. */
const messagesPerSlice = 50_000;
const idsPerPage = 5_000;
const statementMs = 120_000;
const subjectsShown = 10;
const lowest = '00000000-0000-0000-0000-000000000000';
const highest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Compares a database with what must always be true of it, while servers may be working on it. Reads only, in
 * statements of bounded size, each true in a snapshot of its own. `progress` is told how many slices are done.
 */
export async function examine(
  url: string,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Finding[]> {
  const settings = { statement_timeout: statementMs, default_transaction_read_only: 'on' };
  const sql = openClient(url, { application_name: 'messenger doctor', ...settings });
  try {
    const [state] = await sql<
      { loading: boolean }[]
    >`select to_regclass('loading.pending_chats') is not null as loading`;
    const hasLoad = state?.loading ?? false;
    const work = [
      { checks: chatChecks, slices: await listSlices(sql, 'chats', 'last_seq + 1') },
      { checks: userChecks, slices: await listSlices(sql, 'users', '1') },
    ];
    const total = work.reduce((sum, { slices }) => sum + slices.length, 0);
    const findings: Finding[] = [await findMissingConstraints(sql)];
    let done = 0;
    for (const { checks, slices } of work) {
      const found = checks.map((check) => toEmptyFinding(check, hasLoad));
      for (const slice of slices) {
        await examineSlice(sql, { checks, found, slice });
        progress(++done, total);
      }
      findings.push(...found);
    }
    return findings;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const toEmptyFinding = ({ name, table, isNote, isLeftByLoads }: Check, hasLoad: boolean): Finding => ({
  name,
  looked: 0,
  of: table,
  defects: 0,
  subjects: [],
  isNote: isNote === true || (isLeftByLoads === true && hasLoad),
});

interface SliceWork {
  checks: Check[];
  /** One for each check; is added to. */
  found: Finding[];
  slice: Slice;
}

async function examineSlice(sql: Sql, { checks, found, slice: { from, to } }: SliceWork): Promise<void> {
  const counts = new Map<CheckedTable, number>();
  for (const table of new Set(checks.map((check) => check.table))) {
    const column = sliceColumns[table];
    const [row] = await sql.unsafe<{ count: number }[]>(
      `select count(*)::int as count from ${table} where ${column} > $1 and ${column} <= $2`,
      [from, to],
    );
    counts.set(table, row?.count ?? 0);
  }
  for (const [i, check] of checks.entries()) {
    const finding = found[i]!;
    finding.looked += counts.get(check.table) ?? 0;
    const rows = await sql.unsafe<{ subject: string; total: number }[]>(
      `select subject, count(*) over ()::int as total from (${check.find}) found limit ${subjectsShown}`,
      [from, to],
    );
    finding.defects += rows[0]?.total ?? 0;
    finding.subjects.push(...rows.map((row) => row.subject).slice(0, subjectsShown - finding.subjects.length));
  }
}

/** Cuts the whole range of ids, also where nothing is, so that rows of what does not exist are seen too. */
async function listSlices(sql: Sql, table: 'chats' | 'users', weight: string): Promise<Slice[]> {
  const slices: Slice[] = [];
  let from = lowest;
  let last = lowest;
  let filled = 0;
  for (;;) {
    const page = await sql.unsafe<{ id: string; weight: number }[]>(
      `select id, (${weight})::float8 as weight from ${table} where id > $1 order by id limit ${idsPerPage}`,
      [last],
    );
    for (const row of page) {
      filled += row.weight;
      last = row.id;
      if (filled < messagesPerSlice) continue;
      slices.push({ from, to: last });
      from = last;
      filled = 0;
    }
    if (page.length < idsPerPage) return [...slices, { from, to: highest }];
  }
}
