/** The person who has logged in, as the server knows them. */
import type { OwnProfile } from '../../protocol/users.ts';
import { useMessenger } from '../app/slices.ts';
import { useLoaded, type Loaded } from './use-loaded.tsx';

const path = '/api/v1/users/me';

/** The profile and how it is changed; errors of `change`: `MessengerError`. */
export function useOwnProfile(): Loaded<OwnProfile> & { change: (fields: object) => Promise<OwnProfile> } {
  const messenger = useMessenger();
  const loaded = useLoaded(async () => (await messenger.request({ method: 'GET', path })) as OwnProfile);
  return {
    ...loaded,
    async change(fields) {
      const profile = (await messenger.request({ method: 'PATCH', path, body: fields })) as OwnProfile;
      loaded.set(profile);
      // What lists and heads show of oneself. The server tells it to them as well, in time.
      messenger.getUsers([profile.id]).catch(() => undefined);
      return profile;
    },
  };
}
