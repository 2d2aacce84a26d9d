/** The picker of emoji beside whatever opened it. What it shows comes in chunks of their own when it is first opened. */
import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { defineTexts } from '../texts/texts.ts';
import { toPosition, type MenuPlace } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import type { EmojiPickerProps } from './emoji-picker.tsx';
import './emoji-popover.css';

const texts = defineTexts({ en: { emoji: 'Emoji' }, ru: { emoji: 'Эмодзи' } });

let loaded: ComponentType<EmojiPickerProps> | undefined;

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

/** Escape and a press elsewhere close it; picking does not. */
export function EmojiPopover({ place, onPick, onClose }: EmojiPopoverProps) {
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  const [Picker, setPicker] = useState<ComponentType<EmojiPickerProps> | undefined>(() => loaded);

  useLayoutEffect(() => {
    const box = ref.current!;
    const before = document.activeElement;
    box.showPopover();
    const { left, top } = toPosition(toCorner(place), box.getBoundingClientRect());
    box.style.left = `${left}px`;
    box.style.top = `${top}px`;
    return () => {
      if (box.contains(document.activeElement) || document.activeElement === document.body)
        (before as HTMLElement | null)?.focus?.();
    };
  }, []);

  useEffect(() => {
    if (!loaded)
      import('./emoji-picker.tsx').then(
        (chunk) => setPicker(() => (loaded = chunk.EmojiPicker)),
        (error: unknown) => {
          toast(toErrorText(error));
          close.current();
        },
      );
    const onOutside = (event: PointerEvent): void => {
      const isOpener = 'element' in place && place.element.contains(event.target as Node);
      if (!isOpener && !ref.current?.contains(event.target as Node)) close.current();
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
      popover="manual"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {Picker && <Picker onPick={onPick} />}
    </div>
  );
}
