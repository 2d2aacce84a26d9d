import * as contract from '../../protocol/actions-http.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { ChatCommands } from '../chats/commands.ts';
import type { GroupCommands } from '../chats/group-commands.ts';
import type { Sql } from '../db/client.ts';
import type { Caller, mountOn } from '../http/mount.ts';
import { replyWithPage } from '../http/web.ts';
import { getChat, getGroup, getHistory, listChats } from './actions-queries.ts';
import { lifetimesOf, type LifetimeConfig } from './lifetimes.ts';

type Mount = ReturnType<typeof mountOn>;

export interface ActionsRoutes {
  sql: Sql;
  chats: Pick<ChatCommands, 'openDirect' | 'createGroup' | 'addMembers' | 'removeMember'>;
  groups: Pick<GroupCommands, 'deleteGroup'>;
  accounts: Pick<Accounts, 'logIn'>;
  config: LifetimeConfig;
}

/** Puts what system 003 has over HTTP on the router, at both of its addresses. */
export function mountActions(mount: Mount, routes: ActionsRoutes): void {
  const twice: Mount = (endpoint, handle) => {
    mount(endpoint, handle);
    mount(contract.underPrefix(endpoint), handle);
  };
  mountChats(mount, twice, routes);
  mountGroups(twice, routes);
  mountLogin(mount, routes);
  mount(contract.actionsPage, replyWithPage);
}

function mountChats(mount: Mount, twice: Mount, { sql, chats }: ActionsRoutes): void {
  mount(contract.listActionsChats, async ({ caller, query }) => ({
    status: 200,
    json: await listChats(sql, { ...caller, before: query.before }),
  }));

  twice(contract.openActionsChat, async ({ caller, body }) => {
    const { chatId, created } = await chats.openDirect({ ...caller, otherId: body.user_id });
    if (!created) throw new ProtocolError('direct_exists');
    return { status: 201, json: await getChat(sql, { ...caller, chatId }) };
  });

  twice(contract.getActionsHistory, async ({ caller, params, query }) => ({
    status: 200,
    json: await getHistory(sql, { ...caller, ...params, ...query }),
  }));
}

function mountGroups(mount: Mount, { sql, chats, groups }: ActionsRoutes): void {
  const showGroup = async (caller: Caller, groupId: string, status = 200) => ({
    status,
    json: (await getGroup(sql, { ...caller, groupId })).json,
  });

  mount(contract.createActionsGroup, async ({ caller, body }) => {
    const { groupId } = await chats.createGroup({ ...caller, name: body.title, users: body.member_ids ?? [] });
    return showGroup(caller, groupId, 201);
  });

  mount(contract.getActionsGroup, ({ caller, params }) => showGroup(caller, params.groupId));

  mount(contract.addActionsMembers, async ({ caller, params: { groupId }, body }) => {
    const { chatId } = await getGroup(sql, { ...caller, groupId });
    await chats.addMembers({ ...caller, chatId, users: body.user_ids });
    return showGroup(caller, groupId);
  });

  mount(contract.removeActionsMembers, async ({ caller, params: { groupId }, body }) => {
    const { chatId, role, ownerId } = await getGroup(sql, { ...caller, groupId });
    const memberIds = new Set(body.user_ids);
    // Leaving has an address of its own, after which one could not be shown the group.
    if (role === 'member' || (memberIds.has(caller.userId) && caller.userId !== ownerId))
      throw new ProtocolError('access_denied');
    if (ownerId !== null && memberIds.has(ownerId)) throw new ProtocolError('owner_stays');
    for (const memberId of memberIds) await removeIfMember(chats, { ...caller, chatId, memberId });
    return showGroup(caller, groupId);
  });

  mount(contract.deleteActionsGroup, async ({ caller, params }) => {
    const { chatId } = await getGroup(sql, { ...caller, ...params });
    await groups.deleteGroup({ ...caller, chatId });
    return { status: 204, empty: true };
  });
}

function mountLogin(mount: Mount, { accounts, config }: ActionsRoutes): void {
  const lifetimes = lifetimesOf(config);
  mount(contract.logInActions, async ({ body, ip, headers }) => {
    const identifier = { kind: 'email', value: body.email } as const;
    const attempt = { identifier, password: body.password, ip, userAgent: headers['user-agent'] };
    const { access_token } = await accounts.logIn(attempt, lifetimes.actions);
    return { status: 200, body: { access_token } };
  });
}

async function removeIfMember(
  chats: ActionsRoutes['chats'],
  removal: Parameters<ActionsRoutes['chats']['removeMember']>[0],
): Promise<void> {
  try {
    await chats.removeMember(removal);
  } catch (error) {
    if (!(error instanceof ProtocolError && error.code === 'no_user')) throw error;
  }
}
