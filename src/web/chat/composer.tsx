import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { lazily } from '../app/lazy.tsx';
import { useMessenger, useSlice } from '../app/slices.ts';
import { EmojiPopover } from '../emoji/lazy-popover.ts';
import { IconButton } from '../ui/button.tsx';
import { isTouch } from '../ui/touch.ts';
import { absence } from './absence.ts';
import { MessageDialogs } from './actions/message-dialogs.tsx';
import { fit, insert } from './composer/area.ts';
import { countLeft } from './composer/measure.ts';
import { MentionList, toOptionId } from './composer/mention-list.tsx';
import { onPaste, refuseDroppedFiles } from './composer/refuse-files.ts';
import { TargetBar } from './composer/target-bar.tsx';
import { texts } from './composer/texts.ts';
import { useMentions } from './composer/use-mentions.ts';
import { useMessage } from './composer/use-message.ts';
import './composer.css';

const BlockedBar = lazily<{ chatId: string }>(async () => (await import('./composer/blocked-bar.tsx')).BlockedBar);

/** Where one writes. */
export function Composer({ chatId }: { chatId: string }) {
  const messenger = useMessenger();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const message = useMessage(chatId);
  const { text, setText, target } = message;
  const mentions = useMentions(chatId, { area, text, onPick: message.notePicked });
  const [picker, setPicker] = useState<Element>();
  const isOffline = useOffline();
  const left = countLeft(text, messenger.limits);

  useEffect(refuseDroppedFiles, []);
  useEffect(() => {
    // Where keys are at hand; elsewhere they would cover the chat.
    if (!isTouch()) area.current!.focus();
  }, []);
  useLayoutEffect(() => fit(area.current!), [text]);
  useEffect(() => {
    if (target) area.current!.focus();
  }, [target]);

  const submit = (): void => {
    if (left !== undefined && left < 0) return;
    message.submit(mentions.people);
    mentions.close();
    area.current!.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || mentions.onKeyDown(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      // There Enter begins a line and the button sends.
      if (isTouch() && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && target) {
      event.preventDefault();
      message.leaveTarget();
    } else if (event.key === 'ArrowUp' && text === '' && message.editLast()) event.preventDefault();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {absence.value === 'blocked' && <BlockedBar chatId={chatId} />}
      {target && <TargetBar target={target} onClose={message.leaveTarget} />}
      {mentions.found.length > 0 && (
        <MentionList id={id} people={mentions.found} current={mentions.current} onPick={mentions.pick} />
      )}
      <div class="unseen" role="status">
        {mentions.found.length > 0 && texts().found(mentions.found.length)}
      </div>
      <div class="composer-row">
        <IconButton
          icon="emoji"
          label={texts().emoji}
          aria-expanded={picker !== undefined}
          onClick={(event) => setPicker(picker ? undefined : event.currentTarget)}
        />
        <textarea
          ref={area}
          class="composer-field"
          rows={1}
          dir="auto"
          aria-label={texts().message}
          placeholder={isOffline ? texts().later : texts().message}
          autocomplete="off"
          {...(mentions.found.length > 0 && {
            'aria-autocomplete': 'list',
            'aria-controls': id,
            'aria-activedescendant': toOptionId(id, mentions.current),
          })}
          aria-invalid={left !== undefined && left < 0}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            mentions.look();
          }}
          onSelect={mentions.look}
          onBlur={mentions.close}
          onPaste={onPaste}
          onKeyDown={onKeyDown}
        />
        <IconButton
          type="submit"
          kind="primary"
          icon={target?.kind === 'edit' ? 'check' : 'send'}
          label={target?.kind === 'edit' ? texts().save : texts().send}
          disabled={text.trim() === '' || (left !== undefined && left < 0)}
          // The keyboard of a phone stays.
          onPointerDown={(event) => event.preventDefault()}
        />
      </div>
      {left !== undefined && (
        <p class={left < 0 ? 'composer-left field-error' : 'composer-left field-hint'} role="status">
          {left < 0 ? texts().tooLong(-left) : texts().left(left)}
        </p>
      )}
      {picker && (
        <EmojiPopover
          place={{ element: picker }}
          onPick={(emoji) => insert(area.current!, emoji)}
          onClose={() => {
            setPicker(undefined);
            if (!isTouch()) area.current?.focus();
          }}
        />
      )}
      <MessageDialogs chatId={chatId} />
    </form>
  );
}

/** There was no connection, and the next one is not there yet. */
function useOffline(): boolean {
  const state = useSlice('connection');
  const isOffline = useRef(false);
  isOffline.current = state === 'offline' || (state === 'connecting' && isOffline.current);
  return isOffline.current;
}
