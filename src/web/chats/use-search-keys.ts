import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { go, paths } from '../app/router.ts';
import { untilDone } from './row-list.tsx';

/**
 * The keys of a list with a line to search in: Ctrl+K or ⌘K begins a search wherever one is, the arrow down goes to what was
 * found, Enter takes the first of it, Escape leaves. Gives the listener of the list.
 */
export function useSearchKeys(
  list: RefObject<HTMLElement | null>,
  onLeave: () => void,
): (event: KeyboardEvent) => void {
  const before = useRef<HTMLElement | undefined>(undefined);
  const findField = (): HTMLInputElement | null => list.current?.querySelector('input[type=search]') ?? null;

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // By its place: the letter is another one on a Russian keyboard.
      if (event.code !== 'KeyK' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      const field = findField();
      if (document.activeElement !== field && document.activeElement instanceof HTMLElement)
        before.current = document.activeElement;
      // On a narrow page the list is hidden behind what is looked at.
      if (field?.offsetParent === null) {
        go(paths.home);
        requestAnimationFrame(() => field.focus());
      } else {
        field?.focus();
        field?.select();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  return (event) => {
    const field = findField();
    const isInField = event.target === field;
    if (event.isComposing) return;
    if (event.key === 'Escape' && (isInField || field?.value !== '')) {
      event.preventDefault();
      onLeave();
      if (isInField && before.current?.isConnected) before.current.focus();
      else if (isInField) field?.blur();
      else field?.focus();
      before.current = undefined;
    } else if (isInField && (event.key === 'ArrowDown' || (event.key === 'Enter' && field?.value.trim() !== ''))) {
      const first = list.current?.querySelector<HTMLElement>('[data-row] [tabindex="0"]');
      if (!first) return;
      event.preventDefault();
      if (event.key === 'Enter') first.click();
      else
        untilDone(() => {
          first.focus();
          return document.activeElement === first;
        });
    }
  };
}
