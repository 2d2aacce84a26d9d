import * as contract from '../../protocol/direct.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { replyWithPage } from '../http/web.ts';
import type { AvatarCommands } from '../users/avatars.ts';
import type { ProfileChange, UserCommands } from '../users/commands.ts';
import { getOwnProfile } from '../users/queries.ts';
import { requireLength } from './entry-routes.ts';
import { listDirectMessages } from './direct-queries.ts';
import { addressesFor, changePicture, toDialectPerson, toProof, type Place } from './people.ts';
import { findPeople } from './people-queries.ts';

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

  mount(contract.getSelf, async ({ caller, headers }) => ({
    status: 200,
    body: toDialectPerson(await getOwnProfile(sql, caller), addressesFor(headers, config)),
  }));

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
    const toAddress = addressesFor(headers, config);
    return { status: 200, body: people.map((person) => toDialectPerson(person, toAddress)) };
  });

  mount(contract.putPicture, async ({ caller, file, headers }) => {
    const toAddress = addressesFor(headers, config);
    return { status: 200, body: { avatar_url: await changePicture({ sql, media }, { caller, file, toAddress }) } };
  });

  mount(contract.listDirectMessages, async ({ caller, params: { receiverId }, query }) => ({
    status: 200,
    json: await listDirectMessages(sql, { ...caller, receiverId, ...query }),
  }));

  mount(contract.directPage, replyWithPage);
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
    const proof = toProof(caller, ip);
    const profile = await users.updateProfile({ ...caller, change, password: password ?? undefined, proof });
    return { status: 200, body: toDialectPerson(profile, addressesFor(headers, config)) };
  });
}
