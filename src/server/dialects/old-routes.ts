import type { mountOn } from '../http/mount.ts';
import { mountDirect, mountForSuperusers, type DirectRoutes } from './direct-routes.ts';
import { mountEntry, type EntryRoutes } from './entry-routes.ts';
import { mountLobby, type LobbyRoutes } from './lobby-routes.ts';

/**
 * Puts the paths of systems 000 and 001 on the router, those without a parameter first: `/users/me` and
 * `/users/add_picture` are nobody's username.
 */
export function mountDirectAndLobby(
  mount: ReturnType<typeof mountOn>,
  routes: EntryRoutes & DirectRoutes & LobbyRoutes,
): void {
  mountEntry(mount, routes);
  mountDirect(mount, routes);
  mountLobby(mount, routes);
  mountForSuperusers(mount);
}
