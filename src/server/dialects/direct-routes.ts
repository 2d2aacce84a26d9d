import * as contract from '../../protocol/direct.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { toAvatar } from '../../protocol/media.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { changeAvatar, type AvatarCommands } from '../users/avatars.ts';
import type { ProfileChange, UserCommands } from '../users/commands.ts';
import { getOwnProfile } from '../users/queries.ts';
import { requireLength } from './entry-routes.ts';
import { mountPage } from './pages.ts';
import { directPage } from './direct-page.ts';
import { findPeople, toAddress, toDialectPerson, type Place } from './people.ts';

export interface DirectRoutes {
  sql: Sql;
  users: Pick<UserCommands, 'updateProfile'>;
  media: AvatarCommands['media'];
  rateLimits: Pick<RateLimits, 'countSearch'>;
  config: Place;
}

type Mount = ReturnType<typeof mountOn>;

/** Puts the paths of system 000 on the router, but those that it shares. */
export function mountDirect(mount: Mount, routes: DirectRoutes): void {
  const { sql, media, rateLimits, config } = routes;

  mount(contract.getSelf, async ({ caller, headers }) => {
    const toUrl = (path: string): string => toAddress(path, headers, config);
    return { status: 200, body: toDialectPerson(await getOwnProfile(sql, caller), toUrl) };
  });

  mountChange(mount, routes);

  mount(contract.findPeople, async ({ caller, query, headers }) => {
    await rateLimits.countSearch(caller.userId);
    const { limit, offset, ...typed } = query;
    const filters = {
      email: typed.email || undefined,
      username: typed.username || undefined,
      // A + that was not encoded arrives as a space.
      phone: typed.phone_number?.replace(/^ (?=\d)/, '+') || undefined,
    };
    const people = await findPeople(sql, { ...caller, filters, limit, offset });
    const toUrl = (path: string): string => toAddress(path, headers, config);
    return { status: 200, body: people.map((person) => toDialectPerson(person, toUrl)) };
  });

  mount(contract.putPicture, async ({ caller, file, headers }) => {
    const { avatar_url } = toAvatar(await changeAvatar({ sql, media }, caller, file.path));
    return { status: 200, body: { avatar_url: toAddress(avatar_url!, headers, config) } };
  });

  mount(contract.listDirectMessages, async ({ caller, params: { receiverId }, query }) => ({
    status: 200,
    json: await listDirectMessages(sql, { ...caller, receiverId, ...query }),
  }));

  mountPage(mount, contract.directPage, directPage);
}

/** After all other paths below `/users`, which it would take for ids. */
export function mountForSuperusers(mount: Mount): void {
  for (const endpoint of [contract.changePerson, contract.deletePerson])
    mount(endpoint, () => Promise.reject(new ProtocolError('access_denied')));
}

function mountChange(mount: Mount, { users, config }: DirectRoutes): void {
  mount(contract.changeSelf, async ({ caller, body, headers, ip }) => {
    const { phone_number: phone, about_me: about, password, ...rest } = body;
    if (typeof password === 'string') requireLength(password, 'UPDATE_USER_INVALID_PASSWORD');
    const change: ProfileChange = {
      ...rest,
      ...(phone !== undefined && { phone }),
      ...(about !== undefined && { about }),
    };
    // Clients of this system never ask for the current password; a page of this server does.
    const proof = caller.byCookie ? { currentPassword: undefined, ip } : 'none';
    const profile = await users.updateProfile({ ...caller, change, password: password ?? undefined, proof });
    return { status: 200, body: toDialectPerson(profile, (path) => toAddress(path, headers, config)) };
  });
}

interface DirectPage {
  sessionId: string;
  userId: string;
  receiverId: string;
  limit: number;
  offset: number;
}

/** What two people wrote to each other, as JSON text, the oldest first. Throws `session_revoked`. */
async function listDirectMessages(
  sql: Sql,
  { sessionId, userId, receiverId, limit, offset }: DirectPage,
): Promise<string> {
  const [row] = await sql<{ live: boolean; page: string }[]>`
    select session_is_live(${sessionId}, ${userId}) as live, (
      select coalesce(json_agg(m), '[]') from chats c cross join lateral (
        select sender_id, case when sender_id = ${userId} then ${receiverId}::uuid else ${userId}::uuid end as receiver_id,
          text as content, instant(sent_at) as timestamp
        from messages where chat_id = c.id and seq > ${offset}::bigint and seq <= ${offset}::bigint + ${limit}
        order by messages.seq limit ${limit}) m
       where c.direct_key = least(${userId}::uuid, ${receiverId}::uuid) || ':' || greatest(${userId}::uuid, ${receiverId}::uuid)
    )::text as page`;
  if (!row?.live) throw new ProtocolError('session_revoked');
  return row.page;
}
