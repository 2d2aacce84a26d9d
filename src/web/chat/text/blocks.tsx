import type { ComponentChildren } from 'preact';
import { paths, route, toRoute } from '../../app/router.ts';
import { useMessenger } from '../../app/slices.ts';
import { classes } from '../../ui/classes.ts';
import { Link } from '../../ui/link.tsx';
import type { Block, Inline, MentionPiece } from './tree.ts';

const MentionLink = ({ mention }: { mention: MentionPiece }) => {
  const isOwn = useMessenger().user?.id === mention.userId;
  return (
    <Link class={classes('mention', isOwn && 'mention-own')} href={paths.person(mention.userId)}>
      {mention.text}
    </Link>
  );
};

/** A link that somebody wrote: to a chat of this messenger it leads here, to all else in another tab. */
function WrittenLink({ href, children }: { href: string; children: ComponentChildren }) {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  const target = url?.origin === location.origin ? toRoute(url.pathname) : undefined;
  if (!url || target?.screen !== 'chat')
    return (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    );
  const shown = route.value;
  return (
    <Link href={url.pathname} replace={shown.screen === 'chat' && shown.chatId === target.chatId}>
      {children}
    </Link>
  );
}

/** Words with what is meant by them. */
export const Inlines = ({ children }: { children: readonly Inline[] }) => <>{children.map(toNode)}</>;

function toNode(inline: Inline): ComponentChildren {
  if (typeof inline === 'string') return inline;
  switch (inline.kind) {
    case 'break':
      return <br />;
    case 'strong':
      return <strong>{inline.children.map(toNode)}</strong>;
    case 'emphasis':
      return <em>{inline.children.map(toNode)}</em>;
    case 'strike':
      return <s>{inline.children.map(toNode)}</s>;
    case 'code':
      return <code>{inline.text}</code>;
    case 'link':
      return <WrittenLink href={inline.href}>{inline.children.map(toNode)}</WrittenLink>;
    default:
      return <MentionLink mention={inline} />;
  }
}

/** Paragraphs, lists, quotes and code. */
export const Blocks = ({ blocks }: { blocks: readonly Block[] }) => (
  <>
    {blocks.map((block, at) => (
      <OneBlock key={at} block={block} />
    ))}
  </>
);

function OneBlock({ block }: { block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p>
          <Inlines>{block.children}</Inlines>
        </p>
      );
    case 'heading':
      return (
        <p class="message-text-heading">
          <Inlines>{block.children}</Inlines>
        </p>
      );
    case 'code':
      // Who uses the keyboard scrolls it too.
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.children} />
        </blockquote>
      );
    default: {
      const items = block.items.map((item, at) => (
        <li key={at}>
          <Blocks blocks={item} />
        </li>
      ));
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
  }
}
