/** Ties a list on the page to its model. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { go, paths } from '../../app/router.ts';
import type { TimelineModel } from './model.ts';
import { onWatched } from './watched.ts';

interface Elements {
  /** What scrolls. */
  list: RefObject<HTMLDivElement | null>;
  /** What is in it. */
  content: RefObject<HTMLDivElement | null>;
}

/** How long what is seen while one scrolls is there at least. */
const drawnMs = 150;

/** `seq`: the message that the address points at. */
export function useModel(model: TimelineModel, seq: number | undefined, { list, content }: Elements): void {
  useLayoutEffect(() => {
    const element = list.current!;
    model.attach(element);
    const onScroll = (): void => model.scrolled();
    let rest: ReturnType<typeof setTimeout> | undefined;
    // One step of a wheel without motion ends in the frame in which it begins; what it shows has to be drawn in between.
    const onScrollEnd = (): void => {
      clearTimeout(rest);
      rest = setTimeout(() => element.classList.remove('timeline-moving'), drawnMs);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('scrollend', onScrollEnd);
    const sizes = new ResizeObserver(() => model.settle());
    sizes.observe(element);
    sizes.observe(content.current!);
    const off = onWatched(() => model.lookAgain());
    return () => {
      off();
      clearTimeout(rest);
      sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('scrollend', onScrollEnd);
      model.close();
    };
  }, [model]);

  const restoreFocus = useKeptFocus(list);
  const asked = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (!model.isPlaced) model.begin(seq);
    else if (seq !== undefined && seq !== asked.current) void model.jump(seq);
    if (model.isPlaced || model.isJumping) asked.current = seq;
    // The address is a command: who comes back to the chat comes back to where they were.
    if (seq !== undefined && model.isPlaced) go(paths.chat(model.chat.id), { replace: true });
    model.settle();
    restoreFocus();
  });
}

/** A message that has the focus may leave the page: then the list gets it. */
function useKeptFocus(list: RefObject<HTMLElement | null>): () => void {
  const isInside = useRef(false);
  useEffect(() => {
    const element = list.current!;
    const onIn = (): void => void (isInside.current = true);
    const onOut = ({ target }: FocusEvent): void => {
      if ((target as Element).isConnected) isInside.current = false;
    };
    element.addEventListener('focusin', onIn);
    element.addEventListener('focusout', onOut);
    return () => {
      element.removeEventListener('focusin', onIn);
      element.removeEventListener('focusout', onOut);
    };
  }, []);
  return () => {
    if (isInside.current && document.activeElement === document.body) list.current!.focus({ preventScroll: true });
  };
}

/** Renders anew when a day ends: what was today is yesterday. */
export function useMidnight(render: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      const now = new Date();
      const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
      timer = setTimeout(() => {
        render();
        wait();
      }, next.getTime() - now.getTime());
    };
    wait();
    return () => clearTimeout(timer);
  }, []);
}
