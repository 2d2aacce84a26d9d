import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton, type IconButtonProps } from './button.tsx';
import { classes } from './classes.ts';
import { Icon, type IconName } from './icon.tsx';
import './menu.css';

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  /** One of several of which one holds; absent: it is no such choice. */
  checked?: boolean;
  onSelect: () => void;
}

/** Where a menu opens: at an element, or where the pointer was. */
export type MenuPlace = { element: Element } | { x: number; y: number };

export interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  place: MenuPlace;
  onClose: () => void;
  /** Before the items: more buttons with the role `menuitem`, side by side. */
  head?: ComponentChildren;
  /** On a narrow page it lies at the lower edge, with room for fingers. */
  sheet?: boolean;
}

const marginPx = 8;

/** Where a box of this size fits on the page: below its place, or above it when there is more room. */
export function toPosition(place: MenuPlace, { width, height }: DOMRect): { left: number; top: number } {
  const at = 'element' in place ? place.element.getBoundingClientRect() : new DOMRect(place.x, place.y, 0, 0);
  const below = at.bottom + 4;
  const top = below + height + marginPx <= innerHeight ? below : Math.max(marginPx, at.top - height - 4);
  const wanted = 'element' in place ? at.right - width : at.left;
  const left = Math.min(Math.max(marginPx, wanted), Math.max(marginPx, innerWidth - width - marginPx));
  return { left, top };
}

/** A list of things to do. Arrows move in it, letters jump, Escape and a click elsewhere close it. */
export function Menu({ label, items, place, onClose, head, sheet = false }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const isSheet = sheet && matchMedia('(max-width: 45rem)').matches;
  const wasPressed = useRef(false);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const menu = ref.current!;
    const before = document.activeElement;
    menu.showPopover();
    if (!isSheet) {
      const { left, top } = toPosition(place, menu.getBoundingClientRect());
      menu.style.left = `${left}px`;
      menu.style.top = `${top}px`;
    }
    listButtons(menu)[0]?.focus();
    return () => {
      if (menu.contains(document.activeElement) || document.activeElement === document.body)
        (before as HTMLElement | null)?.focus?.();
    };
  }, []);

  useEffect(() => {
    const onOutside = (event: PointerEvent): void => {
      // It listens a moment longer than it is there: then another menu may be open, which is not its own to close.
      if (ref.current && !ref.current.contains(event.target as Node)) close.current();
    };
    const onScroll = (): void => close.current();
    addEventListener('pointerdown', onOutside, true);
    addEventListener('resize', onScroll);
    return () => {
      removeEventListener('pointerdown', onOutside, true);
      removeEventListener('resize', onScroll);
    };
  }, []);

  return (
    <div
      ref={ref}
      class={classes('menu', isSheet && 'menu-sheet')}
      role="menu"
      aria-label={label}
      popover="manual"
      onPointerDown={() => {
        wasPressed.current = true;
      }}
      // The finger that opened it is lifted over it: that chooses nothing. A key's click has no detail.
      onClickCapture={(event) => {
        if (event.detail > 0 && !wasPressed.current) event.stopPropagation();
      }}
      onKeyDown={(event) => onMenuKey(event, ref.current!, onClose)}
    >
      {head}
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
          {...(item.checked !== undefined && { 'aria-checked': item.checked })}
          tabIndex={-1}
          class={classes('menu-item', item.danger && 'menu-item-danger')}
          disabled={item.disabled}
          onClick={() => {
            onClose();
            item.onSelect();
          }}
        >
          {item.icon && <Icon name={item.icon} />}
          <span>{item.label}</span>
          {item.checked && <Icon name="check" />}
        </button>
      ))}
    </div>
  );
}

const listButtons = (menu: HTMLElement): HTMLButtonElement[] => [
  ...menu.querySelectorAll<HTMLButtonElement>('[role^=menuitem]:not(:disabled)'),
];

function onMenuKey(event: KeyboardEvent, menu: HTMLElement, onClose: () => void): void {
  const buttons = listButtons(menu);
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  // What stands side by side is one row.
  const groupOf = (button: HTMLButtonElement | undefined) => button?.closest('[role=group]') ?? undefined;
  const rows = buttons.filter((button, i) => !groupOf(button) || groupOf(button) !== groupOf(buttons[i - 1]));
  const row = rows.findLastIndex((button) => buttons.indexOf(button) <= at);
  const focus = (next: HTMLButtonElement | undefined): void => {
    event.preventDefault();
    next?.focus();
  };
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    onClose();
  } else if (event.key === 'ArrowRight') focus(buttons[(at + 1) % buttons.length]);
  else if (event.key === 'ArrowLeft') focus(buttons[(at - 1 + buttons.length) % buttons.length]);
  else if (event.key === 'ArrowDown') focus(rows[(row + 1) % rows.length]);
  else if (event.key === 'ArrowUp') focus(rows[(row - 1 + rows.length) % rows.length]);
  else if (event.key === 'Home') focus(buttons[0]);
  else if (event.key === 'End') focus(buttons.at(-1));
  else if (event.key.length === 1) {
    const letter = event.key.toLocaleLowerCase();
    const starts = (button: HTMLButtonElement): boolean =>
      button.textContent.trim().toLocaleLowerCase().startsWith(letter);
    focus([...buttons.slice(at + 1), ...buttons].find(starts));
  }
}

export interface MenuButtonProps extends Omit<IconButtonProps, 'icon' | 'onClick'> {
  icon?: IconName;
  items: readonly MenuItem[];
}

/** A button that opens a menu. */
export function MenuButton({ icon = 'more', label, items, ...rest }: MenuButtonProps) {
  const [place, setPlace] = useState<MenuPlace>();
  return (
    <>
      <IconButton
        {...rest}
        icon={icon}
        label={label}
        aria-haspopup="menu"
        aria-expanded={place !== undefined}
        onClick={(event) => setPlace(place ? undefined : { element: event.currentTarget })}
      />
      {place && <Menu label={label} items={items} place={place} onClose={() => setPlace(undefined)} />}
    </>
  );
}
