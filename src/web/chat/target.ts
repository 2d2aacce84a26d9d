/** What the line one writes in is about: an answer to a message, or its correction. One per chat. */
import { signal, type Signal } from '@preact/signals';
import type { Message } from '../../client/index.ts';

export type Target = { kind: 'reply' | 'edit'; message: Message };

const targets = new Map<string, Signal<Target | undefined>>();

/** The target of a chat's composer; undefined: a message of its own. */
export function targetOf(chatId: string): Signal<Target | undefined> {
  let known = targets.get(chatId);
  if (!known) targets.set(chatId, (known = signal<Target | undefined>(undefined)));
  return known;
}
