import { classes } from './classes.ts';
import './badge.css';

export interface BadgeProps {
  /** Shown up to 999. */
  count: number;
  /** What is counted, for who listens: `3 unread messages`. */
  label: string;
  kind?: 'strong' | 'quiet';
}

/** A number in a pill. */
export const Badge = ({ count, label, kind = 'strong' }: BadgeProps) => (
  <span class={classes('badge', kind === 'quiet' && 'badge-quiet')}>
    <span aria-hidden="true">{count > 999 ? '999+' : count}</span>
    <span class="unseen">{label}</span>
  </span>
);
