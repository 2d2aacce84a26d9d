import type { Profile } from '../../protocol/users.ts';
import { Avatar } from '../ui/avatar.tsx';

/** What a line shows of a person. */
export type Found = Pick<Profile, 'id' | 'name' | 'username' | 'avatar_small_url'> &
  Partial<Pick<Profile, 'email' | 'phone'>>;

/** What tells people of one name apart: what one has searched for, else the username. */
export const toDetail = ({ username, email, phone }: Found): string =>
  [username !== null && `@${username}`, email, phone].filter(Boolean).join(' · ');

export interface FoundAvatarProps {
  person: Found;
  /** In rem. */
  size?: number;
}

/** The picture of somebody who was found. */
export const FoundAvatar = ({ person: { id, name, avatar_small_url: src }, size = 2.5 }: FoundAvatarProps) => (
  <Avatar id={id} name={name} src={src} size={size} />
);
