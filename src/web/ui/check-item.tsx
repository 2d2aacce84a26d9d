import type { ComponentChildren } from 'preact';
import './check-item.css';

export interface CheckItemProps {
  /** A picture before it. */
  leading: ComponentChildren;
  title: string;
  subtitle?: string | undefined;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** A line of a list to tick. Put it into a `li`. */
export const CheckItem = ({ leading, title, subtitle, checked, disabled = false, onChange }: CheckItemProps) => (
  <label class="check-item">
    {leading}
    <span class="check-item-text">
      <span class="check-item-title">{title}</span>
      {subtitle && <span class="check-item-subtitle">{subtitle}</span>}
    </span>
    <input
      type="checkbox"
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  </label>
);
