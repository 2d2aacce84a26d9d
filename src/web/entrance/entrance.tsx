import { lazily } from '../app/lazy.tsx';

/** The way in. Who has logged in does not load it. */
export const Entrance = lazily(() => import('./gate.tsx').then(({ Gate }) => Gate));
