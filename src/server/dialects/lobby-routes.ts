import { ProtocolError } from '../../protocol/errors.ts';
import { toUuid } from '../../protocol/ids.ts';
import * as contract from '../../protocol/lobby.ts';
import { toAvatar } from '../../protocol/media.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { changeAvatar, type AvatarCommands } from '../users/avatars.ts';
import type { UserCommands } from '../users/commands.ts';
import { lobbyPage } from './lobby-page.ts';
import { mountPage } from './pages.ts';
import { getByUsername, toAddress, toDialectPerson, type Place } from './people.ts';

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
    const person = { ...account, about: null, first_name: null, last_name: null, avatar_url: null };
    return { status: 200, body: toDialectPerson(person, (path) => path) };
  });

  mount(contract.updatePerson, async ({ caller, body: change, headers, ip }) => {
    const proof = caller.byCookie ? { currentPassword: undefined, ip } : 'none';
    const profile = await users.updateProfile({ ...caller, change, proof });
    return { status: 200, body: toDialectPerson(profile, (path) => toAddress(path, headers, config)) };
  });

  for (const endpoint of [contract.patchPicture, contract.postPicture])
    mount(endpoint, async ({ caller, file, headers }) => {
      const { avatar_url } = toAvatar(await changeAvatar({ sql, media }, caller, file.path));
      return { status: 200, body: { message: pictureAdded, picture: toAddress(avatar_url!, headers, config) } };
    });

  mount(contract.getPerson, async ({ caller, params: { username }, headers }) => {
    if (toUuid(username) !== undefined) throw new ProtocolError('access_denied');
    await rateLimits.countSearch(caller.userId);
    const person = await getByUsername(sql, { ...caller, username });
    return { status: 200, body: toDialectPerson(person, (path) => toAddress(path, headers, config)) };
  });

  mountPage(mount, contract.lobbyPage, lobbyPage);
}
