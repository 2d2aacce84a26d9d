import { MessengerError, type Message } from '../../../client/index.ts';
import type { Face } from '../../app/names.ts';
import { paths } from '../../app/router.ts';
import { useMessenger } from '../../app/slices.ts';
import { toErrorText } from '../../app/error-text.ts';
import { toFull, toTime } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { toHue } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Link } from '../../ui/link.tsx';
import { MessageText } from '../message-text.tsx';
import { Reactions } from '../reactions.tsx';
import { MarkIcon, type Mark } from './marks.tsx';
import { useAnyone } from './people.ts';
import { Quote } from './quote.tsx';
import type { MessageRowProps } from './row-props.ts';
import { isStored } from './rows.ts';

const texts = defineTexts({
  en: {
    deleted: 'Message deleted',
    edited: 'edited',
    pinned: 'Pinned',
    forwarded: 'Forwarded from',
    actions: 'Message menu',
    retry: 'Send again',
    drop: 'Delete',
    blocked: "Not delivered: you can't message each other",
  },
  ru: {
    deleted: 'Сообщение удалено',
    edited: 'изменено',
    pinned: 'Закреплено',
    forwarded: 'Переслано от',
    actions: 'Меню сообщения',
    retry: 'Отправить ещё раз',
    drop: 'Удалить',
    blocked: 'Не доставлено: вы не можете писать друг другу',
  },
});

interface BubbleProps extends MessageRowProps {
  mark: Mark | undefined;
  /** Whose name stands in it. */
  author: Face | undefined;
}

/** What a message says, in its bubble. */
export function Bubble({ model, message, mark, author, original, onMenu }: BubbleProps) {
  const stored = isStored(message) ? message : undefined;
  const isDeleted = stored?.deleted_at !== undefined;
  return (
    <div class="bubble">
      {author && (
        <Link class="bubble-author" style={{ '--hue': toHue(author.id) }} href={paths.person(author.id)} tabIndex={-1}>
          {author.name}
        </Link>
      )}
      {stored?.forwarded && <ForwardedFrom senderId={stored.forwarded.sender_id} />}
      {message.reply_to !== undefined && !isDeleted && (
        <Quote chatId={message.chat_id} seq={message.reply_to} held={original} onJump={(seq) => void model.jump(seq)} />
      )}
      <div class="bubble-body">
        <div class="bubble-text">
          <Said message={message} isDeleted={isDeleted} />
        </div>
        <Meta message={message} stored={stored} mark={isDeleted ? undefined : mark} />
      </div>
      {stored && !isDeleted && <Reactions message={stored} />}
      {'status' in message && message.status === 'failed' && <Failed message={message} />}
      {!isDeleted && (
        <button
          type="button"
          class="bubble-menu"
          tabIndex={-1}
          aria-label={texts().actions}
          title={texts().actions}
          onClick={(event) => onMenu({ message, place: { element: event.currentTarget } })}
        >
          <Icon name="down" size={1} />
        </button>
      )}
    </div>
  );
}

type Any = BubbleProps['message'];

function Said({ message, isDeleted }: { message: Any; isDeleted: boolean }) {
  const { store } = useMessenger();
  if (isDeleted) return <p class="bubble-deleted">{texts().deleted}</p>;
  // The server makes the text of a forward; until then it is shown as far as it is known.
  const told = 'forward' in message && message.forward;
  const original = told ? store.findMessage(told.chat_id, told.seq) : undefined;
  return <MessageText message={original ?? message} />;
}

const Meta = ({ message, stored, mark }: { message: Any; stored: Message | undefined; mark: Mark | undefined }) => (
  <span class="bubble-meta">
    {stored?.pinned_at !== undefined && (
      <span title={texts().pinned}>
        <Icon name="pin" size={0.8125} />
      </span>
    )}
    {stored?.edited_at !== undefined && stored.deleted_at === undefined && (
      <span title={toFull(stored.edited_at)}>{texts().edited}</span>
    )}
    <time dateTime={message.timestamp} title={toFull(message.timestamp)}>
      {toTime(message.timestamp)}
    </time>
    {mark && <MarkIcon mark={mark} />}
  </span>
);

function ForwardedFrom({ senderId }: { senderId: string }) {
  const { name } = useAnyone(senderId);
  return (
    <p class="bubble-forwarded">
      <Icon name="forward" size={0.875} />
      <span>
        {texts().forwarded} {name}
      </span>
    </p>
  );
}

function Failed({ message: { error, client_id: clientId } }: { message: Extract<Any, { status: unknown }> }) {
  const { outbox } = useMessenger();
  const isBlocked = error?.code === 'blocked';
  return (
    <div class="bubble-failed">
      {error && <p>{isBlocked ? texts().blocked : toErrorText(new MessengerError(error.code, error))}</p>}
      {!isBlocked && (
        <Button kind="plain" icon="retry" onClick={() => outbox.retry(clientId)}>
          {texts().retry}
        </Button>
      )}
      <Button class="bubble-drop" kind="plain" icon="trash" onClick={() => outbox.drop(clientId)}>
        {texts().drop}
      </Button>
    </div>
  );
}
