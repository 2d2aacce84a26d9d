import type { Sql } from '../db/client.ts';

/** Which of these pictures a person or a group has. */
export async function listUsedPictures(sql: Sql, names: string[]): Promise<string[]> {
  const rows = await sql<{ avatar: string }[]>`
    select avatar from users where avatar is not null and avatar = any(${names}::text[])
    union
    select avatar from groups where avatar is not null and avatar = any(${names}::text[])`;
  return rows.map(({ avatar }) => avatar);
}
