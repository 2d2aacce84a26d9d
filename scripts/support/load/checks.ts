import type { Sql } from '../../../src/server/db/client.ts';
import { DatasetError, type ArrayName } from '../dataset.ts';

/** What no record can tell of itself: `where` is true of a wrong row `r` of loading.<array>. */
interface Check {
  array: ArrayName;
  field: string;
  where: string;
  mistake: string;
}

const twice = (array: ArrayName, field: string, same: string): Check => ({
  array,
  field,
  where: `exists (select from loading.${array} o where ${same} and o.ord < r.ord)`,
  mistake: 'an earlier record of the file has the same',
});

const refers = (array: ArrayName, field: string, to: ArrayName): Check => ({
  array,
  field,
  where: `not exists (select from loading.${to} o where o.id = r.${field})`,
  mistake: `there is no such record in ${to}`,
});

const checks: Check[] = [
  twice('users', 'id', 'o.id = r.id'),
  twice('users', 'email', 'lower(o.email) = lower(r.email)'),
  {
    array: 'users',
    field: 'email',
    where: 'exists (select from users u where lower(u.email) = lower(r.email) and u.id <> r.id)',
    mistake: 'this address belongs to somebody else in the database',
  },
  twice('chats', 'id', 'o.id = r.id'),
  refers('chat_members', 'chat_id', 'chats'),
  refers('chat_members', 'user_id', 'users'),
  twice('chat_members', 'user_id', 'o.chat_id = r.chat_id and o.user_id = r.user_id'),
  twice('groups', 'id', 'o.id = r.id'),
  {
    array: 'groups',
    field: 'id',
    where: 'exists (select from groups g where g.id = r.id and g.chat_id <> r.chat_id)',
    mistake: 'the database has this group with another chat',
  },
  refers('groups', 'creator_id', 'users'),
  refers('groups', 'chat_id', 'chats'),
  twice('groups', 'chat_id', 'o.chat_id = r.chat_id'),
  refers('user_group', 'group_id', 'groups'),
  refers('user_group', 'user_id', 'users'),
  twice('messages', 'id', 'o.id = r.id'),
  refers('messages', 'sender_id', 'users'),
  refers('messages', 'chat_id', 'chats'),
  {
    array: 'messages',
    field: 'id',
    where: 'exists (select from messages m where m.id = r.id and m.chat_id <> r.chat_id)',
    mistake: 'the database has this message in another chat',
  },
  {
    array: 'messages',
    field: 'chat_id',
    where: `exists (select from chats c where c.id = r.chat_id)
            and not exists (select from messages m where m.id = r.id and m.chat_id = r.chat_id)`,
    mistake: 'the database has this chat already, without this message; an existing chat is not added to',
  },
  refers('message_seen_status', 'message_id', 'messages'),
  refers('message_seen_status', 'user_id', 'users'),
];

/** Rows a statement looks at, so that none takes long enough to hold up anything in the database. */
const rowsPerPage = 20_000;

/**
 * Compares the staged records with each other and with the database. Throws a DatasetError that names the first wrong
 * record of each kind. `onRows` is told how many rows have been looked at since it was last called.
 */
export async function checkStaged(
  sql: Sql,
  counts: Record<ArrayName, number>,
  onRows: (rows: number) => void,
): Promise<void> {
  const mistakes: string[] = [];
  for (const { array, field, where, mistake } of checks) {
    for (let from = 0; from < counts[array]; from += rowsPerPage) {
      const [wrong] = await sql.unsafe<{ ord: number; value: string }[]>(
        `select r.ord, r.${field} as value from loading.${array} r
          where r.ord >= $1 and r.ord < $2 and ${where} order by r.ord limit 1`,
        [from, from + rowsPerPage],
        { prepare: true },
      );
      onRows(Math.min(rowsPerPage, counts[array] - from));
      if (wrong === undefined) continue;
      mistakes.push(`${array}[${wrong.ord}].${field}: ${mistake} (${wrong.value})`);
      break;
    }
  }
  if (mistakes.length > 0) throw new DatasetError(mistakes.join('\n'));
}

/** How many rows `checkStaged` will look at. */
export const countRowsToCheck = (counts: Record<ArrayName, number>): number =>
  checks.reduce((rows, { array }) => rows + counts[array], 0);
