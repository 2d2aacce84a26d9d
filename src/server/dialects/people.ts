/** People in the words of the older systems. */
import type { IncomingHttpHeaders } from 'node:http';
import type { DialectPerson } from '../../protocol/entry.ts';
import { toAvatar } from '../../protocol/media.ts';
import { isOverTls } from '../accounts/own-page.ts';
import type { Config } from '../config.ts';
import type { Caller, UploadedFile } from '../http/mount.ts';
import { changeAvatar, type AvatarCommands } from '../users/avatars.ts';
import type { ProfileUpdate } from '../users/commands.ts';

/** What all profiles have. */
export interface Person {
  id: string;
  name: string;
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  about: string | null;
  email: string | null;
  phone: string | null;
  avatar_url: string | null;
}

export type Place = Pick<Config, 'publicUrl' | 'host' | 'trustProxy'>;

export type ToAddress = (path: string) => string;

/** The whole address of a path on this server, as the one who asks reaches it. */
export function addressesFor(headers: IncomingHttpHeaders, place: Place): ToAddress {
  const { host } = headers;
  if (place.publicUrl !== undefined) return (path) => place.publicUrl + path;
  if (host === undefined) return (path) => path;
  const scheme = isOverTls(headers, place) ? 'https' : 'http';
  return (path) => `${scheme}://${host}${path}`;
}

export function toDialectPerson(person: Person, toAddress: ToAddress): DialectPerson {
  const { id, name, username, first_name, last_name, about, email, phone, avatar_url } = person;
  const url = avatar_url === null ? null : toAddress(avatar_url);
  return {
    id,
    user_id: id,
    name,
    username,
    email,
    phone_number: phone,
    phone,
    first_name,
    last_name,
    about_me: about,
    avatar_url: url,
    picture: url,
    is_active: true,
    is_superuser: false,
    is_verified: false,
  };
}

/** Somebody whose account was just made: without a picture there is no address. */
export const toNewPerson = (
  account: Pick<Person, 'id' | 'name' | 'username' | 'email' | 'phone'>,
  about: string | null = null,
): DialectPerson =>
  toDialectPerson({ ...account, about, first_name: null, last_name: null, avatar_url: null }, (path) => path);

/** Clients of these systems never ask for the current password; a page of this server does. */
export const toProof = (caller: Caller, ip: string): ProfileUpdate['proof'] =>
  caller.byCookie ? { currentPassword: undefined, ip } : 'none';

/** Makes the picture in a file the caller's; answers its address. Throws as `changeAvatar` does. */
export async function changePicture(
  commands: AvatarCommands,
  { caller, file, toAddress }: { caller: Caller; file: UploadedFile; toAddress: ToAddress },
): Promise<string> {
  const { avatar_url } = toAvatar(await changeAvatar(commands, caller, file.path));
  return toAddress(avatar_url!);
}
