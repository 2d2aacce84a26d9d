import { ProtocolError } from '../../protocol/errors.ts';
import { toUuid } from '../../protocol/ids.ts';
import * as contract from '../../protocol/lobby.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { replyWithPage } from '../http/web.ts';
import type { AvatarCommands } from '../users/avatars.ts';
import type { UserCommands } from '../users/commands.ts';
import { addressesFor, changePicture, toDialectPerson, toNewPerson, toProof, type Place } from './people.ts';
import { getByUsername } from './people-queries.ts';

export interface LobbyRoutes {
  sql: Sql;
  accounts: Pick<Accounts, 'register'>;
  users: Pick<UserCommands, 'updateProfile'>;
  media: AvatarCommands['media'];
  rateLimits: Pick<RateLimits, 'countSearch'>;
  config: Place;
}

const pictureAdded = 'Изображение успешно добавлено к пользователю';

/** Puts the paths of system 001 on the router, but those that it shares. */
export function mountLobby(mount: ReturnType<typeof mountOn>, routes: LobbyRoutes): void {
  const { sql, accounts, users, media, rateLimits, config } = routes;

  mount(contract.createPerson, async ({ body, ip }) => {
    const account = await accounts.register({ ...body, name: body.username }, ip);
    return { status: 200, body: toNewPerson(account) };
  });

  mount(contract.updatePerson, async ({ caller, body: change, headers, ip }) => {
    const profile = await users.updateProfile({ ...caller, change, proof: toProof(caller, ip) });
    return { status: 200, body: toDialectPerson(profile, addressesFor(headers, config)) };
  });

  for (const endpoint of [contract.patchPicture, contract.postPicture])
    mount(endpoint, async ({ caller, file, headers }) => {
      const toAddress = addressesFor(headers, config);
      const picture = await changePicture({ sql, media }, { caller, file, toAddress });
      return { status: 200, body: { message: pictureAdded, picture } };
    });

  mount(contract.getPerson, async ({ caller, params: { username }, headers }) => {
    if (toUuid(username) !== undefined) throw new ProtocolError('access_denied');
    await rateLimits.countSearch(caller.userId);
    const person = await getByUsername(sql, { ...caller, username });
    return { status: 200, body: toDialectPerson(person, addressesFor(headers, config)) };
  });

  mount(contract.lobbyPage, replyWithPage);
}
