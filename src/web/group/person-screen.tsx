import { lazy } from '../app/lazy.tsx';

/** A person, and what one may do about them. */
export const PersonScreen = lazy<{ userId: string }>(() => import('./person-page.tsx').then((part) => part.PersonPage));
