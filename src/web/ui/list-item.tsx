import type { ComponentChildren } from 'preact';
import { classes } from './classes.ts';
import { Link } from './link.tsx';
import './list-item.css';

export interface ListItemProps {
  /** A picture or an icon before it. */
  leading?: ComponentChildren;
  title: ComponentChildren;
  subtitle?: ComponentChildren;
  /** At its end; not part of the link. */
  trailing?: ComponentChildren;
  /** Where it leads; without it and `onSelect` it is only shown. */
  href?: string;
  onSelect?: () => void;
  selected?: boolean;
  /** -1: something else than Tab leads to it. */
  tabIndex?: 0 | -1;
}

/** A line of a list with a picture, a title and more of it. Put it into a `li`. */
export function ListItem({
  leading,
  title,
  subtitle,
  trailing,
  href,
  onSelect,
  selected = false,
  tabIndex,
}: ListItemProps) {
  const content = (
    <>
      {leading}
      <span class="list-item-text">
        <span class="list-item-title">{title}</span>
        {subtitle !== undefined && <span class="list-item-subtitle">{subtitle}</span>}
      </span>
    </>
  );
  const name = classes('list-item-main', selected && 'list-item-selected');
  return (
    <div class="list-item">
      {href !== undefined ? (
        <Link
          class={name}
          href={href}
          {...(onSelect && { onClick: onSelect })}
          {...(selected && { 'aria-current': 'true' })}
          {...(tabIndex !== undefined && { tabIndex })}
        >
          {content}
        </Link>
      ) : onSelect ? (
        <button class={name} type="button" onClick={onSelect} {...(tabIndex !== undefined && { tabIndex })}>
          {content}
        </button>
      ) : (
        <div class={name}>{content}</div>
      )}
      {trailing}
    </div>
  );
}
