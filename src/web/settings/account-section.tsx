import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { logOut } from '../app/session.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';
import { LeaveDialog, type Leaving } from './leave-dialog.tsx';

const texts = defineTexts({
  en: {
    logOutTitle: 'This device',
    logOut: 'Log out',
    logOutText: 'Your messages stay on the server.',
    unsent: (n: number) => `${countEn(n, 'message has', 'messages have')} not been sent yet and will be lost.`,
    everywhereTitle: 'All devices',
    everywhere: 'Log out everywhere',
    everywhereText: 'You will be logged out on all devices, including this one.',
    onlyHere: "Couldn't reach the server. Next time you log in, log this device out under Devices.",
    deactivateTitle: 'Deactivation',
    deactivate: 'Deactivate account',
    deactivateText: "Your profile will be hidden, and you can't log in until the server's admin restores your account.",
    deleteTitle: 'Deletion',
    delete: 'Delete account',
    deleteText: 'This cannot be undone. Your messages stay, without your name.',
  },
  ru: {
    logOutTitle: 'Это устройство',
    logOut: 'Выйти',
    logOutText: 'Переписка останется на сервере.',
    unsent: (n: number) => `Не отправлено и потеряется: ${countRu(n, 'сообщение', 'сообщения', 'сообщений')}.`,
    everywhereTitle: 'Все устройства',
    everywhere: 'Выйти везде',
    everywhereText: 'На всех устройствах, включая это, нужно будет войти заново.',
    onlyHere: 'Нет связи с сервером. При следующем входе отключите это устройство в разделе «Устройства».',
    deactivateTitle: 'Деактивация',
    deactivate: 'Деактивировать аккаунт',
    deactivateText: 'Профиль будет скрыт, а войти снова можно будет, когда администратор сервера восстановит аккаунт.',
    deleteTitle: 'Удаление',
    delete: 'Удалить аккаунт',
    deleteText: 'Отменить это нельзя. Сообщения останутся, но без вашего имени.',
  },
});

type Asking = 'logOut' | 'everywhere' | Leaving;

/** Ways out. */
export function AccountSection() {
  const t = texts();
  const messenger = useMessenger();
  const unsent = useSlice('outbox').length;
  const [asking, setAsking] = useState<Asking>();
  const [busy, setBusy] = useState(false);
  const close = (): void => setAsking(undefined);

  const leave = async (everywhere: boolean): Promise<void> => {
    setBusy(true);
    try {
      if (everywhere) await messenger.request({ method: 'DELETE', path: '/api/v1/sessions' });
    } catch (error) {
      toast(toErrorText(error));
      setBusy(false);
      return;
    }
    // Here it has ended all the same.
    await logOut().catch(() => toast(t.onlyHere));
  };
  return (
    <>
      {(['logOut', 'everywhere', 'deactivate', 'delete'] as const).map((what) => (
        <section key={what} class="settings-part settings-row">
          <div class="settings-deed">
            <h2>{t[`${what}Title`]}</h2>
            <p class="settings-quiet">{t[`${what}Text`]}</p>
          </div>
          <Button
            kind={what === 'logOut' || what === 'everywhere' ? 'secondary' : 'danger'}
            busy={busy}
            onClick={() => {
              if (what === 'logOut' && unsent === 0) void leave(false);
              else setAsking(what);
            }}
          >
            {t[what]}
          </Button>
        </section>
      ))}
      {(asking === 'logOut' || asking === 'everywhere') && (
        <Confirm
          title={t[asking]}
          text={unsent > 0 ? t.unsent(unsent) : t.everywhereText}
          action={t[asking]}
          danger={unsent > 0}
          busy={busy}
          onConfirm={() => void leave(asking === 'everywhere')}
          onClose={close}
        />
      )}
      {(asking === 'deactivate' || asking === 'delete') && <LeaveDialog leaving={asking} onClose={close} />}
    </>
  );
}
