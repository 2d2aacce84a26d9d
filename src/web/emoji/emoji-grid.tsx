import { useRef, useState } from 'preact/hooks';
import type { Emoji } from './groups.ts';

/** As many as there is room for. */
const countColumns = (grid: HTMLElement): number => getComputedStyle(grid).gridTemplateColumns.split(' ').length;

export interface EmojiGridProps {
  label: string;
  emoji: readonly Emoji[];
  onPick: (emoji: string) => void;
  /** The arrow up was pressed in the first row. */
  onLeave: () => void;
}

/** Emoji as buttons; one of them can be reached by Tab, arrows reach the others. */
export function EmojiGrid({ label, emoji, onPick, onLeave }: EmojiGridProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const onKeyDown = (event: KeyboardEvent): void => {
    const grid = ref.current;
    if (!grid) return;
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: countColumns(grid),
      ArrowUp: -countColumns(grid),
      Home: -current,
      End: emoji.length - 1 - current,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (current + step < 0) onLeave();
    else grid.querySelectorAll('button')[Math.min(current + step, emoji.length - 1)]?.focus();
  };
  return (
    <div ref={ref} class="emoji-grid" role="group" aria-label={label} onKeyDown={onKeyDown}>
      {emoji.map((one, at) => (
        <button
          key={one.emoji}
          type="button"
          class="emoji-one"
          aria-label={one.name}
          title={one.name}
          tabIndex={at === current ? 0 : -1}
          onFocus={() => setCurrent(at)}
          onClick={() => onPick(one.emoji)}
        >
          {one.emoji}
        </button>
      ))}
    </div>
  );
}
