/** What the browser's tab says. */
import { useEffect } from 'preact/hooks';
import { useMessenger } from '../app/slices.ts';
import { countUnread } from './arrange.ts';

const title = 'Messenger';
/** A message that is read as soon as it is there does not make the title flicker. */
const settleMs = 250;
const dot = '<circle cx="24" cy="24" r="7" fill="#d93025" stroke="#fff" stroke-width="2"/>';

let plain: string | undefined;
let dotted: Promise<string> | undefined;

/** The picture of the page with a dot in its corner. */
async function toDotted(href: string): Promise<string> {
  const svg = await (await fetch(href)).text();
  return `data:image/svg+xml,${encodeURIComponent(svg.replace('</svg>', `${dot}</svg>`))}`;
}

async function mark(isUnread: boolean): Promise<void> {
  const icon = document.querySelector<HTMLLinkElement>('#favicon');
  if (!icon) return;
  plain ??= icon.href;
  const wanted = isUnread ? await (dotted ??= toDotted(plain)) : plain;
  // It may have been read while the picture was made.
  if (isUnread === document.title.startsWith('(')) icon.href = wanted;
}

function show(unread: number): void {
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
  mark(unread > 0).catch(() => {
    dotted = undefined;
  });
}

/** Keeps how much is unread in the page's title and picture; muted chats do not count. */
export function useTitle(): void {
  const { store } = useMessenger();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const showSoon = (unread: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => show(unread), settleMs);
    };
    const off = store.subscribe((view) => countUnread(view.get('chats')), showSoon);
    showSoon(countUnread(store.get('chats')));
    return () => {
      off();
      clearTimeout(timer);
      show(0);
    };
  }, [store]);
}
