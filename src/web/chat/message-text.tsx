import type { Message, PendingMessage } from '../../client/index.ts';
import { classes } from '../ui/classes.ts';
import { Blocks, Inlines } from './text/blocks.tsx';
import { loadReader, read } from './text/read.ts';
import { cutAtMentions, hasMarkup, isFewEmoji } from './text/tree.ts';
import './message-text.css';

/** What a message says: markdown, links and mentions; plainly until the part that reads markdown is here. */
export function MessageText({ message }: { message: Pick<Message | PendingMessage, 'text' | 'mentions'> }) {
  const { text, mentions } = message;
  loadReader();
  const blocks = hasMarkup(text) ? read(text, mentions) : undefined;
  if (blocks)
    return (
      <div class="message-text" dir="auto">
        <Blocks blocks={blocks} />
      </div>
    );
  return (
    <div class={classes('message-text', 'message-text-plain', isFewEmoji(text) && 'message-text-emoji')} dir="auto">
      <Inlines>{cutAtMentions(text, mentions)}</Inlines>
    </div>
  );
}
