import { useId, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { leaveBy } from '../app/session.ts';
import { findBlanks } from '../entrance/mistakes.ts';
import { useForm } from '../entrance/use-form.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';

const texts = defineTexts({
  en: {
    deactivate: 'Deactivate the account?',
    deactivateText: 'All devices are logged out and nobody finds you. Only whoever runs this server can undo it.',
    deactivateAction: 'Deactivate',
    deactivated: 'Your account is deactivated',
    delete: 'Delete the account for ever?',
    deleteText:
      'Your name, picture and addresses go, and you leave every group. Your messages stay under “Deleted account”. This cannot be undone.',
    deleteAction: 'Delete for ever',
    deleted: 'Your account is deleted',
    password: 'Current password',
    cancel: 'Cancel',
  },
  ru: {
    deactivate: 'Отключить аккаунт?',
    deactivateText:
      'Все устройства выйдут из аккаунта, и никто вас не найдёт. Отменить это может только тот, кто держит сервер.',
    deactivateAction: 'Отключить',
    deactivated: 'Аккаунт отключён',
    delete: 'Удалить аккаунт навсегда?',
    deleteText:
      'Имя, фото и адреса исчезнут, все группы останутся без вас. Сообщения сохранятся под именем «Удалённый аккаунт». Отменить это нельзя.',
    deleteAction: 'Удалить навсегда',
    deleted: 'Аккаунт удалён',
    password: 'Текущий пароль',
    cancel: 'Отмена',
  },
});

export type Leaving = 'deactivate' | 'delete';

const requests = {
  deactivate: { method: 'POST', path: '/api/v1/users/me/deactivate' },
  delete: { method: 'DELETE', path: '/api/v1/users/me' },
} as const;

/** Asks for the password before what only the operator can undo, or nobody. */
export function LeaveDialog({ leaving, onClose }: { leaving: Leaving; onClose: () => void }) {
  const t = texts();
  const id = useId();
  const [password, setPassword] = useState('');
  const { form, errors, busy } = useForm({
    check: () => findBlanks({ current_password: password }),
    send: async () => {
      await leaveBy({ ...requests[leaving], body: { current_password: password } });
      toast(leaving === 'delete' ? t.deleted : t.deactivated);
    },
    explain: (error) =>
      error.code === 'wrong_password' ? { fields: { current_password: toErrorText(error) } } : undefined,
  });
  return (
    <Dialog
      title={t[leaving]}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button kind="danger" type="submit" form={id} busy={busy}>
            {t[`${leaving}Action`]}
          </Button>
        </>
      }
    >
      <p>{t[`${leaving}Text`]}</p>
      <form id={id} {...form}>
        <PasswordField
          kind="current"
          label={t.password}
          value={password}
          onInput={setPassword}
          error={errors.fields['current_password']}
        />
      </form>
      {errors.text && <Note kind="danger">{errors.text}</Note>}
    </Dialog>
  );
}
