/** For every test file: an answer that the OpenAPI document does not describe fails the test in which it was given. */
import { afterAll, afterEach } from 'vitest';
import { takeMistakes, watchAnswers } from './watch.ts';

watchAnswers();

async function requireNoMistakes(): Promise<void> {
  const mistakes = await takeMistakes();
  if (mistakes.length > 0) throw new Error(`Answers that are not as documented:\n${mistakes.join('\n')}`);
}

afterEach(requireNoMistakes);
afterAll(requireNoMistakes);
