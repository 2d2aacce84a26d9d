import type { Mention, Person } from '../../src/client/index.ts';
import { countCodePoints } from '../../src/protocol/text.ts';

const handle = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}_.-]*[\p{L}\p{N}_])/gu;

/** The `@username` or `@Name` in a text that are members; of a name its first word is enough where only one is called so. */
export function findMentions(text: string, members: readonly Person[]): Mention[] {
  const mentions: Mention[] = [];
  for (const { index, 0: written, 1: called = '' } of text.matchAll(handle)) {
    const person = findCalled(called.toLowerCase(), members);
    if (person === undefined) continue;
    const offset = countCodePoints(text.slice(0, index));
    mentions.push({ user_id: person.id, offset, length: countCodePoints(written) });
  }
  return mentions;
}

function findCalled(called: string, members: readonly Person[]): Person | undefined {
  const known = members.find(({ username }) => username?.toLowerCase() === called);
  if (known !== undefined) return known;
  const fitting = members.filter(({ name }) => name.toLowerCase().split(/\s+/)[0] === called);
  return fitting.length === 1 ? fitting[0] : undefined;
}
