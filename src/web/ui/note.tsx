import type { ComponentChildren } from 'preact';
import { classes } from './classes.ts';
import { Icon, type IconName } from './icon.tsx';
import './note.css';

export interface EmptyStateProps {
  icon: IconName;
  title: string;
  text?: string;
  /** What one could do about it. */
  children?: ComponentChildren;
}

/** What stands where there is nothing to show. */
export const EmptyState = ({ icon, title, text, children }: EmptyStateProps) => (
  <div class="empty-state">
    <Icon name={icon} size={2.5} />
    <h2>{title}</h2>
    {text && <p>{text}</p>}
    {children}
  </div>
);

export interface NoteProps {
  kind?: 'info' | 'warning' | 'danger';
  children: ComponentChildren;
  /** A button at its end. */
  action?: ComponentChildren;
}

/** A line that says how things stand. It is announced when it appears: `danger` at once, the others in time. */
export const Note = ({ kind = 'info', children, action }: NoteProps) => (
  <div class={classes('note', `note-${kind}`)} role={kind === 'danger' ? 'alert' : 'status'}>
    <span>{children}</span>
    {action}
  </div>
);
