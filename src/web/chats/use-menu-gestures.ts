import { useEffect, useRef } from 'preact/hooks';
import type { MenuPlace } from '../ui/menu.tsx';

const longPressMs = 500;
const stillPx = 10;

export interface MenuGestures {
  onContextMenu: (event: MouseEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: () => void;
  onPointerCancel: () => void;
  onClickCapture: (event: MouseEvent) => void;
}

/** What asks for the menu of a row: a right click, Shift+F10 or the menu key, and a long press of a finger. */
export function useMenuGestures(open: (place: MenuPlace) => void): MenuGestures {
  const press = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> } | undefined>(undefined);
  const wasLong = useRef(false);
  const end = (): void => {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  };
  useEffect(() => end, []);
  return {
    onContextMenu(event) {
      event.preventDefault();
      end();
      open({ x: event.clientX, y: event.clientY });
    },
    onKeyDown(event) {
      if (event.key !== 'ContextMenu' && !(event.key === 'F10' && event.shiftKey)) return;
      event.preventDefault();
      open({ element: event.currentTarget as Element });
    },
    onPointerDown({ pointerType, clientX: x, clientY: y }) {
      wasLong.current = false;
      if (pointerType !== 'touch') return;
      const onTime = (): void => {
        wasLong.current = true;
        end();
        open({ x, y });
      };
      press.current = { x, y, timer: setTimeout(onTime, longPressMs) };
    },
    onPointerMove({ clientX, clientY }) {
      if (press.current && Math.hypot(clientX - press.current.x, clientY - press.current.y) > stillPx) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onClickCapture(event) {
      // The finger that opened the menu is lifted: that opens nothing else.
      if (!wasLong.current) return;
      wasLong.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
