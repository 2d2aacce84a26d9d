import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Menu, type MenuItem, type MenuPlace } from '../ui/menu.tsx';
import './tile.css';

export interface TileProps {
  icon: IconName;
  label: string;
  onSelect: () => void;
  disabled?: boolean;
}

/** A button with its picture above its word, one of a row. */
export const Tile = ({ icon, label, onSelect, disabled = false }: TileProps) => (
  <button class="tile" type="button" disabled={disabled} onClick={onSelect}>
    <Icon name={icon} />
    <span>{label}</span>
  </button>
);

/** A tile that opens a menu. */
export function MenuTile({ icon, label, items }: { icon: IconName; label: string; items: readonly MenuItem[] }) {
  const [place, setPlace] = useState<MenuPlace>();
  return (
    <>
      <button
        class="tile"
        type="button"
        aria-haspopup="menu"
        aria-expanded={place !== undefined}
        onClick={(event) => setPlace(place ? undefined : { element: event.currentTarget })}
      >
        <Icon name={icon} />
        <span>{label}</span>
      </button>
      {place && <Menu label={label} items={items} place={place} onClose={() => setPlace(undefined)} />}
    </>
  );
}
