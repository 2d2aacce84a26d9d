import { signal } from '@preact/signals';

/** Why the other person of the chat on screen never seems to be there, as far as it was found out. */
export const absence = signal<'blocked' | 'deleted' | undefined>(undefined);
