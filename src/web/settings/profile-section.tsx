import { usePerson } from '../app/names.ts';
import type { OwnProfile } from '../../protocol/users.ts';
import { useMessenger } from '../app/slices.ts';
import { useOwnProfile } from './own-profile.ts';
import { PictureEditor } from './picture-editor.tsx';
import { ProfileForm } from './profile-form.tsx';
import { Waiting } from './use-loaded.tsx';

/** What others see of oneself, and by what one logs in. */
export function ProfileSection() {
  const { value: profile, change, ...waiting } = useOwnProfile();
  if (profile === undefined) return <Waiting {...waiting} />;
  return (
    <>
      <OwnPicture profile={profile} />
      <ProfileForm profile={profile} change={change} />
    </>
  );
}

function OwnPicture({ profile }: { profile: OwnProfile }) {
  const messenger = useMessenger();
  const { name, src } = usePerson(profile.id);
  return (
    <PictureEditor
      id={profile.id}
      name={name}
      src={src}
      path="/api/v1/users/me/avatar"
      onChange={async () => void (await messenger.getUsers([profile.id]))}
    />
  );
}
