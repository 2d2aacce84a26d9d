import { ProtocolError } from '../../protocol/errors.ts';
import { deleteAvatar, putAvatar, toAvatar } from '../../protocol/media.ts';
import type { Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import type { Caller, mountOn } from '../http/mount.ts';
import type { Media } from '../media/media.ts';

export interface AvatarCommands {
  sql: Sql;
  media: Pick<Media, 'putPicture' | 'forget'>;
}

/** Makes the picture in a file the caller's; answers its name. Throws as `putPicture` does, and `session_revoked`. */
export async function changeAvatar({ sql, media }: AvatarCommands, caller: Caller, path: string): Promise<string> {
  const name = await media.putPicture(path);
  try {
    const former = await storeAvatar(sql, { ...caller, avatar: name });
    if (former !== null && former !== name) media.forget(former);
    return name;
  } catch (error) {
    // Whether the row names it is looked up before it goes.
    media.forget(name);
    throw error;
  }
}

/** Takes the caller's picture away. Throws `session_revoked`. */
export async function removeAvatar({ sql, media }: AvatarCommands, caller: Caller): Promise<void> {
  const former = await storeAvatar(sql, { ...caller, avatar: null });
  if (former !== null) media.forget(former);
}

/** Answers the picture of before. The row is locked first, so that of two changes each forgets what the other set. */
async function storeAvatar(
  sql: Sql,
  { userId, sessionId, avatar }: Actor & { avatar: string | null },
): Promise<string | null> {
  const [row] = await sql<{ former: string | null }[]>`
    with before as (
      select id, avatar from users
       where id = ${userId} and deactivated_at is null and session_is_live(${sessionId}, ${userId})
         for no key update)
    update users u set avatar = ${avatar} from before where u.id = before.id
    returning before.avatar as former`;
  if (!row) throw new ProtocolError('session_revoked');
  return row.former;
}

/** Puts the own picture on the router. */
export function mountAvatars(mount: ReturnType<typeof mountOn>, commands: AvatarCommands): void {
  mount(putAvatar, async ({ caller, file }) => ({
    status: 200,
    body: toAvatar(await changeAvatar(commands, caller, file.path)),
  }));

  mount(deleteAvatar, async ({ caller }) => {
    await removeAvatar(commands, caller);
    return { status: 200, body: toAvatar(null) };
  });
}
