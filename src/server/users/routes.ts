import type { PasswordPolicy } from '../../protocol/credentials.ts';
import * as contract from '../../protocol/users.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import type { UserCommands } from './commands.ts';
import { getOwnProfile, getProfile, listBlocks, searchPeople } from './queries.ts';

export interface UserRoutes {
  sql: Sql;
  users: UserCommands;
  rateLimits: Pick<RateLimits, 'countSearch'>;
  passwordPolicy: PasswordPolicy;
}

/** Puts profiles, search, blocks and reports on the router. */
export function mountUsers(mount: ReturnType<typeof mountOn>, routes: UserRoutes): void {
  mountMe(mount, routes);
  mountOthers(mount, routes);
}

/** Before the address of one person, which would take `me` for an id. */
function mountMe(mount: ReturnType<typeof mountOn>, { sql, users, passwordPolicy }: UserRoutes): void {
  mount(contract.getMe, async ({ caller }) => ({ status: 200, body: await getOwnProfile(sql, caller) }));

  mount({ ...contract.changeMe, body: contract.profileChange(passwordPolicy) }, async ({ caller, body, ip }) => {
    const { password, current_password: currentPassword, ...change } = body;
    return {
      status: 200,
      body: await users.updateProfile({ ...caller, change, password, proof: { currentPassword, ip } }),
    };
  });

  mount(contract.deactivateMe, async ({ caller, body, ip }) => {
    await users.deactivate({ ...caller, currentPassword: body.current_password, ip });
    return { status: 204, empty: true };
  });

  mount(contract.deleteMe, async ({ caller, body, ip }) => {
    await users.deleteAccount({ ...caller, currentPassword: body.current_password, ip });
    return { status: 204, empty: true };
  });

  mount(contract.listBlocks, async ({ caller, query }) => ({
    status: 200,
    body: await listBlocks(sql, { ...caller, ...query }),
  }));
}

function mountOthers(mount: ReturnType<typeof mountOn>, { sql, users, rateLimits }: UserRoutes): void {
  mount(contract.searchUsers, async ({ caller, query: { q: text, limit, after } }) => {
    await rateLimits.countSearch(caller.userId);
    const page = await searchPeople(sql, { ...caller, text, limit, after });
    return { status: 200, body: { users: page.users, next: page.next && contract.toFoundCursor(page.next) } };
  });

  mount(contract.getUser, async ({ caller, params }) => ({
    status: 200,
    body: await getProfile(sql, { ...caller, personId: params.userId }),
  }));

  for (const [endpoint, blocked] of [
    [contract.blockUser, true],
    [contract.unblockUser, false],
  ] as const) {
    mount(endpoint, async ({ caller, params }) => {
      await users.setBlock({ ...caller, otherId: params.userId, blocked });
      return { status: 204, empty: true };
    });
  }

  mount(contract.storeReport, async ({ caller, body }) => {
    const { user_id: personId, message_id: messageId, reason } = body;
    return { status: 201, body: await users.report({ ...caller, personId, messageId, reason }) };
  });
}
