import { useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { session } from '../../app/session.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { toDay } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { EmptyState } from '../../ui/note.tsx';
import { EndButton } from './end-button.tsx';
import { LiveRegion } from './live-region.tsx';
import { onKey } from './keys.ts';
import { MenuHost, type OpenMenu } from './menu-host.tsx';
import { TimelineModel } from './model.ts';
import { useMidnight, useModel } from './use-model.ts';
import { toProgressIn } from './progress.ts';
import { MessageRow } from './row.tsx';
import { isStored, toDays, type Row } from './rows.ts';
import './timeline.css';

const texts = defineTexts({
  en: {
    messages: 'Messages',
    loading: 'Loading…',
    start: 'This is the start of the chat',
    empty: 'No messages yet',
    emptyText: 'Write the first one.',
    offline: 'No connection',
    offlineText: "Messages will appear once you're back online.",
  },
  ru: {
    messages: 'Сообщения',
    loading: 'Загрузка…',
    start: 'Здесь начинается переписка',
    empty: 'Сообщений пока нет',
    emptyText: 'Первое можно написать прямо сейчас.',
    offline: 'Нет соединения',
    offlineText: 'Сообщения появятся, когда оно восстановится.',
  },
});

/** The messages of a chat. `seq`: the message to jump to. */
export function Timeline({ chatId, seq }: { chatId: string; seq: number | undefined }) {
  const messenger = useMessenger();
  const held = useSlice(`messages:${chatId}`);
  const chat = useSlice(`chat:${chatId}`);
  useSlice(`positions:${chatId}`);
  const isOffline = useSlice('connection') === 'offline';
  const [, render] = useReducer((n: number, _change: void) => n + 1, 0);
  const model = useMemo(() => new TimelineModel(messenger, chatId, () => render()), [messenger, chatId]);
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<OpenMenu>();
  const ownId = session.value.kind === 'in' ? session.value.userId : '';

  useMidnight(render);
  model.prepare(held);
  useModel(model, seq, { list, content });

  const { shown } = model;
  const first = shown[0]?.seq ?? 0;
  const isStart = held.atStart && first === (held.rows[0]?.seq ?? 0);
  const progressOf = toProgressIn(messenger.store, chatId, shown);
  const days = toDays(model.hasEnd ? [...shown, ...held.pending] : shown, {
    ownId,
    before: messenger.store.findMessage(chatId, first - 1),
    unreadFrom: model.unreadFrom,
  });
  const isEmpty = model.isPlaced && isStart && days.length === 0;

  const toRow = ({ key, message, isOwn, starts, isFirstUnread }: Row) => (
    <MessageRow
      key={key}
      model={model}
      message={message}
      isOwn={isOwn}
      starts={starts}
      isGroup={chat?.type === 'group'}
      isFirstUnread={isFirstUnread}
      isFlashed={isStored(message) && message.seq === model.flashed}
      isAsked={menu?.message.client_id === message.client_id}
      progress={isOwn && isStored(message) ? progressOf(message.seq) : undefined}
      original={message.reply_to === undefined ? undefined : messenger.store.findMessage(chatId, message.reply_to)}
      onMenu={setMenu}
    />
  );

  return (
    <div class="timeline">
      <div
        ref={list}
        class="timeline-list"
        role="log"
        aria-label={texts().messages}
        aria-live="off"
        aria-busy={!model.isPlaced || model.isJumping}
        tabIndex={0}
        onKeyDown={(event) => onKey(event, { list: list.current!, model, onMenu: setMenu })}
      >
        <div ref={content} class="timeline-content">
          {model.isPlaced && !isEmpty && <p class="timeline-edge">{isStart ? texts().start : texts().loading}</p>}
          {!model.isPlaced && isOffline && (
            <EmptyState icon="offline" title={texts().offline} text={texts().offlineText} />
          )}
          {isEmpty && <EmptyState icon="message" title={texts().empty} text={texts().emptyText} />}
          {days.map(({ key, instant, rows }) => (
            <div key={key} class="timeline-day">
              <p class="timeline-day-label">
                <span>{toDay(instant)}</span>
              </p>
              {rows.map(toRow)}
            </div>
          ))}
        </div>
      </div>
      {((!model.isPlaced && !isOffline) || model.isJumping) && <div class="timeline-busy" role="presentation" />}
      {model.isPlaced && !model.isAtEnd && (
        <EndButton unread={chat?.own.unread_count ?? 0} onPress={() => void model.toEnd()} />
      )}
      <LiveRegion chatId={chatId} ownId={ownId} />
      {menu && <MenuHost menu={menu} onClose={() => setMenu(undefined)} onJump={(to) => void model.jump(to)} />}
    </div>
  );
}
