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
import type { MessageRowProps } from './row-props.ts';
import { isStored } from './rows.ts';
import { usePress } from './press.ts';

const texts = defineTexts({
  en: { unread: 'New messages' },
  ru: { unread: 'Новые сообщения' },
});

/** A message in the list. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, isOwn, starts, isGroup, isFirstUnread, isFlashed, isAsked, onMenu } = props;
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
          isAsked && 'row-asked',
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
