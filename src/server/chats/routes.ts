import * as contract from '../../protocol/chats.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { mountOn } from '../http/mount.ts';
import type { ChatCommands } from './commands.ts';
import { mountGroups, mountInvites, type GroupRoutes } from './group-routes.ts';
import { getChat, listChats, listMembers } from './queries.ts';

type Mount = ReturnType<typeof mountOn>;

/** Puts the chats' endpoints on the router. */
export function mountChats(mount: Mount, options: GroupRoutes & { chats: ChatCommands }): void {
  const { sql, chats } = options;
  for (const list of [contract.listChats, contract.listWithLastMessage])
    mount(list, async ({ caller, query }) => ({ status: 200, json: await listChats(sql, { ...caller, ...query }) }));

  // Before the address of one chat, which would take its last word for an id.
  mount(contract.openPersonal, async ({ caller, body }) => {
    const others = new Set(body.member_ids);
    others.delete(caller.userId);
    const [otherId] = others;
    if (otherId === undefined || others.size > 1) throw new ProtocolError('not_a_pair');
    const { chatId } = await chats.openDirect({ ...caller, otherId });
    return { status: 200, json: await getChat(sql, { ...caller, chatId }) };
  });

  mount(contract.createGroup, async ({ caller, body }) => {
    const { chatId } = await chats.createGroup({
      ...caller,
      name: body.name,
      users: body.member_ids,
      history: body.history ?? 'all',
    });
    return { status: 200, json: await getChat(sql, { ...caller, chatId }) };
  });

  mount(contract.getChat, async ({ caller, params }) => ({
    status: 200,
    json: await getChat(sql, { ...caller, ...params }),
  }));

  mount(contract.listMembers, async ({ caller, params, query }) => ({
    status: 200,
    json: await listMembers(sql, { ...caller, ...params, ...query }),
  }));

  mount(contract.addMembers, async ({ caller, params, body }) => {
    const { version, added } = await chats.addMembers({ ...caller, ...params, users: body.user_ids });
    return { status: 200, body: { chat_id: params.chatId, version, user_ids: added } };
  });

  mount(contract.removeMember, async ({ caller, params: { chatId, userId: memberId } }) => {
    const { version } = await chats.removeMember({ ...caller, chatId, memberId });
    return { status: 200, body: { chat_id: chatId, version } };
  });

  mount(contract.leaveChat, async ({ caller, params: { chatId } }) => {
    const { version } = await chats.removeMember({ ...caller, chatId, memberId: caller.userId });
    return { status: 200, body: { chat_id: chatId, version } };
  });

  mountGroups(mount, options);
  mountInvites(mount, options);
}
