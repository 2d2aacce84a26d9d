import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { lazyDialog } from '../app/lazy.tsx';
import { otherOf } from '../app/names.ts';
import { go, paths, route, type Route } from '../app/router.ts';
import { useSlice } from '../app/slices.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { SearchField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import type { MenuPlace } from '../ui/menu.tsx';
import { EmptyState } from '../ui/note.tsx';
import { arrange, countUnread } from './arrange.ts';
import { ChatRow } from './chat-row.tsx';
import { FailedMark } from './delivery-mark.tsx';
import { ListHead } from './list-head.tsx';
import { ownId } from './own-id.ts';
import { RowList, type Row } from './row-list.tsx';
import type { RowMenuProps } from './row-menu.tsx';
import { useSearchRows } from './search-rows.tsx';
import { texts } from './texts.ts';
import { useSearchKeys } from './use-search-keys.ts';
import './chat-list.css';

const RowMenu = lazyDialog<RowMenuProps>(async () => (await import('./row-menu.tsx')).RowMenu);

/** All chats, the newest activity first; what is typed above them finds chats and people. */
export function ChatList() {
  const chats = useSlice('chats');
  const outbox = useSlice('outbox');
  const [typed, setTyped] = useState('');
  const [view, setView] = useState<'chats' | 'archive' | 'left-archive'>('chats');
  const [menu, setMenu] = useState<{ chatId: string; place: MenuPlace }>();
  const ref = useRef<HTMLElement>(null);
  const t = texts();
  const openId = findOpen(chats, route.value);
  const { shown, archived } = arrange(chats, outbox);
  const isSearch = typed.trim() !== '';
  const leave = (): void => setTyped('');
  const onSearchKey = useSearchKeys(ref, leave);

  const toRow = (chat: ChatView): Row => ({
    id: chat.id,
    render: (tabIndex) => (
      <ChatRow
        chat={chat}
        isOpen={chat.id === openId}
        isAsked={chat.id === menu?.chatId}
        tabIndex={tabIndex}
        onMenu={({ id }, place) => setMenu((open) => open ?? { chatId: id, place })}
        onSelect={leave}
      />
    ),
  });
  const search = useSearchRows(chats, typed, { toRow, onDone: leave });
  const inArchive = view === 'archive' && archived.length > 0;
  const leaveArchive = (): void => setView('left-archive');
  useEffect(() => {
    // Neither an archive that is empty nor one that was left before a search is come back to by itself.
    if (archived.length === 0 || isSearch) setView('chats');
  }, [archived.length, isSearch]);
  const rows = isSearch
    ? search.rows
    : inArchive
      ? archived.map(toRow)
      : [
          ...(archived.length > 0 ? [toArchiveRow({ archived, openId, onSelect: () => setView('archive') })] : []),
          ...shown.map(toRow),
        ];

  return (
    <nav
      ref={ref}
      class="chat-list"
      aria-label={t.chats}
      onKeyDown={(event) => {
        onSearchKey(event);
        if (event.key === 'Escape' && !event.defaultPrevented && inArchive) leaveArchive();
      }}
    >
      <h1 class="unseen">{t.chats}</h1>
      <ListHead />
      <div class="chat-list-search">
        <SearchField label={t.search} value={typed} onInput={setTyped} />
      </div>
      <p class="unseen" role="status">
        {search.status}
      </p>
      {inArchive && !isSearch && <ArchiveHead onBack={leaveArchive} />}
      <div class="chat-list-body">
        {rows.length > 0 ? (
          <RowList
            key={isSearch ? 'search' : inArchive ? 'archive' : 'chats'}
            rows={rows}
            {...(!isSearch && { start: openId })}
            {...(view === 'left-archive' && { focus: 'archive' })}
          />
        ) : (
          <Nothing />
        )}
      </div>
      {menu && <RowMenu {...menu} onClose={() => setMenu(undefined)} />}
    </nav>
  );
}

function ArchiveHead({ onBack }: { onBack: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const t = texts();
  useEffect(() => ref.current?.querySelector('button')?.focus(), []);
  return (
    <div ref={ref} class="chat-list-archive-head">
      <IconButton icon="back" label={t.back} onClick={onBack} />
      <h2>{t.archive}</h2>
    </div>
  );
}

/** The chat that is looked at, itself or by the page of whom one talks to in it. */
const findOpen = (chats: readonly ChatView[], current: Route): string | undefined =>
  'chatId' in current
    ? current.chatId
    : 'userId' in current
      ? chats.find((chat) => otherOf(chat, ownId()) === current.userId)?.id
      : undefined;

interface ArchiveRowProps {
  archived: readonly ChatView[];
  openId: string | undefined;
  tabIndex: 0 | -1;
  onSelect: () => void;
}

const toArchiveRow = (props: Omit<ArchiveRowProps, 'tabIndex'>): Row => ({
  id: 'archive',
  render: (tabIndex) => <ArchiveRow {...props} tabIndex={tabIndex} />,
});

function ArchiveRow({ archived, openId, tabIndex, onSelect }: ArchiveRowProps) {
  const unread = countUnread(archived);
  const failed = useSlice('outbox').filter(({ status }) => status === 'failed');
  const t = texts();
  return (
    <button
      type="button"
      class="chat-list-archive"
      tabIndex={tabIndex}
      aria-current={archived.some(({ id }) => id === openId)}
      onClick={onSelect}
    >
      <Icon name="archive" size={1} />
      <span class="chat-list-archive-name">{t.archive}</span>
      {failed.some((one) => archived.some(({ id }) => id === one.chat_id)) && <FailedMark />}
      {unread > 0 ? <Badge count={unread} label={t.unread(unread)} kind="quiet" /> : <span>{archived.length}</span>}
    </button>
  );
}

function Nothing() {
  const state = useSlice('connection');
  const t = texts();
  if (state !== 'online') return <p class="chat-list-note">{t.loading}</p>;
  return (
    <EmptyState icon="message" title={t.empty} text={t.emptyText}>
      <Button kind="primary" icon="newChat" onClick={() => go(paths.newChat)}>
        {t.write}
      </Button>
    </EmptyState>
  );
}
