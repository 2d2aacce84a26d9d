import { loadErrorWords } from '../app/error-text.ts';
import { lazily } from '../app/lazy.tsx';

/** The way in, with the words for what may go wrong there. Who has logged in does not load it. */
export const Entrance = lazily(async () => {
  const [{ Gate }] = await Promise.all([import('./gate.tsx'), loadErrorWords()]);
  return Gate;
});
