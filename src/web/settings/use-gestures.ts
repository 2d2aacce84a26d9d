/** Dragging and pinching by pointers, and the wheel. */
import { useRef } from 'preact/hooks';

export interface Gestures {
  /** By parts of the element's width. */
  onMove: (right: number, down: number) => void;
  onZoom: (factor: number) => void;
}

interface Point {
  x: number;
  y: number;
}

const distance = ([a, b]: readonly Point[]): number => Math.hypot(a!.x - b!.x, a!.y - b!.y);

/** Handlers for the element that is moved; it needs `touch-action: none`. */
export function useGestures({ onMove, onZoom }: Gestures) {
  const points = useRef(new Map<number, Point>()).current;
  const end = ({ pointerId }: PointerEvent): void => void points.delete(pointerId);
  return {
    onPointerDown(event: PointerEvent & { currentTarget: HTMLElement }) {
      event.currentTarget.setPointerCapture(event.pointerId);
      points.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerMove(event: PointerEvent & { currentTarget: HTMLElement }) {
      const before = points.get(event.pointerId);
      if (!before) return;
      const apart = points.size === 2 ? distance([...points.values()]) : 0;
      const now = { x: event.clientX, y: event.clientY };
      points.set(event.pointerId, now);
      const { clientWidth } = event.currentTarget;
      if (points.size === 1) onMove((now.x - before.x) / clientWidth, (now.y - before.y) / clientWidth);
      else if (apart > 0) onZoom(distance([...points.values()]) / apart);
    },
    onPointerUp: end,
    onPointerCancel: end,
    onWheel(event: WheelEvent) {
      event.preventDefault();
      onZoom(Math.exp(-event.deltaY / 500));
    },
  };
}
