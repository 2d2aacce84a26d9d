import type { Message, PendingMessage } from '../../../client/index.ts';
import { usePerson } from '../../app/names.ts';
import { defineTexts } from '../../texts/texts.ts';
import { classes } from '../../ui/classes.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Link } from '../../ui/link.tsx';
import { paths } from '../../app/router.ts';
import { Bubble } from './bubble.tsx';
import { toRowName } from './row-name.ts';
import { toMark } from './marks.tsx';
import { memo } from './memo.tsx';
import type { OpenMenu } from './menu-host.tsx';
import type { TimelineModel } from './model.ts';
import type { Progress } from './progress.ts';
import { isStored, type Row } from './rows.ts';
import { usePress } from './press.ts';

const texts = defineTexts({
  en: { unread: 'New messages' },
  ru: { unread: 'Новые сообщения' },
});

export interface MessageRowProps extends Omit<Row, 'key'> {
  model: TimelineModel;
  message: Message | PendingMessage;
  isGroup: boolean;
  isFlashed: boolean;
  /** Of an own message that is stored. */
  progress: Progress | undefined;
  /** What it answers, if that is held. */
  original: Message | undefined;
  onMenu: (menu: OpenMenu) => void;
}

/** A message in the list. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, isOwn, starts, isGroup, isFirstUnread, isFlashed, onMenu } = props;
  const seq = isStored(message) ? message.seq : undefined;
  const sender = usePerson(isStored(message) ? message.sender_id : '');
  const mark = isStored(message) ? props.progress : toMark(message);
  const isPerson = isGroup && !isOwn;
  const isDeleted = isStored(message) && message.deleted_at !== undefined;
  const press = usePress((place) => (isDeleted ? undefined : onMenu({ message, place })));
  return (
    <>
      {isFirstUnread && (
        <p class="timeline-unread" role="separator" aria-label={texts().unread}>
          <span>{texts().unread}</span>
        </p>
      )}
      <article
        class={classes(
          'row',
          seq !== undefined && 'row-stored',
          isOwn && 'row-own',
          starts && 'row-starts',
          isFlashed && 'row-flashed',
        )}
        data-seq={seq}
        data-id={message.client_id}
        tabIndex={-1}
        aria-label={toRowName({ message, mark, author: isOwn ? undefined : sender.name })}
        {...press}
      >
        {isPerson && (
          <span class="row-avatar">
            {starts && (
              <Link href={paths.person(sender.id)} tabIndex={-1} aria-hidden="true">
                <Avatar id={sender.id} name={sender.name} src={sender.src} size={2.25} />
              </Link>
            )}
          </span>
        )}
        <Bubble {...props} mark={mark} author={isPerson && starts ? sender : undefined} />
      </article>
    </>
  );
});
