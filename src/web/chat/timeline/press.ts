/** Opens a message's menu: by the right button, by the keys that mean it, and by a finger that rests. */
import { useMemo, useRef } from 'preact/hooks';
import type { MenuPlace } from '../../ui/menu.tsx';

const holdMs = 500;
/** A finger that moves farther scrolls. */
const restPx = 10;

/** Handlers for the element of a message. */
export function usePress(onOpen: (place: MenuPlace) => void) {
  const open = useRef(onOpen);
  open.current = onOpen;
  return useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    const stop = (): void => clearTimeout(timer);
    return {
      onContextMenu(event: MouseEvent) {
        stop();
        // A link has a menu of its own, and so has a selected text.
        const isLink = (event.target as Element).closest('a') !== null;
        if (isLink || getSelection()?.isCollapsed === false) return;
        event.preventDefault();
        const isKey = event.clientX === 0 && event.clientY === 0;
        open.current(isKey ? { element: event.currentTarget as Element } : { x: event.clientX, y: event.clientY });
      },
      onPointerDown(event: PointerEvent) {
        stop();
        if (event.pointerType !== 'touch') return;
        from = { x: event.clientX, y: event.clientY };
        timer = setTimeout(() => open.current(from), holdMs);
      },
      onPointerMove(event: PointerEvent) {
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > restPx) stop();
      },
      onPointerUp: stop,
      onPointerCancel: stop,
    };
  }, []);
}
