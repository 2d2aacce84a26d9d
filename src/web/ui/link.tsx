import type { AnchorHTMLAttributes, ComponentChildren } from 'preact';
import { go } from '../app/router.ts';

export interface LinkProps extends Omit<AnchorHTMLAttributes, 'href' | 'role'> {
  href: string;
  replace?: boolean;
  children?: ComponentChildren;
}

/** A link to another screen; with a modifier key or the middle button the browser opens it as it would any other. */
export const Link = ({ href, replace = false, onClick, ...rest }: LinkProps) => (
  <a
    {...rest}
    href={href}
    onClick={(event) => {
      onClick?.call(event.currentTarget, event);
      if (event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(href, { replace });
    }}
  />
);
