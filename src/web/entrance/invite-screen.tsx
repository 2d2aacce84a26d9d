import { lazily } from '../app/lazy.tsx';

/** Where an invite leads, and the way into that group. */
export const InviteScreen = lazily<{ token: string }>(() =>
  import('./invite-page.tsx').then((part) => part.InvitePage),
);
