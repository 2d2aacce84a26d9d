import { ProtocolError } from '../../protocol/errors.ts';
import type { Sql } from '../db/client.ts';

/** How a person is addressed. */
export type Address = { id: string } | { username: string } | { email: string };

/** The id of an active person. Error: `no_user`. */
export async function getPersonId(sql: Sql, address: Address): Promise<string> {
  const condition =
    'id' in address
      ? sql`id = ${address.id}`
      : 'email' in address
        ? sql`lower(email) = lower(${address.email})`
        : sql`lower(username) = lower(${address.username})`;
  const [row] = await sql<{ id: string }[]>`select id from users where ${condition} and deactivated_at is null`;
  if (!row) throw new ProtocolError('no_user');
  return row.id;
}
