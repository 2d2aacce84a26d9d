import { usePerson } from '../../app/names.ts';
import { defineTexts } from '../../texts/texts.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { Target } from '../target.ts';
import { toLine } from '../text/line.ts';

const texts = defineTexts({
  en: {
    edit: 'Edit message',
    reply: (name: string) => `Reply to ${name}`,
    stopEdit: 'Cancel editing',
    stopReply: 'Cancel reply',
  },
  ru: {
    edit: 'Изменение сообщения',
    reply: (name: string) => `Ответ: ${name}`,
    stopEdit: 'Отменить изменение',
    stopReply: 'Отменить ответ',
  },
});

/** Over the field: which message is answered or corrected. */
export function TargetBar({ target: { kind, message }, onClose }: { target: Target; onClose: () => void }) {
  const { name } = usePerson(message.sender_id);
  return (
    <div class="composer-target">
      <Icon name={kind} />
      <div class="composer-target-text">
        <strong>{kind === 'edit' ? texts().edit : texts().reply(name)}</strong>
        <span dir="auto">{toLine(message)}</span>
      </div>
      <IconButton icon="close" label={kind === 'edit' ? texts().stopEdit : texts().stopReply} onClick={onClose} />
    </div>
  );
}
