import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { classes } from './classes.ts';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

type Attributes = Omit<ButtonHTMLAttributes, 'icon' | 'role' | 'type' | 'disabled' | 'class'> & {
  class?: string;
};

export interface ButtonProps extends Attributes {
  kind?: 'primary' | 'secondary' | 'plain' | 'danger';
  icon?: IconName;
  /** It is at work: it cannot be pressed again, and keeps its width. */
  busy?: boolean;
  type?: 'button' | 'submit';
  disabled?: boolean;
  form?: string;
  children: ComponentChildren;
}

export const Button = ({
  kind = 'secondary',
  icon,
  busy = false,
  type = 'button',
  disabled = false,
  children,
  class: more,
  ...rest
}: ButtonProps) => (
  <button
    {...rest}
    type={type}
    class={classes('button', `button-${kind}`, more)}
    disabled={disabled || busy}
    aria-busy={busy}
  >
    {icon && <Icon name={icon} />}
    <span>{children}</span>
  </button>
);

export interface IconButtonProps extends Attributes {
  icon: IconName;
  /** What it does; also shown when the pointer rests on it. */
  label: string;
  kind?: 'plain' | 'primary';
  type?: 'button' | 'submit';
  disabled?: boolean;
}

export const IconButton = ({ icon, label, kind = 'plain', type = 'button', class: more, ...rest }: IconButtonProps) => (
  <button
    {...rest}
    type={type}
    class={classes('icon-button', kind === 'primary' && 'icon-button-primary', more)}
    aria-label={label}
    title={label}
  >
    <Icon name={icon} />
  </button>
);
