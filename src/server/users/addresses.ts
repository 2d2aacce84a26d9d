import { ProtocolError } from '../../protocol/errors.ts';
import type { Sql } from '../db/client.ts';

/** How a person is addressed. */
export type Address = { id: string } | { username: string } | { email: string };

/** An active person, and the direct chat with them if there is one. Error: `no_user`. */
export async function getOther(
  sql: Sql,
  userId: string,
  address: Address,
): Promise<{ otherId: string; chatId: string | undefined }> {
  const condition =
    'id' in address
      ? sql`u.id = ${address.id}`
      : 'email' in address
        ? sql`lower(u.email) = lower(${address.email})`
        : sql`lower(u.username) = lower(${address.username})`;
  const [row] = await sql<{ otherId: string; chatId: string | null }[]>`
    select u.id as "otherId", (
        select c.id from chats c
         where c.direct_key = least(${userId}::uuid, u.id) || ':' || greatest(${userId}::uuid, u.id)) as "chatId"
      from users u where ${condition} and u.deactivated_at is null`;
  if (!row) throw new ProtocolError('no_user');
  return { otherId: row.otherId, chatId: row.chatId ?? undefined };
}
