import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { session } from '../../app/session.ts';
import { go, paths } from '../../app/router.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { toDay } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { EmptyState } from '../../ui/note.tsx';
import { EndButton } from './end-button.tsx';
import { LiveRegion } from './live-region.tsx';
import { onKey } from './keys.ts';
import { MenuHost, type OpenMenu } from './menu-host.tsx';
import { TimelineModel } from './model.ts';
import { toProgressIn } from './progress.ts';
import { MessageRow } from './row.tsx';
import { isStored, toDays, type Row } from './rows.ts';
import { onWatched } from './watched.ts';
import './timeline.css';

const texts = defineTexts({
  en: {
    messages: 'Messages',
    loading: 'Loading…',
    start: 'The chat begins here',
    empty: 'No messages yet',
    emptyText: 'Write the first one.',
  },
  ru: {
    messages: 'Сообщения',
    loading: 'Загрузка…',
    start: 'Начало чата',
    empty: 'Сообщений пока нет',
    emptyText: 'Первое можно написать прямо сейчас.',
  },
});

/** The messages of a chat. `seq`: the message to jump to. */
export function Timeline({ chatId, seq }: { chatId: string; seq: number | undefined }) {
  const messenger = useMessenger();
  const held = useSlice(`messages:${chatId}`);
  const chat = useSlice(`chat:${chatId}`);
  useSlice(`positions:${chatId}`);
  const [, render] = useReducer((n: number, _change: void) => n + 1, 0);
  const model = useMemo(() => new TimelineModel(messenger.chat(chatId), () => render()), [messenger, chatId]);
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<OpenMenu>();
  const ownId = session.value.kind === 'in' ? session.value.userId : '';

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
      {(!model.isPlaced || model.isJumping) && <div class="timeline-busy" role="presentation" />}
      {model.isPlaced && !model.isAtEnd && (
        <EndButton unread={chat?.own.unread_count ?? 0} onPress={() => void model.toEnd()} />
      )}
      <LiveRegion chatId={chatId} ownId={ownId} />
      {menu && <MenuHost menu={menu} onClose={() => setMenu(undefined)} onJump={(to) => void model.jump(to)} />}
    </div>
  );
}

interface Elements {
  list: { current: HTMLDivElement | null };
  content: { current: HTMLDivElement | null };
}

/** Ties a model to the elements of its list. */
function useModel(model: TimelineModel, seq: number | undefined, { list, content }: Elements): void {
  useLayoutEffect(() => {
    const element = list.current!;
    model.attach(element);
    const onScroll = (): void => model.look();
    element.addEventListener('scroll', onScroll, { passive: true });
    const sizes = new ResizeObserver(() => model.settle());
    sizes.observe(element);
    sizes.observe(content.current!);
    const off = onWatched(onScroll);
    return () => {
      off();
      sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
      model.close();
    };
  }, [model]);

  const aim = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (!model.isPlaced) model.begin(seq);
    else if (seq !== undefined && seq !== aim.current) void model.jump(seq);
    if (model.isPlaced || model.isJumping) aim.current = seq;
    // The address is a command: coming back to the chat is coming back to where one was.
    if (seq !== undefined && model.isPlaced) go(paths.chat(model.chat.id), { replace: true });
    const hadFocus = document.activeElement === document.body && focusWasInside.get(model);
    model.settle();
    if (hadFocus) list.current!.focus({ preventScroll: true });
    focusWasInside.set(model, list.current!.contains(document.activeElement));
  });
}

/** A row that has the focus may leave the page: then the list gets it. */
const focusWasInside = new WeakMap<TimelineModel, boolean>();
