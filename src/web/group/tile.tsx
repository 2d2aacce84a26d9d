import { Icon, type IconName } from '../ui/icon.tsx';
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
