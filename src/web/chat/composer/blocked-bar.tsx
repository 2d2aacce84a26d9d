import { toErrorText } from '../../app/error-text.ts';
import { otherOf } from '../../app/names.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toast.tsx';
import { absence } from '../absence.ts';
import './blocked-bar.css';

const texts = defineTexts({
  en: { blocked: 'You blocked this person.', unblock: 'Unblock' },
  ru: { blocked: 'Этот человек заблокирован.', unblock: 'Разблокировать' },
});

/** Stands where one would write to a person whom one has blocked. */
export function BlockedBar({ chatId }: { chatId: string }) {
  const messenger = useMessenger();
  const chat = useSlice(`chat:${chatId}`);
  const unblock = async (): Promise<void> => {
    try {
      const userId = chat && otherOf(chat, messenger.user?.id);
      await messenger.request({ method: 'DELETE', path: `/api/v1/users/${userId}/block` });
      absence.value = undefined;
    } catch (error) {
      toast(toErrorText(error));
    }
  };
  return (
    <div class="composer-blocked">
      <p>{texts().blocked}</p>
      <Button kind="plain" onClick={() => void unblock()}>
        {texts().unblock}
      </Button>
    </div>
  );
}
