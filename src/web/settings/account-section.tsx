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
    logOut: 'Log out',
    logOutText: 'On this device.',
    unsent: (n: number) => `${countEn(n, 'message has', 'messages have')} not been sent yet and would be lost.`,
    everywhere: 'Log out everywhere',
    everywhereText: 'On all devices, this one included.',
    onlyHere: 'The server could not be told. End this session under Devices when you are back.',
    deactivate: 'Deactivate',
    deactivateText: 'Nobody finds you, and you cannot log in until whoever runs the server lets you.',
    delete: 'Delete the account',
    deleteText: 'For ever. What you wrote stays, without your name.',
  },
  ru: {
    logOut: 'Выйти',
    logOutText: 'На этом устройстве.',
    unsent: (n: number) => `Не отправлено и потеряется: ${countRu(n, 'сообщение', 'сообщения', 'сообщений')}.`,
    everywhere: 'Выйти везде',
    everywhereText: 'На всех устройствах, включая это.',
    onlyHere: 'Сервер об этом не узнал. Когда вернётесь, завершите этот сеанс в разделе «Устройства».',
    deactivate: 'Отключить',
    deactivateText: 'Никто не найдёт вас, а войти снова можно будет, только когда разрешит тот, кто держит сервер.',
    delete: 'Удалить аккаунт',
    deleteText: 'Навсегда. Написанное останется, но без вашего имени.',
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
  const rows: readonly { what: Asking; text: string; kind: 'secondary' | 'danger' }[] = [
    { what: 'logOut', text: t.logOutText, kind: 'secondary' },
    { what: 'everywhere', text: t.everywhereText, kind: 'secondary' },
    { what: 'deactivate', text: t.deactivateText, kind: 'danger' },
    { what: 'delete', text: t.deleteText, kind: 'danger' },
  ];
  return (
    <>
      {rows.map(({ what, text, kind }) => (
        <div key={what} class="settings-part settings-row">
          <p>{text}</p>
          <Button
            kind={kind}
            busy={busy}
            onClick={() => {
              if (what === 'logOut' && unsent === 0) void leave(false);
              else setAsking(what);
            }}
          >
            {t[what]}
          </Button>
        </div>
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
