import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { defineTexts } from '../texts/texts.ts';
import { Switch } from '../ui/field.tsx';
import { toast } from '../ui/toast.tsx';
import { BlockedPeople } from './blocked-people.tsx';
import { useOwnProfile } from './own-profile.ts';
import { Waiting } from './use-loaded.tsx';

const texts = defineTexts({
  en: {
    hide: 'Hide my online status',
    hint: "Others won't see when you're online or when you were last seen",
    blocked: 'Blocked people',
  },
  ru: {
    hide: 'Скрывать мой статус «в сети»',
    hint: 'Другие не увидят, в сети ли вы и когда были в последний раз',
    blocked: 'Заблокированные',
  },
});

/** What others see of one's comings and goings, and who may not write. */
export function PrivacySection() {
  const t = texts();
  const { value: profile, change, ...waiting } = useOwnProfile();
  const [wanted, setWanted] = useState<boolean>();
  const hide = async (hidden: boolean): Promise<void> => {
    setWanted(hidden);
    try {
      await change({ presence_hidden: hidden });
    } catch (error) {
      toast(toErrorText(error));
    } finally {
      setWanted(undefined);
    }
  };
  return (
    <>
      <div class="settings-part">
        {profile === undefined ? (
          <Waiting {...waiting} />
        ) : (
          <Switch
            label={t.hide}
            hint={t.hint}
            checked={wanted ?? profile.presence_hidden}
            onChange={(hidden) => void hide(hidden)}
          />
        )}
      </div>
      <div class="settings-part">
        <h2>{t.blocked}</h2>
        <BlockedPeople />
      </div>
    </>
  );
}
