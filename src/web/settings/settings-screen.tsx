import { lazily } from '../app/lazy.tsx';

/** The settings of the person and of this device; loaded when they are first opened. */
export const SettingsScreen = lazily(() => import('./settings.tsx').then(({ Settings }) => Settings));
