import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { toPosition, type MenuPlace } from '../ui/menu.tsx';
import { isTouch } from '../ui/touch.ts';
import { EmojiPicker } from './emoji-picker.tsx';
import './emoji-popover.css';

const texts = defineTexts({ en: { emoji: 'Emoji' }, ru: { emoji: 'Эмодзи' } });

export interface EmojiPopoverProps {
  place: MenuPlace;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

/** It begins where its opener does. */
function toCorner(place: MenuPlace): MenuPlace {
  if (!('element' in place)) return place;
  const { left, top } = place.element.getBoundingClientRect();
  return { x: left, y: top };
}

/** The picker of emoji beside whatever opened it. Escape and a press elsewhere close it; picking does not. */
export function EmojiPopover({ place, onPick, onClose }: EmojiPopoverProps) {
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const box = ref.current!;
    const before = document.activeElement;
    box.showPopover();
    const { left, top } = toPosition(toCorner(place), box.getBoundingClientRect());
    box.style.left = `${left}px`;
    box.style.top = `${top}px`;
    (isTouch() ? box : box.querySelector('input'))?.focus();
    return () => {
      if (box.contains(document.activeElement) || document.activeElement === document.body)
        (before as HTMLElement | null)?.focus?.();
    };
  }, []);

  useEffect(() => {
    const onOutside = (event: PointerEvent): void => {
      const isOpener = 'element' in place && place.element.contains(event.target as Node);
      if (!isOpener && ref.current && !ref.current.contains(event.target as Node)) close.current();
    };
    const onResize = (): void => close.current();
    // On a phone the keyboard makes the page smaller: that is no reason to close.
    if (matchMedia('(pointer: fine)').matches) addEventListener('resize', onResize);
    addEventListener('pointerdown', onOutside, true);
    return () => {
      removeEventListener('resize', onResize);
      removeEventListener('pointerdown', onOutside, true);
    };
  }, []);

  return (
    <div
      ref={ref}
      class="emoji-popover"
      role="dialog"
      aria-label={texts().emoji}
      tabIndex={-1}
      popover="manual"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <EmojiPicker onPick={onPick} />
    </div>
  );
}
