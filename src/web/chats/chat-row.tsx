import type { ChatView } from '../../client/index.ts';
import { minute } from '../app/minute.ts';
import { otherOf, useFace } from '../app/names.ts';
import { useWatch } from '../app/presence.ts';
import { paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { toShort } from '../texts/dates.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Badge } from '../ui/badge.tsx';
import { IconButton } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Icon } from '../ui/icon.tsx';
import { Link } from '../ui/link.tsx';
import type { MenuPlace } from '../ui/menu.tsx';
import { findWaiting, isMuted } from './arrange.ts';
import { ChatPreview } from './chat-preview.tsx';
import { DeliveryMark } from './delivery-mark.tsx';
import { MutedSign } from './mute.tsx';
import { texts } from './texts.ts';
import { useMenuGestures } from './use-menu-gestures.ts';
import './chat-row.css';

export interface ChatRowProps {
  chat: ChatView;
  isOpen: boolean;
  /** Its menu is open. */
  isAsked: boolean;
  /** -1: the keys that move in the list lead to it. */
  tabIndex: 0 | -1;
  onMenu: (chat: ChatView, place: MenuPlace) => void;
  onSelect?: () => void;
}

/** One chat of the list. */
export function ChatRow({ chat, isOpen, isAsked, tabIndex, onMenu, onSelect }: ChatRowProps) {
  const { user } = useMessenger();
  const { name, id, src } = useFace(chat);
  const otherId = otherOf(chat, user?.id);
  const watched = otherId === user?.id ? undefined : otherId;
  useWatch(watched === undefined ? [] : [watched]);
  const isOnline = useSlice(`presence:${watched ?? ''}`)?.online ?? false;
  const gestures = useMenuGestures((place) => onMenu(chat, place));
  // Times and silence pass with nothing being said.
  void minute.value;
  const t = texts();
  const muted = isMuted(chat);
  const waiting = findWaiting(useSlice(`messages:${chat.id}`).pending);
  const { timestamp: at } = waiting ?? chat.last_message ?? { timestamp: chat.active_at };
  return (
    <div class={classes('chat-row', isOpen && 'chat-row-open', isAsked && 'chat-row-asked')} {...gestures}>
      <Link
        class="chat-row-link"
        href={paths.chat(chat.id)}
        tabIndex={tabIndex}
        draggable={false}
        onClick={onSelect}
        {...(isOpen && { 'aria-current': 'page' })}
      >
        <Avatar id={id} name={name} src={src} online={isOnline} />
        <span class="chat-row-body">
          <span class="chat-row-line">
            <span class="chat-row-name">{name}</span>
            {isOnline && <span class="unseen">{t.online}</span>}
            {muted && <MutedSign class="chat-row-sign" />}
            <span class="chat-row-when">
              <DeliveryMark chat={chat} isOpen={isOpen} />
              <time dateTime={at}>{toShort(at)}</time>
            </span>
          </span>
          <span class="chat-row-line">
            <ChatPreview chat={chat} isOpen={isOpen} />
            <Signs chat={chat} muted={muted} />
          </span>
        </span>
      </Link>
      <IconButton
        class="chat-row-more"
        icon="more"
        label={t.menu(name)}
        tabIndex={tabIndex}
        aria-haspopup="menu"
        onClick={(event) => onMenu(chat, { element: event.currentTarget })}
      />
    </div>
  );
}

function Signs({ chat: { own }, muted }: { chat: ChatView; muted: boolean }) {
  const t = texts();
  const kind = muted ? 'quiet' : 'strong';
  return (
    <>
      {own.unread_mentions > 0 && (
        <span class="badge chat-row-mention">
          <Icon name="mention" size={0.875} />
          <span class="unseen">{t.mentions}</span>
        </span>
      )}
      {own.unread_count > 0 ? (
        <Badge count={own.unread_count} label={t.unread(own.unread_count)} kind={kind} />
      ) : (
        own.marked_unread && (
          <span class={classes('chat-row-dot', muted && 'chat-row-dot-quiet')}>
            <span class="unseen">{t.markedUnread}</span>
          </span>
        )
      )}
      {own.pinned && (
        <span class="chat-row-sign">
          <Icon name="pin" size={1} />
          <span class="unseen">{t.pinned}</span>
        </span>
      )}
    </>
  );
}
