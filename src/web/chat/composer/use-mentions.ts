import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { Person } from '../../../client/index.ts';
import { insert } from './area.ts';
import { findQuery, matchPeople, type MentionQuery, type Token } from './mentions.ts';
import { useMembers } from './use-members.ts';

export interface MentionsParts {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onPick: (token: Token) => void;
}

/** Completes the names of members while one types. */
export function useMentions(chatId: string, { area, text, onPick }: MentionsParts) {
  const [query, setQuery] = useState<MentionQuery>();
  const [chosen, setChosen] = useState(0);
  const people = useMembers(chatId, text.includes('@'));
  const found = query ? matchPeople(people, query.query) : [];
  const current = Math.min(chosen, Math.max(0, found.length - 1));

  const look = (): void => {
    // The browser tells of a selection later, perhaps when the field is gone.
    if (!area.current) return;
    const { value, selectionStart, selectionEnd } = area.current;
    const next = selectionStart === selectionEnd ? findQuery(value, selectionStart) : undefined;
    if (next?.start === query?.start && next?.query === query?.query) return;
    setQuery(next);
    setChosen(0);
  };

  const close = (): void => setQuery(undefined);

  const pick = (person: Person): void => {
    if (!query) return;
    const token = `@${person.name}`;
    const end = query.start + 1 + query.query.length;
    const isSpaced = /^\s/.test(area.current!.value.slice(end));
    insert(area.current!, isSpaced ? token : `${token} `, query.start, end);
    onPick({ token, userId: person.id });
    close();
  };

  /** Whether the key was meant for the list. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (found.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen((current + step + found.length) % found.length);
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) pick(found[current]!);
    else return false;
    event.preventDefault();
    return true;
  };

  return { people, found, current, look, close, pick, onKeyDown };
}
