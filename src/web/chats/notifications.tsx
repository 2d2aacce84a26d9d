import { useState } from 'preact/hooks';
import { writeSetting } from '../app/settings.ts';
import { defineTexts } from '../texts/texts.ts';
import { Switch } from '../ui/field.tsx';
import { chooseNotifications, isPossible, isRefused, isTextShown, isWanted } from './notify.ts';

const texts = defineTexts({
  en: {
    label: 'Notifications',
    hint: 'Notify me when this tab is not active',
    text: 'Show message text',
    textHint: 'Otherwise you only see who wrote',
    refused: 'Notifications from this page are blocked. Allow them in the browser settings.',
    impossible: "This browser doesn't support notifications.",
  },
  ru: {
    label: 'Уведомления',
    hint: 'Уведомлять, когда вкладка неактивна',
    text: 'Показывать текст сообщений',
    textHint: 'Иначе будет видно только, кто написал',
    refused: 'Браузер блокирует уведомления с этой страницы. Разрешить их можно в его настройках.',
    impossible: 'Этот браузер не поддерживает уведомления.',
  },
});

/** Switches notifications on and off on this device; the browser is asked only then. */
export function NotificationsSwitch() {
  const t = texts();
  const [hasText, setHasText] = useState(isTextShown());
  const isOn = isWanted.value && !isRefused.value;
  return (
    <>
      <Switch
        label={t.label}
        hint={isPossible ? (isRefused.value ? t.refused : t.hint) : t.impossible}
        checked={isOn}
        disabled={!isPossible}
        onChange={(on) => void chooseNotifications(on)}
      />
      <Switch
        label={t.text}
        hint={t.textHint}
        checked={hasText}
        disabled={!isOn}
        onChange={(on) => {
          writeSetting('notifyText', on ? undefined : 'off');
          setHasText(on);
        }}
      />
    </>
  );
}
