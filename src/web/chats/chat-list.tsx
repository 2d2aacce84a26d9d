import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { toChatFace } from '../app/names.ts';
import { go, paths, route } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { SearchField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, type MenuPlace } from '../ui/menu.tsx';
import { EmptyState } from '../ui/note.tsx';
import { arrange, countUnread } from './arrange.ts';
import { listChatActions } from './chat-actions.ts';
import { ChatRow } from './chat-row.tsx';
import { ListHead } from './list-head.tsx';
import { RowList, type Row } from './row-list.tsx';
import { useSearchRows } from './search-rows.tsx';
import { texts } from './texts.ts';
import { useSearchKeys } from './use-search-keys.ts';
import './chat-list.css';

/** All chats, the newest activity first; what is typed above them finds chats and people. */
export function ChatList() {
  const chats = useSlice('chats');
  const [typed, setTyped] = useState('');
  const [view, setView] = useState<'chats' | 'archive' | 'left-archive'>('chats');
  const [menu, setMenu] = useState<{ chatId: string; place: MenuPlace }>();
  const ref = useRef<HTMLElement>(null);
  const t = texts();
  const openId = 'chatId' in route.value ? route.value.chatId : undefined;
  const { shown, archived } = arrange(chats);
  const isSearch = typed.trim() !== '';
  const leave = (): void => setTyped('');
  const onSearchKey = useSearchKeys(ref, leave);

  const toRow = (chat: ChatView): Row => ({
    id: chat.id,
    render: (tabIndex) => (
      <ChatRow
        chat={chat}
        isOpen={chat.id === openId}
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
      : [...(archived.length > 0 ? [toArchiveRow(archived, () => setView('archive'))] : []), ...shown.map(toRow)];

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

const toArchiveRow = (archived: readonly ChatView[], onSelect: () => void): Row => ({
  id: 'archive',
  render: (tabIndex) => <ArchiveRow archived={archived} tabIndex={tabIndex} onSelect={onSelect} />,
});

interface ArchiveRowProps {
  archived: readonly ChatView[];
  tabIndex: 0 | -1;
  onSelect: () => void;
}

function ArchiveRow({ archived, tabIndex, onSelect }: ArchiveRowProps) {
  const unread = countUnread(archived);
  const t = texts();
  return (
    <button type="button" class="chat-list-archive" tabIndex={tabIndex} onClick={onSelect}>
      <Icon name="archive" size={1} />
      <span class="chat-list-archive-name">{t.archive}</span>
      {unread > 0 && <Badge count={unread} label={t.unread(unread)} kind="quiet" />}
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

function RowMenu({ chatId, place, onClose }: { chatId: string; place: MenuPlace; onClose: () => void }) {
  const messenger = useMessenger();
  const chat = useSlice(`chat:${chatId}`);
  if (!chat) return null;
  const { name } = toChatFace(chat, messenger.user?.id, messenger.store);
  return <Menu label={texts().menu(name)} items={listChatActions(messenger, chat)} place={place} onClose={onClose} />;
}
