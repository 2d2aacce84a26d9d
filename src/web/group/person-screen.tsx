import { lazily } from '../app/lazy.tsx';

/** A person, and what one may do about them. */
export const PersonScreen = lazily<{ userId: string }>(() =>
  import('./person-page.tsx').then((part) => part.PersonPage),
);
