import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const listeners = new Map<Element, (isSeen: boolean) => void>();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
});

/** Whether an element is within what the reader sees. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current!;
    listeners.set(element, setSeen);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      listeners.delete(element);
    };
  }, []);
  return isSeen;
}
