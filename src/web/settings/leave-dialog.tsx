import { useId, useState } from 'preact/hooks';
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
    deactivate: 'Deactivate account?',
    deactivateText:
      "You'll be logged out on all devices and your profile will be hidden. Only the server's admin can undo this.",
    deactivateAction: 'Deactivate',
    deactivated: 'Your account is deactivated',
    delete: 'Delete account?',
    deleteText:
      'Your name, picture and contact details will be erased, and you will leave all groups. Your messages stay under “Deleted account”. This cannot be undone.',
    deleteAction: 'Delete forever',
    deleted: 'Your account is deleted',
    password: 'Current password',
  },
  ru: {
    deactivate: 'Деактивировать аккаунт?',
    deactivateText:
      'Вы выйдете из аккаунта на всех устройствах, а профиль будет скрыт. Отменить это может только администратор сервера.',
    deactivateAction: 'Деактивировать',
    deactivated: 'Аккаунт деактивирован',
    delete: 'Удалить аккаунт?',
    deleteText:
      'Имя, фото и контакты будут удалены, вы выйдете из всех групп. Сообщения сохранятся под именем «Удалённый аккаунт». Отменить это нельзя.',
    deleteAction: 'Удалить навсегда',
    deleted: 'Аккаунт удалён',
    password: 'Текущий пароль',
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
  });
  return (
    <Dialog
      title={t[leaving]}
      onClose={onClose}
      actions={
        <Button kind="danger" type="submit" form={id} busy={busy}>
          {t[`${leaving}Action`]}
        </Button>
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
