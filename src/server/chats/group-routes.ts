import * as contract from '../../protocol/groups.ts';
import * as inviteContract from '../../protocol/invites.ts';
import { toAvatar } from '../../protocol/media.ts';
import type { Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import type { Media } from '../media/media.ts';
import type { GroupFields } from '../realtime/events.ts';
import type { Drafts } from './drafts.ts';
import type { GroupCommands } from './group-commands.ts';
import { getChatOfInvite, getInvite, getPreview, listInvites, requireGroupAdmin } from './invites.ts';
import { getChat } from './queries.ts';

type Mount = ReturnType<typeof mountOn>;

export interface GroupRoutes {
  sql: Sql;
  groups: GroupCommands;
  drafts: Drafts;
  media: Pick<Media, 'putPicture' | 'forget'>;
  rateLimits: Pick<RateLimits, 'tryInvite'>;
}

const toGroup = (chatId: string, { version, group }: { version: number; group: GroupFields }) => ({
  chat_id: chatId,
  version,
  name: group.name,
  description: group.description,
  ...toAvatar(group.avatar),
});

/** Puts what changes a group, and what each keeps of a chat for themselves, on the router. */
export function mountGroups(mount: Mount, { sql, groups, drafts, media }: GroupRoutes): void {
  const changeAvatar = async (change: Actor & { chatId: string; avatar: string | null }) => {
    const { avatar, ...place } = change;
    const changed = await groups.changeGroup({ ...place, group: { avatar } });
    if (changed.oldAvatar !== null && changed.oldAvatar !== avatar) media.forget(changed.oldAvatar);
    return { status: 200, body: toGroup(change.chatId, changed) };
  };

  mount(contract.changeGroup, async ({ caller, params: { chatId }, body }) => ({
    status: 200,
    body: toGroup(chatId, await groups.changeGroup({ ...caller, chatId, group: body })),
  }));

  mount(contract.putGroupAvatar, async ({ caller, params: { chatId }, file }) => {
    // Looked at before the picture is made, so that nothing is kept for those who may not.
    await requireGroupAdmin(sql, { ...caller, chatId });
    const avatar = await media.putPicture(file.path);
    try {
      return await changeAvatar({ ...caller, chatId, avatar });
    } catch (error) {
      media.forget(avatar);
      throw error;
    }
  });

  mount(contract.deleteGroupAvatar, ({ caller, params: { chatId } }) =>
    changeAvatar({ ...caller, chatId, avatar: null }),
  );

  mount(contract.setRole, async ({ caller, params: { chatId, userId: memberId }, body: { role } }) => {
    const { version } = await groups.setRole({ ...caller, chatId, memberId, role });
    return { status: 200, body: { chat_id: chatId, version } };
  });

  mount(contract.transferGroup, async ({ caller, params: { chatId }, body: { user_id: memberId } }) => {
    const { version } = await groups.setRole({ ...caller, chatId, memberId, role: 'owner' });
    return { status: 200, body: { chat_id: chatId, version } };
  });

  mount(contract.deleteGroup, async ({ caller, params: { chatId } }) => {
    const { version } = await groups.deleteGroup({ ...caller, chatId });
    return { status: 200, body: { chat_id: chatId, version } };
  });

  mountOwn(mount, drafts);
}

/** Puts what each member keeps of a chat for themselves on the router. */
function mountOwn(mount: Mount, drafts: Drafts): void {
  mount(contract.changeOwnSettings, async ({ caller, params: { chatId }, body: settings }) => ({
    status: 200,
    body: { chat_id: chatId, ...(await drafts.changeSettings({ ...caller, chatId, settings })) },
  }));

  mount(contract.setDraft, async ({ caller, params: { chatId }, body: { text, reply_to: replyTo } }) => ({
    status: 200,
    body: { chat_id: chatId, draft: await drafts.set({ ...caller, chatId, text, replyTo }) },
  }));

  mount(contract.deleteDraft, async ({ caller, params: { chatId } }) => {
    await drafts.set({ ...caller, chatId, text: null });
    return { status: 204, empty: true };
  });
}

/** Puts invites on the router. */
export function mountInvites(mount: Mount, { sql, groups, rateLimits }: GroupRoutes): void {
  mount(inviteContract.createInvite, async ({ caller, params: { chatId }, body }) => {
    const { title, expires_in_seconds: expiresInSeconds, max_uses: maxUses } = body;
    const { inviteId } = await groups.createInvite({ ...caller, chatId, title, expiresInSeconds, maxUses });
    return { status: 201, json: await getInvite(sql, inviteId) };
  });

  mount(inviteContract.listInvites, async ({ caller, params }) => ({
    status: 200,
    json: await listInvites(sql, { ...caller, ...params }),
  }));

  mount(inviteContract.revokeInvite, async ({ caller, params }) => {
    await groups.revokeInvite({ ...caller, ...params });
    return { status: 204, empty: true };
  });

  mount(inviteContract.getInvite, async ({ caller, params: { token } }) => ({
    status: 200,
    json: await rateLimits.tryInvite(caller.userId, () => getPreview(sql, { ...caller, token })),
  }));

  mount(inviteContract.joinByInvite, async ({ caller, params: { token } }) => {
    const chatId = await rateLimits.tryInvite(caller.userId, async () => {
      const invited = await getChatOfInvite(sql, token);
      await groups.joinByInvite({ ...caller, chatId: invited, token });
      return invited;
    });
    return { status: 200, json: await getChat(sql, { ...caller, chatId }) };
  });
}
