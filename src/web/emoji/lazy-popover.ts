import { lazyDialog } from '../app/lazy.tsx';
import type { EmojiPopoverProps } from './emoji-popover.tsx';

/** The picker of emoji beside whatever opened it; it comes when it is first opened. */
export const EmojiPopover = lazyDialog<EmojiPopoverProps>(
  async () => (await import('./emoji-popover.tsx')).EmojiPopover,
);
